//! Rows of starts, beside wasmtime alone with the same component in the same engine.
//!
//! The guest returns the time of its first instruction, so that neither side needs a channel to
//! tell it.

use crate::bare::Bare;
use crate::guests::{STARTS_ASYNC, STARTS_BLOCKING};
use crate::measure::{Case, Target, always, nanoseconds_each, round};
use std::time::{SystemTime, UNIX_EPOCH};
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, Process, StartOptions, capability::Right,
};

/// Starts of a round, one after the other.
const STARTS: u64 = 500;
/// Guests that start others at once.
const PARENTS: u64 = 2;

/// The rows.
pub fn cases(host: &Host) -> Vec<Case> {
    let mut cases = Vec::new();
    for (flavour, component) in [("blocking", STARTS_BLOCKING), ("async", STARTS_ASYNC)] {
        let loaded = host.components().get(component).unwrap();
        let bare = Bare::new(loaded.compiled());
        let start = Start {
            host: host.clone(),
            component,
        };
        let (weft, alone) = (start.clone(), bare.clone());
        cases.push(Case {
            name: format!("start-first-{flavour}"),
            unit: "ns/start",
            row: round(move || in_task(first(weft.clone()))),
            baseline: "bare wasmtime",
            baseline_row: always(move || in_task(bare_first(alone.clone()))),
            target: Target::Time(1.5),
        });
        let (weft, alone) = (start.clone(), bare.clone());
        cases.push(Case {
            name: format!("start-exit-{flavour}"),
            unit: "ns/start",
            row: round(move || in_task(exits(weft.clone()))),
            baseline: "bare wasmtime",
            baseline_row: always(move || in_task(bare_exits(alone.clone(), STARTS))),
            target: Target::Time(1.5),
        });
        cases.push(Case {
            name: format!("starts-by-2-{flavour}"),
            unit: "ns/start",
            row: round(move || by_guests(start.clone())),
            baseline: "bare wasmtime, two tasks",
            baseline_row: always(move || bare_by_tasks(bare.clone())),
            target: Target::Time(1.5),
        });
    }
    cases
}

/// Runs on a worker, as guests and hosts do.
async fn in_task(work: impl Future<Output = f64> + Send + 'static) -> f64 {
    tokio::spawn(work).await.unwrap()
}

/// What is started where.
#[derive(Clone)]
struct Start {
    host: Host,
    component: &'static str,
}

impl Start {
    fn start(&self, role: &str, count: u64) -> Process {
        let mut capabilities = Capabilities::none();
        capabilities
            .rights
            .extend([Right::Clocks, Right::ProcessLifecycle]);
        let options = StartOptions::new(self.component)
            .name(role)
            .entry_point("run")
            .arguments(Arguments::Positional(vec![
                Argument::String(role.into()),
                Argument::Wave(count.to_string()),
            ]))
            .capabilities(capabilities);
        self.host.start(options).unwrap()
    }

    async fn run(&self, role: &str, count: u64) -> u64 {
        match self.start(role, count).wait().await {
            ExitStatus::Returned(text) => text.parse().unwrap(),
            status => panic!("{status}"),
        }
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64
}

/// Nanoseconds from the start to the first instruction.
async fn first(start: Start) -> f64 {
    let mut sum = 0;
    for _ in 0..STARTS {
        let before = now();
        sum += start.run("first", 0).await.saturating_sub(before);
    }
    sum as f64 / STARTS as f64
}

async fn bare_first(bare: Bare) -> f64 {
    let mut sum = 0;
    for _ in 0..STARTS {
        let before = now();
        sum += bare.run("first", 0).await.saturating_sub(before);
    }
    sum as f64 / STARTS as f64
}

/// Nanoseconds from the start to its exit, seen by who waits for it.
async fn exits(start: Start) -> f64 {
    nanoseconds_each(STARTS, async move {
        for _ in 0..STARTS {
            start.run("first", 0).await;
        }
    })
    .await
}

async fn bare_exits(bare: Bare, starts: u64) -> f64 {
    nanoseconds_each(starts, async move {
        for _ in 0..starts {
            bare.run("first", 0).await;
        }
    })
    .await
}

/// Nanoseconds a start where two guests start at once, each waiting for one before it
/// starts the next.
async fn by_guests(start: Start) -> f64 {
    nanoseconds_each(PARENTS * STARTS, async move {
        let parents = (0..PARENTS).map(|_| start.start("parent", STARTS));
        for parent in parents.collect::<Vec<_>>() {
            let status = parent.wait().await;
            assert!(status.is_success(), "{status}");
        }
    })
    .await
}

async fn bare_by_tasks(bare: Bare) -> f64 {
    nanoseconds_each(PARENTS * STARTS, async move {
        let tasks = (0..PARENTS).map(|_| tokio::spawn(bare_exits(bare.clone(), STARTS)));
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    })
    .await
}
