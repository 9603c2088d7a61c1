//! Reads that end at a request to stop, and frames that are finished.

use crate::text;
use weft_guest::{Error, Reader, Result, TypedReader, Writer};

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    match name {
        "told" => told(input).await,
        "past-stop" => past_stop(input, output).await,
        "bytes" => bytes(input).await,
        "collected" => collected(input, output).await,
        "by-hand" => by_hand(input, output, number).await,
        "buffered-by-hand" => buffered_by_hand(input, output, number).await,
        "attempts" => attempts(input, output).await,
        "batched" => batched(input, output).await,
        "batched-collected" => batched_collected(input, output).await,
        "values" => values(input, output).await,
        "packed" => packed(input, output).await,
        "some" => some(input, output, number).await,
        _ => Err(crate::unknown(name)),
    }
}

/// Copies until the reads end, and says why they have.
async fn told(mut input: Reader) -> Result<String> {
    let mut frames = 0;
    while input.read().await?.is_some() {
        frames += 1;
    }
    let why = if input.is_stopped() { "stop" } else { "end" };
    Err(Error::msg(format!("{frames} {why}")))
}

/// Copies to the end of the channel.
async fn past_stop(input: Reader, output: Writer) -> Result<String> {
    let mut input = input.past_stop();
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?.or_dropped();
    }
    Ok("end".to_owned())
}

/// Reads a stream of bytes.
async fn bytes(input: Reader) -> Result<String> {
    let mut input = input.into_bytes();
    let (mut buffer, mut bytes) = (Vec::with_capacity(64), 0);
    loop {
        buffer.clear();
        match input.read(&mut buffer).await? {
            0 => return Ok(bytes.to_string()),
            read => bytes += read,
        }
    }
}

fn fails_at(payload: &[u8]) -> Result<()> {
    match payload {
        b"fail" => Err(Error::msg("told to")),
        b"trap" => panic!("told to"),
        _ => Ok(()),
    }
}

/// Copies with a writer that collects.
async fn collected(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    while let Some(frame) = input.read().await? {
        fails_at(&frame.payload)?;
        output.write(frame.payload).await?;
    }
    Ok("end".to_owned())
}

/// Says each frame with its delivery, finishes the first `number`, and fails at `fail`.
async fn by_hand(mut input: Reader, output: Writer, number: u32) -> Result<String> {
    input.commit();
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        fails_at(&frame.payload)?;
        frames += 1;
        let said = format!("{} {}", text(Some(frame)), input.attempt());
        output.write(said).await?.or_dropped();
        if frames <= number {
            input.commit();
        }
    }
    Ok("end".to_owned())
}

/// The same with a reader that takes many frames at a time.
async fn buffered_by_hand(input: Reader, output: Writer, number: u32) -> Result<String> {
    let mut input = input.buffered();
    input.commit();
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        let said = String::from_utf8_lossy(&frame).into_owned();
        if said == "fail" {
            return Err(Error::msg("told to"));
        }
        frames += 1;
        output
            .write(format!("{said} {}", input.attempt()))
            .await?
            .or_dropped();
        if frames <= number {
            input.commit();
        }
    }
    Ok("end".to_owned())
}

/// Says each frame with its delivery, then does what it says.
async fn attempts(mut input: Reader, output: Writer) -> Result<String> {
    while let Some(frame) = input.read().await? {
        let delivery = input.attempt();
        let said = String::from_utf8_lossy(&frame.payload).into_owned();
        output
            .write(format!("{said} {delivery}"))
            .await?
            .or_dropped();
        fails_at(&frame.payload)?;
    }
    Ok("end".to_owned())
}

/// Copies with a reader that takes many frames at a time.
async fn batched(input: Reader, output: Writer) -> Result<String> {
    let mut input = input.buffered();
    while let Some(frame) = input.read().await? {
        fails_at(&frame)?;
        output.write(frame.to_vec()).await?.or_dropped();
    }
    Ok("end".to_owned())
}

/// The same with a writer that collects.
async fn batched_collected(input: Reader, output: Writer) -> Result<String> {
    let (mut input, mut output) = (input.buffered(), output.buffered());
    while let Some(frame) = input.read().await? {
        fails_at(&frame)?;
        output.write(&frame).await?;
    }
    Ok("end".to_owned())
}

/// Copies numbers and fails at 0.
async fn values(input: Reader, output: Writer) -> Result<String> {
    let mut input = TypedReader::<u32>::from(input);
    while let Some(number) = input.read().await? {
        assert_ne!(number, 0, "told to");
        output.write(number.to_string()).await?.or_dropped();
    }
    Ok("end".to_owned())
}

/// Copies batches, and finishes each frame by hand.
async fn packed(mut input: Reader, output: Writer) -> Result<String> {
    input.commit();
    loop {
        let frames = input.read_packed(100, 1000).await?;
        if frames.is_empty() {
            return Ok("end".to_owned());
        }
        for frame in frames.iter() {
            fails_at(frame)?;
            output.write(frame).await?.or_dropped();
            input.commit_first(1);
        }
    }
}

/// Copies so many frames, of more that it takes, and ends well.
async fn some(input: Reader, output: Writer, frames: u32) -> Result<String> {
    let mut input = input.buffered();
    for _ in 0..frames {
        let Some(frame) = input.read().await? else {
            return Err(Error::msg("no more"));
        };
        output.write(frame.to_vec()).await?.or_dropped();
    }
    Ok("some".to_owned())
}
