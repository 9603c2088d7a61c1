//! Who lives beside the guest that makes all this, and has so many calls to make meanwhile.

use crate::channels::channel;
use crate::make::said;
use std::time::Instant;
use weft_guest::bindings::weft::fabric::channel::{Access, Handle};

/// Milliseconds between two rounds, so that they go on for as long as others may be at work.
const PAUSE: u32 = 1;

/// In each round a channel is made, and a frame with a handle is written, read and looked into.
pub fn calls(rounds: u32) -> Result<(u32, u64), String> {
    let nothing = channel(1).and_then(|root| root.strong_reader());
    let nothing = nothing.map_err(said)?;
    let mut right = 0;
    let mut longest = 0;
    let mut last = Instant::now();
    for round in 0..rounds {
        right += u32::from(call(round)?);
        // Nothing comes: a pause.
        let _ = nothing.read_within(PAUSE);
        let now = Instant::now();
        longest = longest.max(now.duration_since(last).as_nanos() as u64);
        last = now;
    }
    Ok((right, longest))
}

/// Whether what was sent came.
fn call(round: u32) -> Result<bool, String> {
    let root = channel(64).map_err(said)?;
    let writer = root.strong_writer().map_err(said)?;
    let reader = root.strong_reader().map_err(said)?;
    let sent = root.narrow(Access::all()).map_err(said)?;
    let payload = round.to_le_bytes();
    let written = writer.write_with(&payload, vec![Handle::Channel(sent)]);
    let read = reader.read().map_err(said)?;
    let Some(read) = read else { return Ok(false) };
    let came = matches!(read.handles.as_deref(), Some([Handle::Channel(_)]));
    Ok(written.is_ok_and(|taken| taken) && came && read.frame.payload == payload)
}
