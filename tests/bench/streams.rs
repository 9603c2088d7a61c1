//! Rows of frames that go from one guest to another.

use crate::guests::{ASYNC, BLOCKING, Play, play};
use crate::measure::{Case, Round, Target, always, round};
use crate::{PLACES, SIZE, native};
use weft_host::Host;

/// Frames of a round, one a call.
const SINGLY: u64 = 100_000;
/// Frames of a round in batches.
const BATCHED: u64 = 2_000_000;
/// Small frames a channel of batches has room for: a few batches, so that both guests work at
/// once. The baseline has as many places.
const BATCHED_PLACES: usize = 8 * PLACES;
/// Large frames of a round.
const LARGE: u64 = 4_096;
/// Bytes of a large frame.
const LARGE_SIZE: usize = 64 << 10;
/// Large frames a channel has room for.
const LARGE_PLACES: usize = 16;

/// The rows.
pub fn cases(host: &Host) -> Vec<Case> {
    let singly = |component| Play {
        component,
        roles: ["send", "receive"],
        frames: SINGLY,
        size: SIZE,
        places: PLACES,
    };
    let large = Play {
        frames: LARGE,
        size: LARGE_SIZE,
        places: LARGE_PLACES,
        ..singly(BLOCKING)
    };
    let batched = |component, roles| Play {
        roles,
        frames: BATCHED,
        places: BATCHED_PLACES,
        ..singly(component)
    };
    let buffered = ["send-buffered", "receive-buffered"];
    let packed = ["send-packed", "receive-packed"];
    let bytes = Play {
        component: ASYNC,
        roles: ["send-bytes", "receive-bytes"],
        ..large
    };
    let bulk = |name: &str, plays| Case {
        name: name.into(),
        unit: "ns/64 KiB",
        row: guests(host, plays),
        baseline: "two copies of the bytes",
        baseline_row: always(|| native::two_copies(LARGE, LARGE_SIZE, LARGE_PLACES)),
        target: Target::Rate(0.5),
    };
    let small = |name: &str, plays: Play, target| Case {
        name: name.into(),
        unit: "ns/frame",
        row: guests(host, plays),
        baseline: "tokio mpsc, task to task",
        baseline_row: always(move || native::one_way(SINGLY, plays.places)),
        target: Target::Rate(target),
    };
    vec![
        small("guests-singly-blocking", singly(BLOCKING), 0.35),
        small("guests-singly-async", singly(ASYNC), 0.35),
        small("guests-buffered", batched(ASYNC, buffered), 4.0),
        small("guests-packed", batched(BLOCKING, packed), 5.0),
        bulk("guests-64-kib", large),
        bulk("guests-bytes", bytes),
    ]
}

/// A round between guests.
pub fn guests(host: &Host, plays: Play) -> Round {
    let host = host.clone();
    round(move || {
        let host = host.clone();
        async move { play(&host, plays).await }
    })
}
