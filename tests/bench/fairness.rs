//! The row of fairness: how long guests that spin keep a ping-pong between two others waiting.

use crate::engine::channel;
use crate::guests::{BLOCKING, Play, start};
use crate::measure::{Case, Target, always, round};
use crate::{PLACES, SIZE, WORKERS};
use std::time::Duration;
use weft_host::{ExitStatus, Host, Process};

/// Round trips of a round: enough that every tick falls into some.
const ROUND_TRIPS: u64 = 2_000;

/// Guests that spin: two more than there are workers to run on.
const SPINNERS: usize = WORKERS + 2;

/// Milliseconds of three epoch ticks.
const THREE_TICKS: f64 = 30.0;

/// The row.
pub fn cases(host: &Host) -> Vec<Case> {
    let (beside, alone) = (host.clone(), host.clone());
    vec![Case {
        name: "fairness".into(),
        unit: "ms, longest trip",
        row: round(move || {
            let host = beside.clone();
            async move {
                let spinners: Vec<Process> = (0..SPINNERS).map(|_| spinner(&host)).collect();
                let longest = longest_trip(&host).await;
                for spinner in spinners {
                    spinner.stop(Duration::ZERO).await;
                }
                longest
            }
        }),
        baseline: "the same without spinning guests",
        baseline_row: always(move || {
            let host = alone.clone();
            async move { longest_trip(&host).await }
        }),
        target: Target::Below(THREE_TICKS),
    }]
}

/// What the guests play.
fn roles(first: &'static str) -> Play {
    Play {
        component: BLOCKING,
        roles: [first, "pong"],
        frames: ROUND_TRIPS,
        size: SIZE,
        places: PLACES,
    }
}

fn spinner(host: &Host) -> Process {
    let nowhere = channel(SIZE);
    start(host, &roles("spin"), "spin", &nowhere, &nowhere)
}

/// Milliseconds of the longest of many round trips between two guests.
async fn longest_trip(host: &Host) -> f64 {
    let [there, back] = [(); 2].map(|()| channel(PLACES * SIZE));
    let play = roles("ping-longest");
    let ping = start(host, &play, "ping-longest", &back, &there);
    let pong = start(host, &play, "pong", &there, &back);
    drop((there, back));
    let ExitStatus::Returned(nanoseconds) = ping.wait().await else {
        return f64::NAN;
    };
    pong.wait().await;
    nanoseconds.parse::<f64>().map_or(f64::NAN, |ns| ns / 1e6)
}
