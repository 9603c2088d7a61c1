//! Measurements of a process while it runs, for display.
//!
//! Not its account: that bounds the process and includes its children. These numbers are the process's own.
//!
//! Invariant: no decision depends on these numbers, so they are read and written with relaxed ordering.

use crate::account::{Account, Good};
use crate::metrics::PhaseTime;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

/// What a process uses now, without its children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessUsage {
    /// Time it has held a processor, including threads that work on its file calls. Kept after its end.
    pub cpu_time: Duration,
    /// Bytes of its linear memories.
    pub memory: u64,
    /// Elements of its tables.
    pub table_elements: u64,
    /// Channels, ends, processes, monitors, registrations and spans it holds.
    pub handles: u64,
    /// Channels it has made and that somebody still holds a part of.
    pub channels: u64,
    /// Bytes of the capacities of those channels, and of frames that wait to be written.
    pub channel_bytes: u64,
    /// Live processes it has started. 0 after its end: a process that outlives its starter has no parent.
    pub children: u64,
}

/// The gauges of one process.
#[derive(Debug)]
pub(crate) struct Gauges {
    /// Nanoseconds.
    cpu_time: AtomicU64,
    /// Nanoseconds that other threads have worked for the process.
    in_calls: AtomicU64,
    handles: AtomicU64,
    started: SystemTime,
    /// The start by the monotonic clock.
    since: Instant,
    runs: AtomicBool,
    phases: Mutex<Vec<PhaseTime>>,
    account: OnceLock<Weak<Account>>,
}

impl Gauges {
    pub(super) fn new() -> Self {
        Self {
            cpu_time: AtomicU64::new(0),
            in_calls: AtomicU64::new(0),
            handles: AtomicU64::new(0),
            started: SystemTime::now(),
            since: Instant::now(),
            runs: AtomicBool::new(false),
            phases: Mutex::default(),
            account: OnceLock::new(),
        }
    }

    /// Sets the account of the process.
    pub(super) fn account_is(&self, account: Weak<Account>) {
        // Set once, so this cannot fail.
        let _ = self.account.set(account);
    }

    /// When the process was laid out.
    pub(super) fn started(&self) -> SystemTime {
        self.started
    }

    /// The time since then, unaffected by changes of the wall clock.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// The process is launched.
    pub(super) fn runs(&self) {
        self.runs.store(true, Ordering::Relaxed);
    }

    /// Whether the process was launched.
    pub(super) fn has_run(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    /// A phase of its start is done.
    pub(super) fn phase(&self, phase: PhaseTime) {
        self.phases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(phase);
    }

    /// The phases of its start that are done.
    pub(super) fn phases(&self) -> Vec<PhaseTime> {
        self.phases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes at the end of each poll of the process's task. If two reads are equal, they were made within one poll.
    pub(crate) fn poll_mark(&self) -> u64 {
        self.cpu_time.load(Ordering::Relaxed)
    }

    /// Adds time for which the process held a processor.
    pub(crate) fn spent(&self, time: Duration) {
        add(&self.cpu_time, time);
    }

    /// Adds time for which another thread worked for the process.
    pub(crate) fn spent_in_calls(&self, time: Duration) {
        add(&self.in_calls, time);
    }

    /// Sets the number of handles it holds.
    pub(super) fn holds(&self, handles: u64) {
        self.handles.store(handles, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> ProcessUsage {
        let account = self.account.get().and_then(Weak::upgrade);
        let own = |good| account.as_ref().map_or(0, |account| account.own(good));
        ProcessUsage {
            cpu_time: read(&self.cpu_time).saturating_add(read(&self.in_calls)),
            memory: own(Good::Memory),
            table_elements: own(Good::TableElements),
            handles: self.handles.load(Ordering::Relaxed),
            channels: own(Good::Channels),
            channel_bytes: own(Good::ChannelBytes),
            children: own(Good::Children),
        }
    }
}

fn add(nanoseconds: &AtomicU64, time: Duration) {
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    nanoseconds.fetch_add(time, Ordering::Relaxed);
}

fn read(nanoseconds: &AtomicU64) -> Duration {
    Duration::from_nanos(nanoseconds.load(Ordering::Relaxed))
}
