//! What an idle channel holds, as the allocator counts it.
//!
//! `bench-memory [FILTER]` prints the row and writes `target/bench-memory.json`. It is a program of its own, since the allocator that counts
//! would slow down all other rows. Nothing here passes or fails.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// The other benches use the rest of it.
#[allow(dead_code)]
#[path = "../measure.rs"]
mod measure;

use bytes::Bytes;
use measure::{Case, Target, always, round};
use std::path::Path;
use weft_channel::{Channel, Options};

/// Channels made, so that what belongs to none of them vanishes.
const CHANNELS: usize = 1_000;
/// Bytes of a small frame.
const SIZE: u64 = 64;
/// Small frames that a channel has room for.
const PLACES: usize = 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    measure::bench(cases(), &filter, &target.join("bench-memory.json")).await;
}

fn cases() -> Vec<Case> {
    vec![Case {
        name: "idle-channel".into(),
        unit: "B/channel",
        row: round(|| async {
            bytes_each(|| {
                let channel = Channel::new(Options::new(PLACES as u64 * SIZE)).unwrap();
                (channel.strong_writer().unwrap(), channel.strong_reader())
            })
        }),
        baseline: "tokio mpsc of as many places",
        baseline_row: always(|| async {
            bytes_each(|| tokio::sync::mpsc::channel::<Bytes>(PLACES))
        }),
        target: Target::Below(1024.0),
    }]
}

/// Bytes on the heap for each thing made.
fn bytes_each<T>(make: impl Fn() -> T) -> f64 {
    let mut held = Vec::with_capacity(CHANNELS);
    let counted = allocation_counter::measure(|| held.extend((0..CHANNELS).map(|_| make())));
    counted.bytes_current as f64 / CHANNELS as f64
}
