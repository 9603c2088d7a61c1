//! What is measured of a process while it runs, for those who show it.
//!
//! Not its account, which bounds it and counts its children too: this is the process's own.
//!
//! Invariant: nothing is decided by these numbers, so they are read and written without order.

use crate::account::{Account, Good};
use crate::metrics::PhaseTime;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

/// What a process uses now, without its children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessUsage {
    /// Time it has held a processor, with that of the threads that work for its file calls. Stays once it has ended.
    pub cpu_time: Duration,
    /// Bytes of its linear memories.
    pub memory: u64,
    /// Elements of its tables.
    pub table_elements: u64,
    /// Channels, ends, processes, monitors, registrations and spans it holds.
    pub handles: u64,
    /// Channels it has made of which somebody still holds a part.
    pub channels: u64,
    /// Bytes of their capacities, and of frames that wait to be written.
    pub channel_bytes: u64,
    /// Live processes it has started. None once it has ended, as those that outlive it are nobody's children then.
    pub children: u64,
}

/// The gauges of one process.
#[derive(Debug)]
pub(crate) struct Gauges {
    /// Nanoseconds.
    cpu_time: AtomicU64,
    /// Nanoseconds that other threads have worked for it.
    in_calls: AtomicU64,
    handles: AtomicU64,
    started: SystemTime,
    /// The same by a clock that nobody sets.
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

    /// Says which account is the process's.
    pub(super) fn account_is(&self, account: Weak<Account>) {
        // There is one, made once.
        let _ = self.account.set(account);
    }

    /// When the process was laid out.
    pub(super) fn started(&self) -> SystemTime {
        self.started
    }

    /// How long ago that was, whatever has become of the wall clock.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// It is launched.
    pub(super) fn runs(&self) {
        self.runs.store(true, Ordering::Relaxed);
    }

    /// Whether it was launched.
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

    /// Changes whenever the process gives its thread up, so that two looks tell whether it did between them.
    pub(crate) fn turn(&self) -> u64 {
        self.cpu_time.load(Ordering::Relaxed)
    }

    /// It has held a processor for so long.
    pub(crate) fn spent(&self, time: Duration) {
        add(&self.cpu_time, time);
    }

    /// Another thread has worked for it for so long.
    pub(crate) fn spent_in_calls(&self, time: Duration) {
        add(&self.in_calls, time);
    }

    /// It holds so many handles now.
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
