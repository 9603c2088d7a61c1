//! Rows of processes that wait: what each holds, and how fast one of them wakes.
//!
//! Each set of them is measured in a program of its own, which the bench starts, so that no row's
//! memory counts for another's: `bench --parked KIND COUNT` prints what it measured.

use crate::bare::Bare;
use crate::engine::channel;
use crate::guests::{self, ASYNC, BLOCKING, STARTS_ASYNC, STARTS_BLOCKING};
use crate::measure::{Case, Setup, Target, median, round};
use crate::{PLACES, SIZE, native};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use weft_channel::{Channel, Reader, Writer};
use weft_host::{Argument, Arguments, Capabilities, Host, Process, Profile, StartOptions};

/// Times processes are woken, in turn.
const WAKES: usize = 2_000;
/// Processes that are woken, spread over all of them.
const WOKEN: usize = 10;
/// Processes of a small set and of a large one.
const FEW: usize = 1_000;
const MANY: usize = 8_000;
/// Processes of the row that is only measured when asked for by its name.
const DENSE: usize = 100_000;
/// Seconds that bare guests sleep: longer than they are measured.
const ASLEEP: u64 = 86_400;
/// Time for the last ones to fall asleep.
const SETTLE: Duration = Duration::from_secs(1);

/// The rows. `dense` are those of a hundred thousand, which take a minute and 8 GiB.
pub fn cases(dense: bool) -> Vec<Case> {
    let sets = Arc::new(Sets::default());
    let row = |name: String, unit, of: Of, beside: (&'static str, Of), target| Case {
        name,
        unit,
        row: {
            let sets = sets.clone();
            round(move || {
                let value = sets.value(of).unwrap_or(f64::NAN);
                async move { value }
            })
        },
        baseline: beside.0,
        baseline_row: sets.setup(of, beside.1),
        target,
    };
    let mut cases = Vec::new();
    let few = format!("bare wasmtime, {FEW} of a smaller guest");
    let few: &'static str = few.leak();
    for (flavour, bare) in [("blocking", "bare-blocking"), ("async", "bare-async")] {
        let many = match flavour {
            "blocking" => "dense-blocking",
            _ => "dense-async",
        };
        for (kind, count) in [(flavour, FEW), (many, MANY)] {
            cases.push(row(
                format!("parked-{count}-{kind}"),
                "B/process",
                Of(kind, count, |set| set.memory),
                (few, Of(bare, FEW, |set| set.memory)),
                Target::Below(40.0 * 1024.0),
            ));
            cases.push(row(
                format!("mappings-{kind}"),
                "mappings/process",
                Of(kind, count, |set| set.mappings),
                (few, Of(bare, FEW, |set| set.mappings)),
                // Four, and some that belong to no process.
                Target::Below(4.5),
            ));
        }
        cases.push(row(
            format!("wake-1-of-{MANY}-{flavour}"),
            "ns/round trip",
            Of(many, MANY, wake_of),
            ("one of 10", Of(many, WOKEN, wake_of)),
            Target::Time(1.5),
        ));
        if dense {
            cases.push(row(
                format!("dense-{DENSE}-{flavour}"),
                "B/process",
                Of(many, DENSE, |set| set.memory + set.page_tables),
                (few, Of(bare, FEW, |set| set.memory + set.page_tables)),
                Target::Below((8_u64 << 30) as f64 / DENSE as f64),
            ));
            cases.push(row(
                format!("dense-{DENSE}-start-{flavour}"),
                "ns/start",
                Of(many, DENSE, start_of),
                ("the same of 1000", Of(many, FEW, start_of)),
                Target::Time(1.5),
            ));
        }
    }
    cases
}

/// A figure of a set of processes: which kind, how many, and what of them.
#[derive(Clone, Copy)]
struct Of(&'static str, usize, fn(&Set) -> f64);

/// What was measured, each set once: what a process holds does not drift.
#[derive(Default)]
struct Sets(Mutex<BTreeMap<Which, Result<Set, String>>>);

/// The kind of a set of processes, and how many they are.
type Which = (&'static str, usize);

impl Sets {
    fn value(&self, Of(kind, count, figure): Of) -> Result<f64, String> {
        let mut sets = self.0.lock().unwrap();
        let set = sets.entry((kind, count)).or_insert_with(|| {
            let program = std::env::current_exe().unwrap();
            let arguments = ["--parked", kind, &count.to_string()];
            let output = Command::new(program).args(arguments).output().unwrap();
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
                let last = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(last.lines().next().unwrap_or("it ended").to_owned())
            })
        });
        set.as_ref().map(figure).map_err(Clone::clone)
    }

    /// A baseline that is skipped when either side cannot be measured here.
    fn setup(self: &Arc<Self>, row: Of, baseline: Of) -> Setup {
        let sets = self.clone();
        Box::new(move || {
            sets.value(row)?;
            let value = sets.value(baseline)?;
            Ok(round(move || async move { value }))
        })
    }
}

/// What a set of processes costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Set {
    /// Bytes of proportional set size for each.
    memory: f64,
    /// Bytes of page tables for each, which that does not count.
    page_tables: f64,
    /// Lines of `/proc/self/maps` for each.
    mappings: f64,
    /// Nanoseconds from a frame for one of them to the frame it answers with, if it does.
    wake: Option<f64>,
    /// Nanoseconds that each took to start, where that was measured.
    start: Option<f64>,
}

fn wake_of(set: &Set) -> f64 {
    set.wake.unwrap_or(f64::NAN)
}

fn start_of(set: &Set) -> f64 {
    set.start.unwrap_or(f64::NAN)
}

