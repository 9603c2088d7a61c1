//! The row of memory: what an idle channel holds, as the allocator counts it.

use crate::engine;
use crate::measure::{Case, Target, always, round};
use crate::{PLACES, SIZE};
use bytes::Bytes;

/// Channels made, so that what belongs to none of them vanishes.
const CHANNELS: usize = 1_000;

/// The row.
pub fn cases() -> Vec<Case> {
    vec![Case {
        name: "idle-channel".into(),
        unit: "B/channel",
        row: round(|| async {
            bytes_each(|| {
                let channel = engine::channel(PLACES * SIZE);
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
