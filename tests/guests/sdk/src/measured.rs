//! What things cost, in nanoseconds each; needs the capability `clocks`.

use std::hint::black_box;
use std::time::{Duration, Instant};
use weft_guest::{Batch, Channel, Reader, Result, Writer, spawn, time};

/// Bytes of a frame.
const FRAME: [u8; 64] = [7; 64];

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    let started = Instant::now();
    match name {
        "vec" => vec(number),
        "batch" => batch(number)?,
        "send" => send(number).await?,
        "converse" => converse(input, output, number).await?,
        "converse-async" => {
            // Something else to wait for.
            spawn(time::sleep(Duration::from_secs(2)));
            converse(input, output, number).await?;
        }
        "read" => read(input).await?,
        "write" => write(output, number).await?,
        _ => return Err(crate::unknown(name)),
    }
    Ok((started.elapsed().as_nanos() / u128::from(number.max(1))).to_string())
}

/// What a buffered send is compared with.
fn vec(number: u32) {
    let mut batch = Batch::new();
    for _ in 0..number {
        batch.push(black_box(&FRAME));
        if batch.bytes() > 60_000 {
            black_box(&batch);
            batch.clear();
        }
    }
}

/// The same, and the calls that send it.
fn batch(number: u32) -> Result {
    let channel = Channel::dropping(1 << 20)?;
    let writer = channel.strong_writer()?;
    let mut batch = Batch::new();
    for _ in 0..number {
        batch.push(black_box(&FRAME));
        if batch.bytes() > 60_000 {
            writer.try_write_packed(&batch)?;
            batch.clear();
        }
    }
    Ok(())
}

/// Into a channel that nobody reads and that drops what finds no room.
async fn send(number: u32) -> Result {
    let channel = Channel::dropping(1 << 20)?;
    let mut writer = channel.strong_writer()?.buffered();
    for _ in 0..number {
        writer.send(black_box(&FRAME)).await?;
    }
    Ok(())
}

async fn converse(mut input: Reader, output: Writer, rounds: u32) -> Result {
    for _ in 0..rounds {
        output.write(FRAME).await?;
        input.read().await?;
    }
    Ok(())
}

async fn read(input: Reader) -> Result {
    let mut input = input.buffered();
    let mut bytes = 0;
    while let Some(frame) = input.read().await? {
        bytes += frame.len();
    }
    black_box(bytes);
    Ok(())
}

async fn write(output: Writer, number: u32) -> Result {
    let mut output = output.buffered();
    for _ in 0..number {
        output.send(&FRAME).await?;
    }
    output.flush().await?;
    Ok(())
}
