//! What the test kit imitates, through the SDK, as a test of a guest would use it.
//!
//! The rules of channels themselves have a suite of their own (`src/testing/engine/tests.rs`); here is that guests meet them.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod channels;
mod requests;
mod rest;
mod restarts;
mod stops;

use std::time::Duration;
use weft_guest::{Reader, Result, Writer};

pub const SECOND: Duration = Duration::from_secs(1);

/// Sends on what it reads.
pub async fn copy(mut input: Reader, output: Writer) -> Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?.or_dropped();
        frames += 1;
    }
    Ok(frames)
}

/// The same, many frames at a time.
pub async fn copy_buffered(input: Reader, output: Writer) -> Result<u64> {
    let (mut input, mut output) = (input.buffered(), output.buffered());
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?;
    }
    output.flush().await?;
    Ok(output.frames_sent())
}

pub async fn send(writer: &Writer, frames: &[&str]) -> Result {
    for frame in frames {
        writer.write(*frame).await?.or_dropped();
    }
    Ok(())
}