/// Prints what a set of processes costs: the program of its own.
pub async fn measure(target: &Path, kind: &str, count: usize) {
    let set = match kind {
        "blocking" => parked(target, BLOCKING, count, Profile::Ordinary).await,
        "async" => parked(target, ASYNC, count, Profile::Ordinary).await,
        "dense-blocking" => parked(target, BLOCKING, count, Profile::Dense).await,
        "dense-async" => parked(target, ASYNC, count, Profile::Dense).await,
        "bare-blocking" => asleep(target, STARTS_BLOCKING, count).await,
        "bare-async" => asleep(target, STARTS_ASYNC, count).await,
        _ => Err(format!("there is no kind `{kind}`")),
    };
    println!("{}", serde_json::to_string(&set).unwrap());
    // Nothing more is measured: no need to end so many one by one.
    std::process::exit(0);
}

/// A host with room for just so many.
fn host(target: &Path, count: usize, profile: Profile) -> Result<Host, String> {
    let host = Host::new(
        guests::config(target)
            .max_processes(count as u32)
            .profile(profile),
    );
    let host = host.map_err(|error| error.to_string())?;
    match host.shortage() {
        Some(shortage) => Err(shortage.to_string()),
        None => Ok(host),
    }
}

/// Processes that wait for frames and answer them: a few each on channels of its own, the rest on one.
async fn parked(
    target: &Path,
    component: &'static str,
    count: usize,
    profile: Profile,
) -> Result<Set, String> {
    let empty = Usage::now();
    let host = host(target, count, profile)?;
    guests::load(&host, target, component).await;
    let common = channels();
    let keeps_open = common[0].strong_writer().unwrap();
    let woken = || {
        let channels = channels();
        let process = start(&host, component, &channels);
        let writer = channels[0].strong_writer().unwrap();
        (process, writer, channels[1].strong_reader())
    };
    // The first one brings in code, which is everybody's.
    let first = woken();
    answer(&first.1, &first.2).await;
    let before = Usage::now();
    let since = std::time::Instant::now();
    let mut ends = vec![];
    let mut processes = vec![first.0];
    while processes.len() < count {
        if processes.len() % (count / WOKEN) == count / WOKEN - 1 {
            let (process, writer, reader) = woken();
            processes.push(process);
            ends.push((writer, reader));
        } else {
            processes.push(start(&host, component, &common));
        }
    }
    // They are run in the order they were started in: once the last answers, all have run.
    for (writer, reader) in &ends {
        answer(writer, reader).await;
    }
    let start = since.elapsed().as_nanos() as f64 / count as f64;
    tokio::time::sleep(SETTLE).await;
    let after = Usage::now();
    let ends = Arc::new(ends);
    let wake = tokio::spawn(wake(ends.clone())).await.unwrap();
    assert!(processes.iter().all(|process| process.status().is_none()));
    drop((keeps_open, first.1, ends));
    Ok(Set {
        wake: Some(wake),
        start: Some(start),
        ..after.set(&empty, &before, count)
    })
}

/// Bare stores whose guests sleep.
async fn asleep(target: &Path, component: &'static str, count: usize) -> Result<Set, String> {
    let empty = Usage::now();
    let host = host(target, count, Profile::Ordinary)?;
    let loaded = guests::load(&host, target, component).await;
    let bare = Bare::new(loaded.compiled());
    bare.run("first", 0).await;
    let before = Usage::now();
    for _ in 0..count {
        let bare = bare.clone();
        tokio::spawn(async move { bare.run("asleep", ASLEEP).await });
    }
    tokio::time::sleep(SETTLE).await;
    Ok(Usage::now().set(&empty, &before, count))
}

fn channels() -> [Channel; 2] {
    [(); 2].map(|()| channel(PLACES * SIZE))
}

fn start(host: &Host, component: &str, [input, output]: &[Channel; 2]) -> Process {
    let options = StartOptions::new(component)
        .entry_point("run")
        .arguments(Arguments::Positional(vec![
            Argument::String("pong".into()),
            Argument::Wave("0".into()),
            Argument::Wave("0".into()),
            Argument::Reader(input.strong_reader().into()),
            Argument::Writer(output.strong_writer().unwrap().into()),
        ]))
        .capabilities(Capabilities::channels());
    host.start(options).unwrap()
}

async fn answer(writer: &Writer, reader: &Reader) {
    writer.write(native::frame()).await.unwrap();
    reader.read().await.unwrap().unwrap();
}

async fn wake(ends: Arc<Vec<(Writer, Reader)>>) -> f64 {
    let mut times = Vec::with_capacity(WAKES);
    for (writer, reader) in ends.iter().cycle().take(WAKES) {
        let since = std::time::Instant::now();
        answer(writer, reader).await;
        times.push(since.elapsed().as_nanos() as f64);
    }
    median(times)
}

/// What this program holds of the machine.
struct Usage {
    memory: f64,
    page_tables: f64,
    mappings: f64,
}

impl Usage {
    fn now() -> Self {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/self/{name}")).unwrap();
        Self {
            memory: kilobytes(&read("smaps_rollup"), "Pss:"),
            page_tables: kilobytes(&read("status"), "VmPTE:"),
            mappings: read("maps").lines().count() as f64,
        }
    }

    /// For each of `count`. What an engine sets aside for them counts too where it is mappings.
    fn set(&self, empty: &Self, before: &Self, count: usize) -> Set {
        let each = |now: f64, before: f64| (now - before) / count as f64;
        Set {
            memory: each(self.memory, before.memory),
            page_tables: each(self.page_tables, before.page_tables),
            mappings: each(self.mappings, empty.mappings),
            wake: None,
            start: None,
        }
    }
}

/// Bytes that a file of `/proc` says are under this name.
fn kilobytes(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    let number = line.split_ascii_whitespace().nth(1).unwrap();
    number.parse::<f64>().unwrap() * 1024.0
}
