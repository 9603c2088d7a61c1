//! Both ends of the benches, as ordinary async code.

use weft_guest::rpc::{Client, Server};
use weft_guest::{Error, Reader, Writer};

/// Plays a role with this many frames of this many bytes and returns how many it sent or got.
#[weft_guest::main]
async fn main(
    role: String,
    frames: u64,
    size: u32,
    input: Reader,
    output: Writer,
) -> weft_guest::Result<u64> {
    let payload = vec![7; size as usize];
    match role.as_str() {
        "send" => send(&output, frames, &payload).await,
        "receive" => receive(input).await,
        "send-buffered" => send_buffered(output, frames, &payload).await,
        "receive-buffered" => receive_buffered(input).await,
        "send-bytes" => send_bytes(output, frames, &payload).await,
        "receive-bytes" => receive_bytes(input, size).await,
        "ping" => ping(input, &output, frames, &payload).await,
        "pong" => pong(input, &output).await,
        "call" => call(output, frames, &payload).await,
        "serve" => serve(input).await,
        _ => Err(Error::msg(format!("there is no role `{role}`"))),
    }
}

async fn send(output: &Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    for _ in 0..frames {
        output.write(payload).await?.or_dropped();
    }
    Ok(frames)
}

async fn receive(mut input: Reader) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while input.read().await?.is_some() {
        frames += 1;
    }
    Ok(frames)
}

async fn send_buffered(output: Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    let mut output = output.buffered();
    for _ in 0..frames {
        output.write(payload).await?;
    }
    output.flush().await?;
    Ok(frames)
}

async fn receive_buffered(input: Reader) -> weft_guest::Result<u64> {
    let mut input = input.buffered();
    let (mut frames, mut bytes) = (0, 0);
    while let Some(frame) = input.read().await? {
        bytes += frame.payload.len();
        frames += 1;
    }
    std::hint::black_box(bytes);
    Ok(frames)
}

/// Frames' worth of bytes that are handed over at a time.
const BULK: u64 = 8;

async fn send_bytes(output: Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    let mut output = output.into_bytes();
    let mut left = frames;
    while left > 0 {
        let some = left.min(BULK);
        output.write(payload.repeat(some as usize)).await?;
        left -= some;
    }
    output.finish().await?;
    Ok(frames)
}

async fn receive_bytes(input: Reader, size: u32) -> weft_guest::Result<u64> {
    let mut input = input.into_bytes();
    let (mut buffer, mut bytes) = (Vec::with_capacity(size as usize * BULK as usize), 0);
    while let read = input.read(&mut buffer).await?
        && read > 0
    {
        bytes += read as u64;
    }
    Ok(bytes / u64::from(size))
}

async fn ping(
    mut input: Reader,
    output: &Writer,
    frames: u64,
    payload: &[u8],
) -> weft_guest::Result<u64> {
    for _ in 0..frames {
        output.write(payload).await?.or_dropped();
        input
            .read()
            .await?
            .ok_or_else(|| Error::msg("the other end is gone"))?;
    }
    Ok(frames)
}

async fn pong(mut input: Reader, output: &Writer) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?.or_dropped();
        frames += 1;
    }
    Ok(frames)
}

async fn call(output: Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    let client = Client::new(output);
    for _ in 0..frames {
        client.call(payload).await?;
    }
    Ok(frames)
}

async fn serve(input: Reader) -> weft_guest::Result<u64> {
    let mut server = Server::new(input);
    let mut requests = 0;
    while let Some(mut request) = server.next().await? {
        let payload = request.take_payload();
        request.reply(payload).await?;
        requests += 1;
    }
    Ok(requests)
}
