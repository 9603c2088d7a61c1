//! The phases of a start or of the load of a component, with their times.
//!
//! Each process and each component keeps its own, so that an exporter can show them as spans.

use super::Histogram;
use std::time::{Duration, Instant, SystemTime};

/// The time of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseTime {
    /// The phase: of a start `check`, `lay-out` or `instantiate`; of a load `read`, `verify`, `compile` or `link`.
    pub name: &'static str,
    /// When it began, by the wall clock.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
}

/// A phase that is running.
pub(crate) struct Phase {
    name: &'static str,
    began: SystemTime,
    clock: Instant,
}

impl Phase {
    pub(crate) fn begin(name: &'static str) -> Self {
        Self {
            name,
            began: SystemTime::now(),
            clock: Instant::now(),
        }
    }

    pub(crate) fn end(self) -> PhaseTime {
        PhaseTime {
            name: self.name,
            began: self.began,
            took: self.clock.elapsed(),
        }
    }
}

/// A histogram for each phase.
#[derive(Debug)]
pub(crate) struct Phases<const N: usize>([(&'static str, Histogram); N]);

impl<const N: usize> Phases<N> {
    pub(super) fn new(names: [&'static str; N]) -> Self {
        Self(names.map(|name| (name, Histogram::default())))
    }

    pub(crate) fn record(&self, phase: PhaseTime) {
        if let Some((_, histogram)) = self.0.iter().find(|(name, _)| *name == phase.name) {
            histogram.record(phase.took);
        }
    }

    pub(super) fn read(&self) -> Vec<(&'static str, super::Times)> {
        self.0
            .iter()
            .map(|(name, histogram)| (*name, histogram.read()))
            .collect()
    }
}
