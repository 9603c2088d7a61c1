//! Runs one way of one row in a process of its own: the attacker beside a neighbour, while the resources of the process
//! are measured.

use crate::gauge::{Gauge, Seen};
use crate::row::{Row, Way};
use crate::setting::{HOSTCALL, MIB, Setting};
use crate::support::{block_on, channel, end, guest_of, host_with, options};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, Limits, Process, capability::Right,
};

/// Bytes that a host may use beyond its attacker's limits. While a call runs, the data that it lifts, up to
/// `hostcall-bytes`, exists in up to three forms, and so does its answer. Stacks, tables and the records of processes
/// are included. The highest measured value is 47 MiB, for three writes of the largest frames that begin to wait.
pub const FIXED: u64 = 3 * HOSTCALL;

/// Bytes that the frames of a small channel may cost besides their payload. Frames of a large channel cost no more than
/// its capacity.
pub const CHANNEL: u64 = 164 << 10;

/// Additional threads that a host may have: 16 threads for the blocking file calls of one family of processes, and as
/// many that have just made such a call and are not idle yet.
pub const THREADS: u64 = 32;

/// Descriptors beyond the attacker's limit `open-files`: those of its neighbours, and those that the host opens for a
/// moment.
pub const DESCRIPTORS: u64 = 8;

/// Rounds of calls that the neighbour makes during the attack, and again once the attacker holds everything.
const ROUNDS: u32 = 50;

/// The measurements of an attack.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// How it ended.
    pub end: String,
    /// Growth of the process in MiB.
    pub grew: u64,
    /// Allowed growth in MiB.
    pub allowed: u64,
    /// Additional threads.
    pub threads: u64,
    /// Additional descriptors.
    pub descriptors: u64,
    /// The longest gap between two rounds of the neighbour, in milliseconds.
    pub gap: u64,
    /// The duration of the attack, in milliseconds.
    pub took: u64,
    /// The functions of the contract that were called.
    pub called: Vec<String>,
    /// What was wrong.
    pub wrong: Vec<String>,
}

/// Runs one way of a row.
pub fn play(row: &Row, way: &Way) -> Report {
    block_on(attack(row, way))
}

/// How an attack ended.
struct Outcome {
    status: ExitStatus,
    /// The longest gap between two rounds of the neighbour in nanoseconds, or how the neighbour failed.
    gap: Result<u64, String>,
    /// Bytes of memories and channels that the attacker and its children held once it had made everything, with what
    /// the frames may cost. None when it ended before that.
    held: Option<u64>,
}

async fn attack(row: &Row, way: &Way) -> Report {
    let mut setting = Setting::new();
    (row.set)(&mut setting);
    let host = host_with(setting.config.clone(), &["axes"]).await;
    if setting.guest != "axes" {
        let guest = guest_of(setting.guest);
        let loaded = host.components().load_file(setting.guest, &guest).await;
        loaded.expect("it loads");
    }
    if let Some(text) = &setting.component {
        let bytes = wat::parse_str(text).expect("it is wat");
        let loaded = host.components().load("text", bytes).await;
        loaded.expect("it loads");
    }
    // After this, everything that exists once for the whole program exists.
    neighbours(&host, 5).await.expect("a neighbour");
    let before = called(&host);
    let since = Instant::now();
    let limits = setting.limits();
    let most = limits.memory + 2 * limits.channel_bytes + CHANNEL * u64::from(limits.channels);
    let beside = limits.host_bytes + FIXED;
    let gauge = Gauge::begin(most + beside);
    let outcome = beside_neighbour(&host, &setting, row, way).await;
    let seen = gauge.end();
    let allowed = outcome.held.unwrap_or(most) + beside;
    let called = called(&host).into_iter();
    Report {
        end: outcome.status.to_string().chars().take(120).collect(),
        grew: seen.memory / MIB,
        allowed: allowed / MIB,
        threads: seen.threads,
        descriptors: seen.descriptors,
        gap: outcome.gap.as_ref().copied().unwrap_or_default() / 1_000_000,
        took: since.elapsed().as_millis() as u64,
        called: called
            .filter(|call| !before.contains(call))
            .map(|(name, _)| name)
            .collect(),
        wrong: wrong(way, &outcome, seen, allowed, &limits),
    }
}

