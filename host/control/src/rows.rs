//! The rows of a snapshot, made from the roster.

use crate::protocol::{ChannelRow, ProcessRow, Snapshot, State};
use crate::roster::{Roster, running};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use weft_channel::Observation;
use weft_host::Process;

/// Maximum number of processes in one snapshot, and of channels: ten times what a screen can show, and a few megabytes.
const ROWS: usize = 10_000;

/// A snapshot of everything there is now.
pub(crate) fn snapshot(roster: &Roster) -> Snapshot {
    let mut table = roster.table();
    let gone = table.sweep();
    let children = table.children.iter();
    let children = children.filter_map(|child| {
        Some(process(
            child.process.as_ref()?,
            child.state(),
            child.starts,
        ))
    });
    // Live processes first, in case there are more than fit.
    let others = table.others.values().chain(&table.ended);
    let others = others.map(|other| process(other, running(other), 1));
    let processes = children.chain(others).take(ROWS).collect::<Vec<_>>();
    let all = table.children.len() + table.others.len() + table.ended.len();
    drop(table);
    drop(gone);
    let named = roster.host.named_channels();
    let made = roster.host.channels();
    let all = all + named.len() + made.len();
    let named = named.into_iter().map(|named| {
        // A channel without handles has nothing left in it.
        let seen = named.observer.observe().unwrap_or_default();
        let peeks = roster.lookers.of(&named.name);
        channel(named.name, None, seen, peeks)
    });
    let made = made.into_iter().map(|made| {
        let maker = format!("{} ({})", made.maker_name, made.maker);
        // Nobody can peek at it, as it has no name.
        channel(format!("#{}", made.id), Some(maker), made.observation, 0)
    });
    let channels = named.chain(made).take(ROWS).collect::<Vec<_>>();
    Snapshot {
        runner: roster.name.clone(),
        host: roster.host.name().to_string(),
        pid: std::process::id(),
        taken: nanoseconds(SystemTime::now()),
        started: nanoseconds(roster.started),
        age: whole(roster.since.elapsed()),
        left_out: all.saturating_sub(processes.len() + channels.len()) as u64,
        processes,
        channels,
    }
}

fn process(process: &Process, state: State, starts: u64) -> ProcessRow {
    let usage = process.usage();
    ProcessRow {
        id: process.id(),
        name: process.name().to_owned(),
        component: process.component().to_owned(),
        state,
        started: nanoseconds(process.started()),
        age: whole(process.age()),
        cpu_time: whole(usage.cpu_time),
        memory: usage.memory,
        handles: usage.handles,
        channels: usage.channels,
        children: usage.children,
        restarts: starts.saturating_sub(1),
        starter: process.starter(),
    }
}

pub(crate) fn channel(
    name: String,
    maker: Option<String>,
    seen: Observation,
    peeks: u32,
) -> ChannelRow {
    let stats = seen.stats;
    ChannelRow {
        name,
        maker,
        capacity: stats.capacity,
        frames_written: stats.frames_written,
        bytes_written: seen.bytes_written,
        frames_held: stats.frames_held,
        bytes_held: stats.bytes_held,
        dropped: stats.frames_dropped,
        lag: seen.lag,
        readers: stats.strong_readers + stats.weak_readers,
        peeks,
        writers: stats.strong_writers + stats.weak_writers,
    }
}

/// Nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    whole(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// Nanoseconds in a duration.
fn whole(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
