//! Rates between two snapshots.

use std::collections::HashMap;
use weft_control::protocol::{ChannelRow, ProcessRow, Snapshot};

/// The traffic of a channel, per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flow {
    pub(super) frames: f64,
    pub(super) bytes: f64,
    pub(super) dropped: f64,
}

/// The rates of all processes and channels in the newer snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rates {
    /// Percent of one processor, by process id.
    cpu: HashMap<u64, f64>,
    flows: HashMap<(String, Option<String>), Flow>,
}

impl Rates {
    /// The rates between two snapshots of one runner. There are none if the snapshots are of different runners or of
    /// the same moment. The wall clock is not used, because somebody may set it in between.
    pub(super) fn between(before: &Snapshot, now: &Snapshot) -> Self {
        let same = (before.pid, before.started) == (now.pid, now.started);
        if !same || now.age <= before.age {
            return Self::default();
        }
        let spent: HashMap<_, _> = before
            .processes
            .iter()
            .map(|row| (row.id, row.cpu_time))
            .collect();
        let cpu = now.processes.iter().filter_map(|row| {
            // A new process has had less time.
            let time = row.age.min(now.age - before.age);
            if time == 0 {
                return None;
            }
            let spent = spent.get(&row.id).copied().unwrap_or(0);
            let cpu = row.cpu_time.saturating_sub(spent);
            Some((row.id, 100.0 * cpu as f64 / time as f64))
        });
        let seconds = (now.age - before.age) as f64 / 1e9;
        let known: HashMap<_, _> = before.channels.iter().map(|row| (key(row), row)).collect();
        let flows = now.channels.iter().map(|row| {
            let of = |count: fn(&ChannelRow) -> u64| {
                let earlier = known.get(&key(row)).map_or(0, |row| count(row));
                count(row).saturating_sub(earlier) as f64 / seconds
            };
            let flow = Flow {
                frames: of(|row| row.frames_written),
                bytes: of(|row| row.bytes_written),
                dropped: of(|row| row.dropped),
            };
            (key(row), flow)
        });
        Self {
            cpu: cpu.collect(),
            flows: flows.collect(),
        }
    }

    /// The CPU use of a process, in percent of one processor; none if unknown.
    pub(super) fn cpu(&self, row: &ProcessRow) -> Option<f64> {
        self.cpu.get(&row.id).copied()
    }

    /// The traffic of a channel; none if unknown.
    pub(super) fn flow(&self, row: &ChannelRow) -> Option<Flow> {
        self.flows.get(&key(row)).copied()
    }
}

/// What identifies a channel.
pub(super) fn key(row: &ChannelRow) -> (String, Option<String>) {
    (row.name.clone(), row.maker.clone())
}
