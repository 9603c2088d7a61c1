//! Counts flights by origin, of those that the filter plugged into it lets through.

use serde::Deserialize;
use std::collections::BTreeMap;
use weft_guest::packed::PackedFrames;
use weft_guest::transform::plugged;
use weft_guest::{Reader, Result};

/// Frames, and bytes of them, that are filtered at once.
const BATCH: (u32, u32) = (1024, 256 << 10);

#[derive(Deserialize)]
struct Flight {
    origin: String,
}

/// Reads flights, one line of JSON a frame, and returns the three origins with the most.
#[weft_guest::main]
async fn main(mut flights: Reader) -> Result<String> {
    let mut counts = BTreeMap::<String, u64>::new();
    loop {
        let read: PackedFrames = flights.read_packed(BATCH.0, BATCH.1).await?;
        if read.is_empty() {
            break;
        }
        for line in plugged::apply(read.iter())?.iter() {
            let flight: Flight = serde_json::from_slice(line)?;
            *counts.entry(flight.origin).or_default() += 1;
        }
    }
    let mut most: Vec<_> = counts.into_iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let most = most.iter().take(3);
    Ok(most
        .map(|(origin, count)| format!("{origin} {count}"))
        .collect::<Vec<_>>()
        .join(", "))
}

/// Counts the frames that a filter beside it lets through.
#[weft_guest::entry_point]
async fn count(mut late: Reader) -> Result<u64> {
    let mut frames = 0;
    while late.read().await?.is_some() {
        frames += 1;
    }
    Ok(frames)
}