/// The checks that failed.
fn wrong(way: &Way, outcome: &Outcome, seen: Seen, allowed: u64, limits: &Limits) -> Vec<String> {
    let Outcome { status, gap, .. } = outcome;
    let Seen {
        memory,
        threads,
        descriptors,
    } = seen;
    let files = DESCRIPTORS + u64::from(limits.open_files);
    let checks = [
        (
            way.ends.iter().any(|end| end.is(status)),
            format!("it ended so: {status:?}; right is {:?}", way.ends),
        ),
        (
            memory <= allowed,
            format!(
                "the host grew by {} MiB, {} is the most",
                memory / MIB,
                allowed / MIB
            ),
        ),
        (
            threads <= THREADS,
            format!("{threads} threads more, {THREADS} is the most"),
        ),
        (
            descriptors <= files,
            format!("{descriptors} descriptors more, {files} is the most"),
        ),
    ];
    let failed = checks.into_iter().filter(|(right, _)| !right);
    failed
        .map(|(_, what)| what)
        .chain(gap.clone().err())
        .collect()
}

/// Starts the attacker and a neighbour. When the attacker has everything it wants, a second neighbour runs. Then the
/// attacker may end.
async fn beside_neighbour(host: &Host, setting: &Setting, row: &Row, way: &Way) -> Outcome {
    let (kept, go) = (channel(64), channel(64));
    let (told, tell) = (kept.strong_reader(), go.strong_writer().expect("a writer"));
    let mut options = setting.attacker.clone();
    if setting.component.is_some() {
        options.component = "text".to_owned();
    } else {
        options.component = setting.guest.to_owned();
        let mut arguments: Vec<Argument> = Setting::words(row.name, way.how).into();
        arguments.push(Argument::Writer(
            kept.strong_writer().expect("a writer").into(),
        ));
        arguments.push(Argument::Reader(go.strong_reader().into()));
        options.arguments = Arguments::Positional(arguments);
    }
    // The channel ends when its last writer is gone.
    drop(kept.strong_writer());
    drop((kept, go));
    let attacker = host.start(options).expect("the attack starts");
    let beside = neighbours(host, ROUNDS).await;
    let made = matches!(told.read().await, Ok(Some(_)));
    let held = made.then(|| {
        let used = host.processes().into_iter().map(|process| process.usage());
        let bytes = used.map(|used| used.memory + 2 * used.channel_bytes + CHANNEL * used.channels);
        bytes.sum()
    });
    let after = neighbours(host, ROUNDS).await;
    drop(tell);
    Outcome {
        status: end(&attacker).await,
        gap: beside.and_then(|first| Ok(first.max(after?))),
        held,
    }
}

/// Runs a neighbour that makes this many rounds of calls. Returns its longest gap in nanoseconds, or how it failed.
async fn neighbours(host: &Host, rounds: u32) -> Result<u64, String> {
    let mut start = options("axes", vec![Argument::Wave(rounds.to_string())]);
    start.entry_point = "neighbour".to_owned();
    start.capabilities = Capabilities::channels().with([Right::Clocks]);
    let neighbour: Process = host
        .start(start)
        .map_err(|error| format!("no neighbour: {error}"))?;
    let status = end(&neighbour).await;
    let made = match &status {
        ExitStatus::Returned(text) => text.strip_prefix(&format!("({rounds}, ")),
        _ => None,
    };
    let longest = made.and_then(|text| text.trim_end_matches(')').parse().ok());
    longest.ok_or_else(|| format!("the neighbour: {status}"))
}

/// The functions of the contract that were called, and how often.
fn called(host: &Host) -> Vec<(String, u64)> {
    let calls = host.metrics().hostcalls;
    calls
        .iter()
        .map(|call| {
            (
                format!("{}#{}", call.interface, call.function),
                call.times.count(),
            )
        })
        .collect()
}
