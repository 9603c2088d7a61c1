//! Rows of one frame that goes there and back between two guests, over and over.

use crate::guests::{ASYNC, BLOCKING, Play};
use crate::measure::{Case, Target, always};
use crate::streams::guests;
use crate::{PLACES, SIZE, native};
use weft_host::Host;

/// Round trips of a round.
const ROUND_TRIPS: u64 = 20_000;

/// The rows.
pub fn cases(host: &Host) -> Vec<Case> {
    let row = |name: &str, component, target| Case {
        name: name.into(),
        unit: "ns/round trip",
        row: guests(
            host,
            Play {
                component,
                roles: ["ping", "pong"],
                frames: ROUND_TRIPS,
                size: SIZE,
                places: PLACES,
            },
        ),
        baseline: "tokio mpsc, two tasks",
        baseline_row: always(|| native::ping_pong(ROUND_TRIPS)),
        target: Target::Time(target),
    };
    vec![
        row("ping-pong-async", ASYNC, 7.0),
        row("ping-pong-blocking", BLOCKING, 5.0),
    ]
}
