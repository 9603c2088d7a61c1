//! What things cost, each row beside a baseline of the same run.
//!
//! `bench [FILTER]` measures the rows whose names contain the filter, prints a table and
//! writes `target/bench.json`. The rows of 100,000 processes are only measured for a filter with
//! `dense` in it. `bench --profile NAME` runs one row alone for a
//! while, for a profiler to look at. Nothing here passes or fails.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod bare;
mod engine;
mod fairness;
mod guests;
mod measure;
mod native;
mod nats;
mod neighbour;
mod parked;
mod ping_pong;
mod request_reply;
mod starts;
mod streams;
mod transforms;

use measure::Case;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of a small frame.
const SIZE: usize = 64;
/// Small frames that a channel has room for, in rows and baselines alike.
const PLACES: usize = 1024;
/// How long a row runs for a profiler.
const PROFILED: Duration = Duration::from_secs(10);

/// Threads that run guests and tasks.
const WORKERS: usize = 2;

fn main() {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .unwrap()
        .block_on(run());
}

async fn run() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let target = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target")
        .canonicalize()
        .unwrap();
    match arguments[..] {
        ["--profile", name] => profile(&target, name, false).await,
        ["--profile-baseline", name] => profile(&target, name, true).await,
        ["--parked", kind, count] => {
            parked::measure(&target, kind, count.parse().unwrap()).await;
        }
        [] => bench(&target, "").await,
        [filter] => bench(&target, filter).await,
        _ => eprintln!(
            "usage: bench [FILTER] | bench --profile NAME | bench --profile-baseline NAME"
        ),
    }
}

/// Every row there is for this filter.
async fn cases(target: &Path, profile_guests: bool, filter: &str) -> Vec<Case> {
    let host = guests::host(target, profile_guests).await;
    let mut cases = engine::cases();
    cases.extend(streams::cases(&host));
    cases.extend(transforms::cases(&host));
    cases.extend(ping_pong::cases(&host));
    cases.extend(request_reply::cases(&host));
    cases.extend(fairness::cases(&host));
    cases.extend(neighbour::cases(&host));
    cases.extend(starts::cases(&host));
    cases.extend(parked::cases(filter.contains("dense")));
    cases
}

async fn bench(target: &Path, filter: &str) {
    let cases = cases(target, false, filter).await;
    measure::bench(cases, filter, &target.join("bench.json")).await;
}

/// Runs one row, or its baseline, again and again.
async fn profile(target: &Path, name: &str, baseline: bool) {
    let cases = cases(target, true, name).await;
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
        eprintln!("there is no row `{name}`; rows are: {}", names.join(", "));
        std::process::exit(2);
    };
    let row = match baseline {
        true => &(case.baseline_row)().unwrap(),
        false => &case.row,
    };
    let since = Instant::now();
    while since.elapsed() < PROFILED {
        println!("{:.0} {}", row().await, case.unit);
    }
}
