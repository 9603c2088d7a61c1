//! What two snapshots say of the time between them.

use std::collections::HashMap;
use weft_control::protocol::{ChannelRow, ProcessRow, Snapshot};

/// What went on in a channel, in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Flow {
    pub(super) frames: f64,
    pub(super) bytes: f64,
    pub(super) dropped: f64,
}

/// The rates of everything that both snapshots know of, or that began after the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rates {
    /// Percent of one processor, by the process's id.
    cpu: HashMap<u64, f64>,
    flows: HashMap<(String, Option<String>), Flow>,
}

impl Rates {
    /// Those between two snapshots of one runner. Of snapshots of different runners, or of one moment,
    /// there are none. What the wall clock says is no matter: it may be set meanwhile.
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
            // One that is new has had less time.
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

    /// Percent of one processor that a process has used; none where that is unknown.
    pub(super) fn cpu(&self, row: &ProcessRow) -> Option<f64> {
        self.cpu.get(&row.id).copied()
    }

    /// What went on in a channel; none where that is unknown.
    pub(super) fn flow(&self, row: &ChannelRow) -> Option<Flow> {
        self.flows.get(&key(row)).copied()
    }
}

/// What tells a channel from others.
pub(super) fn key(row: &ChannelRow) -> (String, Option<String>) {
    (row.name.clone(), row.maker.clone())
}
