//! The row of neighbours: the longest gap between two rounds of calls of one guest, beside others that make the longest calls of
//! the host there are. A call cannot be interrupted, so this is how long it holds a worker.

use crate::WORKERS;
use crate::measure::{Case, Target, always, round};
use std::time::Duration;
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, Process, StartOptions, capability::Right,
};

/// The guest that is both.
pub const AXES: &str = "axes";

/// Rounds of calls: each waits for a long call or two, so a few are enough.
const ROUNDS: u32 = 20;

/// The longest calls; see the guest.
const CALLS: [&str; 7] = ["start", "write", "poll", "pack", "look", "wake", "free"];

/// Milliseconds that nobody takes for standing still.
const UNNOTICED: f64 = 100.0;

/// The rows: one for each of the calls.
pub fn cases(host: &Host) -> Vec<Case> {
    CALLS.into_iter().map(|call| case(host, call)).collect()
}

fn case(host: &Host, call: &'static str) -> Case {
    let (beside, alone) = (host.clone(), host.clone());
    Case {
        name: format!("neighbour-gap-{call}"),
        unit: "ms, longest gap",
        row: round(move || gap(beside.clone(), call)),
        baseline: "the same beside quiet guests",
        baseline_row: always(move || gap(alone.clone(), "quiet")),
        target: Target::Below(UNNOTICED),
    }
}

/// Milliseconds of the longest gap beside as many guests as there are workers.
async fn gap(host: Host, call: &'static str) -> f64 {
    let attacker = || start(&host, "longest", Argument::String(call.into()));
    let attackers: Vec<Process> = (0..WORKERS).map(|_| attacker()).collect();
    let neighbour = start(&host, "neighbour", Argument::Wave(ROUNDS.to_string()));
    let status = neighbour.wait().await;
    for attacker in attackers {
        assert_eq!(attacker.status(), None, "it makes calls to the end");
        attacker.stop(Duration::ZERO).await;
    }
    let ExitStatus::Returned(told) = status else {
        return f64::NAN;
    };
    let nanoseconds = told.trim_end_matches(')').split(", ").nth(1);
    let nanoseconds = nanoseconds.and_then(|text| text.parse::<f64>().ok());
    nanoseconds.map_or(f64::NAN, |nanoseconds| nanoseconds / 1e6)
}

fn start(host: &Host, entry_point: &str, argument: Argument) -> Process {
    host.start(
        StartOptions::new(AXES)
            .name(entry_point)
            .entry_point(entry_point)
            .arguments(Arguments::Positional(vec![argument]))
            .capabilities(Capabilities::channels().with([Right::Clocks, Right::ProcessLifecycle])),
    )
    .unwrap()
}
