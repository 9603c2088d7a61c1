//! The counters of a host, for numbers that are kept nowhere else.
//!
//! Invariants:
//! - Each of these events happens once for a start, an end or a load. Host calls are the exception, and are timed only on
//!   request.
//! - The recorder holds only numbers and names, so it keeps nothing alive.

use super::{Hostcalls, Phases, Restarts};
use crate::process::{ExitKind, ExitStatus, StartError, StartErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of one host.
#[derive(Debug)]
pub(crate) struct Recorder {
    starts: AtomicU64,
    ends: Counters<{ ExitKind::ALL.len() }>,
    refusals: Counters<{ StartErrorKind::ALL.len() }>,
    pub(crate) restarts: Restarts,
    pub(crate) start_phases: Phases<3>,
    pub(crate) load_phases: Phases<4>,
    /// None when they are not timed.
    pub(crate) hostcalls: Option<Box<Hostcalls>>,
}

/// Counters by name: for few names, and for events that are rare compared to the cost of the search.
#[derive(Debug)]
struct Counters<const N: usize>([(&'static str, AtomicU64); N]);

impl<const N: usize> Counters<N> {
    fn new(names: [&'static str; N]) -> Self {
        Self(names.map(|name| (name, AtomicU64::new(0))))
    }

    fn count(&self, name: &str) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == name) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn read(&self) -> Vec<(&'static str, u64)> {
        let counters = self.0.iter();
        counters
            .map(|(name, it)| (*name, it.load(Ordering::Relaxed)))
            .collect()
    }
}

impl Recorder {
    pub(crate) fn new(time_hostcalls: bool) -> Self {
        Self {
            starts: AtomicU64::new(0),
            ends: Counters::new(ExitKind::ALL.map(ExitKind::name)),
            refusals: Counters::new(StartErrorKind::ALL.map(StartErrorKind::name)),
            restarts: Restarts::default(),
            start_phases: Phases::new(["check", "lay-out", "instantiate"]),
            load_phases: Phases::new(["read", "verify", "compile", "link"]),
            hostcalls: time_hostcalls.then(Box::default),
        }
    }

    /// Counts a process that begins to run.
    pub(crate) fn started(&self) {
        self.starts.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the end of a process that has run.
    pub(crate) fn ended(&self, status: &ExitStatus) {
        self.ends.count(status.kind().name());
    }

    /// Counts a refused start.
    pub(crate) fn refused(&self, error: &StartError) {
        self.refusals.count(error.kind().name());
    }

    pub(super) fn starts(&self) -> u64 {
        self.starts.load(Ordering::Relaxed)
    }

    pub(super) fn ends(&self) -> Vec<(&'static str, u64)> {
        self.ends.read()
    }

    pub(super) fn refusals(&self) -> Vec<(&'static str, u64)> {
        self.refusals.read()
    }
}
