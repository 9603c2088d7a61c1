//! The row of requests and replies between two guests, through the client and the server of the SDK.

use crate::guests::{ASYNC, Play};
use crate::measure::{Case, Target, round};
use crate::nats::Nats;
use crate::streams::guests;
use crate::{PLACES, SIZE};
use weft_host::Host;

/// Requests of a round through the fabric.
const REQUESTS: u64 = 20_000;
/// Requests of a round through NATS.
const NATS_REQUESTS: u64 = 2_000;

/// The row.
pub fn cases(host: &Host) -> Vec<Case> {
    vec![Case {
        name: "request-reply".into(),
        unit: "ns/request",
        row: guests(
            host,
            Play {
                component: ASYNC,
                roles: ["call", "serve"],
                frames: REQUESTS,
                size: SIZE,
                places: PLACES,
            },
        ),
        baseline: "NATS core on loopback",
        baseline_row: Box::new(|| {
            Nats::start().map(|nats| round(move || nats.clone().requests(NATS_REQUESTS)))
        }),
        target: Target::Rate(10.0),
    }]
}
