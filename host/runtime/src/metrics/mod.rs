//! Metrics: what a host has done and is doing, as one snapshot for exporters.
//!
//! ```text
//! metrics/guest      what guests count themselves
//! metrics/histogram  durations in fixed buckets
//! metrics/phase      the phases of starts and loads
//! metrics/hostcalls  host calls by function, timed on request
//! metrics/recorder   counters, updated where things happen
//! metrics/restarts   restarts of supervised processes, by name
//! ```
//!
//! Most numbers are read on demand from data that processes and channels keep anyway. Exporters choose their own formats, names and
//! texts.
//!
//! Invariant: a snapshot is bounded. It has the oldest [`SERIES`] processes and channels, at most [`GUEST_BYTES`] of what guests count
//! themselves, and says how many it leaves out.

mod guest;
mod histogram;
mod hostcalls;
mod phase;
mod recorder;
mod restarts;

pub use guest::{
    GuestFamily, GuestPoint, GuestSeries, GuestValue, Instrument, InstrumentKind, SERIES_OF_PROCESS,
};
pub(crate) use guest::{OpenSeriesError, OwnMetrics, Series};
pub(crate) use histogram::Histogram;
pub use histogram::Times;
pub(crate) use hostcalls::Hostcalls;
pub use hostcalls::{HostcallTimes, Timed};
pub use phase::PhaseTime;
pub(crate) use phase::{Phase, Phases};
pub(crate) use recorder::Recorder;
use restarts::Restarts;

use crate::channel::ChannelUsage;
use crate::host::HostInner;
use crate::process::ProcessUsage;

/// Most processes, and most channels, in a snapshot: each becomes a dozen series, and each series costs the
/// collector.
pub const SERIES: usize = 500;

/// Most bytes of guests' own metrics in a snapshot, as text: a collector takes 4 MiB in one message unless told otherwise, and what the
/// host measures needs about one.
pub const GUEST_BYTES: usize = 2 << 20;

/// The usage of one live process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessMetrics {
    /// The id.
    pub id: u64,
    /// The friendly name.
    pub name: String,
    /// The name of its component.
    pub component: String,
    /// What it uses now.
    pub usage: ProcessUsage,
    /// Entries of its log that were lost for good.
    pub log_dropped: u64,
}

/// What a host has done since it was made, and its current state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Processes that began to run.
    pub starts: u64,
    /// How many of them ended, by status.
    pub ends: Vec<(&'static str, u64)>,
    /// Starts that were refused, by the check that failed.
    pub refusals: Vec<(&'static str, u64)>,
    /// How often each supervised process was started again, by its name in the supervision; also of those that have ended for good. Names
    /// beyond the first [`SERIES`] are counted together, under the empty name.
    pub restarts: Vec<(String, u64)>,
    /// How long starts took, by [phase](PhaseTime::name): checks; laying out; and from the launch to the first instruction.
    pub start_phases: Vec<(&'static str, Times)>,
    /// How long loads of components took, by [phase](PhaseTime::name).
    pub load_phases: Vec<(&'static str, Times)>,
    /// How long host calls took; empty unless [they are timed](crate::HostConfig::time_hostcalls).
    pub hostcalls: Vec<HostcallTimes>,
    /// Live processes.
    pub live: u64,
    /// The oldest live processes.
    pub processes: Vec<ProcessMetrics>,
    /// The oldest channels that guests have made.
    pub channels: Vec<ChannelUsage>,
    /// Channels of guests that are not in `channels`.
    pub channels_left_out: u64,
    /// What the oldest live processes count themselves, by metric.
    pub guests: Vec<GuestFamily>,
    /// Series of those processes that are not in `guests`: another process has their metric with another kind or unit, or the series
    /// are more than [`GUEST_BYTES`].
    pub guest_series_left_out: u64,
}

impl Metrics {
    /// Live processes that are not in [`processes`](Self::processes).
    pub fn processes_left_out(&self) -> u64 {
        self.live.saturating_sub(self.processes.len() as u64)
    }

    pub(crate) fn read(host: &HostInner) -> Self {
        let recorder = &host.metrics;
        let live = host.table.live();
        let processes = live.iter().take(SERIES).map(|process| ProcessMetrics {
            id: process.id(),
            name: process.name().to_owned(),
            component: process.component().to_owned(),
            usage: process.usage(),
            log_dropped: process.shared.log.lost(),
        });
        let guests = guest::families(live.get(..SERIES).unwrap_or(&live), GUEST_BYTES);
        // The rest are not even visited.
        let (channels, channels_left_out) = host.channels.oldest(SERIES);
        Self {
            starts: recorder.starts(),
            ends: recorder.ends(),
            refusals: recorder.refusals(),
            restarts: recorder.restarts.read(),
            start_phases: recorder.start_phases.read(),
            load_phases: recorder.load_phases.read(),
            hostcalls: recorder
                .hostcalls
                .as_ref()
                .map(|it| it.read())
                .unwrap_or_default(),
            live: live.len() as u64,
            processes: processes.collect(),
            channels,
            channels_left_out,
            guests: guests.families,
            guest_series_left_out: guests.left_out,
        }
    }
}
