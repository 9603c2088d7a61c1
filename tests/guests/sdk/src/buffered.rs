//! Buffered ends: what leaves when, and who is told of errors.

use crate::text;
use std::pin::pin;
use std::time::Duration;
use weft_guest::futures::channel::oneshot;
use weft_guest::futures::{FutureExt, SinkExt, StreamExt, join, select};
use weft_guest::{Reader, Result, Writer, spawn, time};

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    match name {
        "converse" => converse(input, output, number).await,
        "join" => join(input, output).await,
        "select" => select(input, output).await,
        "spawned" => spawned(input, output).await,
        "copy" => copy(input, output).await,
        "numbers" => numbers(output, number).await,
        "drop" => dropped(input, output).await,
        "blocked" => blocked(input, output, number).await,
        "error-next" => error_next(input, output).await,
        "error-end" => error_end(input, output).await,
        "too-large" => too_large(output, number).await,
        "sink" => sink(input, output).await,
        "typed" => typed(output, number).await,
        "beside" => beside(input, output, number).await,
        _ => Err(crate::unknown(name)),
    }
}

/// Each frame is answered before the next is sent.
async fn converse(mut input: Reader, output: Writer, rounds: u32) -> Result<String> {
    let mut output = output.buffered();
    for round in 0..rounds {
        output.write(round.to_le_bytes()).await?;
        let answer = input.read().await?;
        if answer.is_none_or(|answer| answer.payload != round.to_le_bytes()) {
            return Ok(format!("a wrong answer in round {round}"));
        }
    }
    Ok(output.frames_sent().to_string())
}

/// One branch sends and waits for the other, which waits for the answer.
async fn join(mut input: Reader, output: Writer) -> Result<String> {
    let (tell, told) = oneshot::channel();
    let mut output = output.buffered();
    let asking = async {
        output.write("ask").await?;
        Ok::<_, weft_guest::Error>(told.await.unwrap_or_default())
    };
    let hearing = async {
        let answer = text(input.read().await?);
        let _ = tell.send(answer);
        Ok::<_, weft_guest::Error>(())
    };
    let (asked, heard) = join!(asking, hearing);
    heard?;
    asked
}

/// The answer comes while a timer runs beside.
async fn select(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    output.write("ask").await?;
    let mut read = pin!(input.read().fuse());
    let mut timer = pin!(time::sleep(Duration::from_secs(3600)).fuse());
    select! {
        frame = read => Ok(text(frame?)),
        () = timer => Ok("no answer".to_owned()),
    }
}

/// A task sends, and waits for what only the main future can tell it.
async fn spawned(mut input: Reader, output: Writer) -> Result<String> {
    let (tell, told) = oneshot::channel::<String>();
    let (done, is_done) = oneshot::channel::<String>();
    spawn(async move {
        let mut output = output.buffered();
        let sent = output.write("ask").await;
        let told = told.await.unwrap_or_default();
        let again = output.write("thanks").await;
        let _ = done.send(format!("{told} {} {}", sent.is_ok(), again.is_ok()));
    });
    let _ = tell.send(text(input.read().await?));
    Ok(is_done.await.unwrap_or_default())
}

/// Both ends buffered.
async fn copy(input: Reader, output: Writer) -> Result<String> {
    let (mut input, mut output) = (input.buffered(), output.buffered());
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        output.write(frame).await?;
        frames += 1;
    }
    Ok(frames.to_string())
}

/// Frames of many sizes, which tell their number.
async fn numbers(output: Writer, frames: u32) -> Result<String> {
    let mut output = output.buffered();
    for number in 0..frames {
        let mut frame = number.to_le_bytes().to_vec();
        frame.resize(4 + number as usize % 60, 7);
        output.write(frame).await?;
    }
    Ok("sent".to_owned())
}

/// The writer is dropped with frames in it, and the guest goes on.
async fn dropped(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    for frame in ["one", "two", "three"] {
        output.write(frame).await?;
    }
    drop(output);
    Ok(text(input.read().await?))
}

/// More than the channel holds is collected; the guest then waits for its input
/// and for a timer, and must go on sending meanwhile.
async fn blocked(mut input: Reader, output: Writer, frames: u32) -> Result<String> {
    let mut output = output.buffered();
    for number in 0..frames {
        output.write(number.to_le_bytes()).await?;
    }
    time::sleep(Duration::from_millis(1)).await;
    // Collected while the frames before are on their way.
    output.write(frames.to_le_bytes()).await?;
    Ok(text(input.read().await?))
}

/// The error of a flush nobody asked for is given by the next send.
async fn error_next(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    input.read().await?;
    output.write("lost").await?;
    time::sleep(Duration::from_millis(1)).await;
    match output.write("after").await {
        Ok(()) => Ok("no error".to_owned()),
        Err(error) => {
            let again = output.flush().await;
            Ok(format!("{error:?} {again:?}"))
        }
    }
}

/// Nobody takes the error.
async fn error_end(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    input.read().await?;
    output.write("lost").await?;
    Ok("returned".to_owned())
}

/// One frame among others is larger than the channel.
async fn too_large(output: Writer, bytes: u32) -> Result<String> {
    let mut output = output.buffered();
    output.write("before").await?;
    output.write(vec![0; bytes as usize]).await?;
    output.write("after").await?;
    let flushed = output.flush().await;
    Ok(format!("{flushed:?}"))
}

/// A buffered writer as a sink: `flush` flushes.
async fn sink(mut input: Reader, output: Writer) -> Result<String> {
    let mut output = output.buffered();
    while let Some(frame) = input.next().await {
        output.feed(frame?.payload).await?;
    }
    let before = output.frames_sent();
    SinkExt::<Vec<u8>>::flush(&mut output).await?;
    Ok(format!("{} {}", before == 0, output.frames_sent()))
}

/// Values, and what comes after them as bytes.
async fn typed(output: Writer, values: u32) -> Result<String> {
    let mut output = weft_guest::TypedWriter::<u32>::from(output).buffered_with(16);
    for value in 0..values {
        output.write(&value).await?;
    }
    output.flush().await?;
    let sent = output.frames_sent();
    let writer = output.into_inner().into_inner().await?;
    writer.write("last").await?.or_dropped();
    Ok(sent.to_string())
}

/// Sends more than the channel holds from two branches at once, each with a
/// writer of its own, so that neither may wait alone.
async fn beside(mut input: Reader, output: Writer, frames: u32) -> Result<String> {
    let mut output = output.buffered_with(64);
    let sending = async {
        for number in 0..frames {
            output.write(number.to_le_bytes()).await?;
        }
        output.flush().await
    };
    let reading = async {
        let mut read = 0;
        while input.read().await?.is_some() {
            read += 1;
        }
        Ok::<_, weft_guest::Error>(read)
    };
    let (sent, read) = join!(sending, reading);
    sent?;
    Ok(read?.to_string())
}
