//! Host calls, timed by function for hosts that ask for it.
//!
//! Measured is the host's part of a call: from when its arguments are there to when its answer is. What the component model
//! does around that, a hundred nanoseconds or more, is not in it. A call that ends within the turn of the process it began in
//! did not wait: its time is work. One that ends in a later turn did, and all its time, waits included, is counted apart.
//!
//! Invariants:
//! - With it off a call pays for one look at a pointer.
//! - With it on a call pays for two looks at the clock and a few additions: which histogram is known when compiled.

use super::{Histogram, Times};
use crate::hostcalls::{Call, HOST_CALLS};
use crate::process::{ProcessState, Shared};
use std::sync::Arc;
use std::time::Instant;

/// How long the calls of one function took.
#[derive(Clone, Debug, PartialEq)]
pub struct HostcallTimes {
    /// The interface, of the package `weft:fabric`.
    pub interface: &'static str,
    /// The function, with its resource before a dot.
    pub function: &'static str,
    /// Whether these are the calls that waited.
    pub waited: bool,
    /// How long they took.
    pub times: Times,
}

/// The histograms of all functions.
#[derive(Debug)]
pub(crate) struct Hostcalls {
    work: Vec<Histogram>,
    waits: Vec<Histogram>,
}

impl Default for Hostcalls {
    fn default() -> Self {
        let all = || HOST_CALLS.iter().map(|_| Histogram::default()).collect();
        Self {
            work: all(),
            waits: all(),
        }
    }
}

impl Hostcalls {
    /// Those that were called at all.
    pub(super) fn read(&self) -> Vec<HostcallTimes> {
        let of = |histograms: &[Histogram], waited| {
            let named = HOST_CALLS.iter().zip(histograms);
            let read = named.map(|(call, histogram)| HostcallTimes {
                interface: call.interface,
                function: call.function,
                waited,
                times: histogram.read(),
            });
            read.filter(|call| call.times.count() > 0)
                .collect::<Vec<_>>()
        };
        let mut all = of(&self.work, false);
        all.extend(of(&self.waits, true));
        all
    }
}

/// A call that is being timed, to its drop; of nothing where calls are not timed.
pub(crate) struct Timed(Option<Clock>);

struct Clock {
    call: Call,
    began: Instant,
    turn: u64,
    process: Arc<Shared>,
}

impl ProcessState {
    /// Times the call from here to the drop of what is returned. Every call begins with this.
    pub(crate) fn timed(&self, call: Call) -> Timed {
        self.growth.goes_on();
        let timing = self.shared.metrics.hostcalls.is_some();
        Timed(timing.then(|| Clock {
            call,
            began: Instant::now(),
            turn: self.shared.gauges.turn(),
            process: self.shared.clone(),
        }))
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let Some(clock) = &self.0 else { return };
        let took = clock.began.elapsed();
        let Some(calls) = &clock.process.metrics.hostcalls else {
            return;
        };
        let waited = clock.process.gauges.turn() != clock.turn;
        let histograms = if waited { &calls.waits } else { &calls.work };
        if let Some(histogram) = histograms.get(clock.call as usize) {
            histogram.record(took);
        }
    }
}
