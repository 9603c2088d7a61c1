//! Both ends of the benches, from an entry point typed sync: every wait is on
//! the guest's own stack.

use std::hint::black_box;
use std::time::Instant;
use weft_guest::blocking::{Reader, Writer};
use weft_guest::{Batch, Error};

/// Frames of one batch.
const BATCH: usize = 1024;

/// Plays a role with this many frames of this many bytes and returns how many it sent or got.
#[weft_guest::main]
fn main(
    role: String,
    frames: u64,
    size: u32,
    input: Reader,
    output: Writer,
) -> weft_guest::Result<u64> {
    let payload = vec![7; size as usize];
    match role.as_str() {
        "send" => send(&output, frames, &payload),
        "receive" => receive(input),
        "send-packed" => send_packed(&output, frames, &payload),
        "receive-packed" => receive_packed(input),
        "ping" => ping(input, &output, frames, &payload),
        "ping-longest" => ping_longest(input, &output, frames, &payload),
        "pong" => pong(input, &output),
        "spin" => spin(),
        _ => Err(Error::msg(format!("there is no role `{role}`"))),
    }
}

fn send(output: &Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    for _ in 0..frames {
        output.write(payload)?.or_dropped();
    }
    Ok(frames)
}

fn receive(mut input: Reader) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while input.read()?.is_some() {
        frames += 1;
    }
    Ok(frames)
}

fn send_packed(output: &Writer, frames: u64, payload: &[u8]) -> weft_guest::Result<u64> {
    let (mut batch, mut sent) = (Batch::new(), 0);
    while sent < frames {
        while batch.len() < BATCH && sent < frames {
            batch.push(payload);
            sent += 1;
        }
        output.write_packed(&batch)?;
        batch.clear();
    }
    Ok(sent)
}

fn receive_packed(mut input: Reader) -> weft_guest::Result<u64> {
    let (mut frames, mut bytes) = (0, 0);
    while let batch = input.read_packed(u32::MAX, 64 << 10)?
        && !batch.is_empty()
    {
        // Looks at every frame, as whoever reads frames does.
        bytes += batch.iter().map(<[u8]>::len).sum::<usize>();
        frames += batch.len() as u64;
    }
    std::hint::black_box(bytes);
    Ok(frames)
}

fn ping(
    mut input: Reader,
    output: &Writer,
    frames: u64,
    payload: &[u8],
) -> weft_guest::Result<u64> {
    for _ in 0..frames {
        output.write(payload)?.or_dropped();
        input
            .read()?
            .ok_or_else(|| Error::msg("the other end is gone"))?;
    }
    Ok(frames)
}

/// As `ping`; returns the nanoseconds of the longest round trip.
fn ping_longest(
    mut input: Reader,
    output: &Writer,
    frames: u64,
    payload: &[u8],
) -> weft_guest::Result<u64> {
    let mut longest = 0;
    for _ in 0..frames {
        let since = Instant::now();
        output.write(payload)?.or_dropped();
        input.read()?;
        longest = longest.max(since.elapsed().as_nanos() as u64);
    }
    Ok(longest)
}

/// Never gives the host a chance to be polite.
fn spin() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns + 1);
    }
}

fn pong(mut input: Reader, output: &Writer) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read()? {
        output.write(&frame.payload)?.or_dropped();
        frames += 1;
    }
    Ok(frames)
}
