//! The times of host calls, by function, for hosts that enable this.
//!
//! The host's part of a call is measured: from having its arguments to having its result. The component model's part around
//! it, a hundred nanoseconds or more, is not included. If a call ends in the same poll of the process's task in which it began, it
//! did not wait, and its time is work. If it ends in a later poll, it waited; all its time, waits included, is counted
//! separately.
//!
//! Invariants:
//! - Disabled, this costs a call one check of a pointer.
//! - Enabled, it costs two clock reads and a few additions: each call's histogram is known at compile time.

use super::{Histogram, Times};
use crate::hostcalls::{Call, HOST_CALLS};
use crate::process::{ProcessShared, ProcessState};
use std::sync::Arc;
use std::time::Instant;

/// How long the calls of one function took.
#[derive(Clone, Debug, PartialEq)]
pub struct HostcallTimes {
    /// The interface, of the package `weft:fabric`.
    pub interface: &'static str,
    /// The function, after its resource and a dot.
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
    /// The functions that were called.
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

/// Times a call until it is dropped; does nothing if calls are not timed.
pub(crate) struct Timed(Option<Clock>);

struct Clock {
    call: Call,
    began: Instant,
    poll: u64,
    process: Arc<ProcessShared>,
}

impl ProcessState {
    /// Times a call from here until the returned value is dropped. Every call begins with this.
    pub(crate) fn timed(&self, call: Call) -> Timed {
        self.growth.goes_on();
        let timing = self.shared.metrics.hostcalls.is_some();
        Timed(timing.then(|| Clock {
            call,
            began: Instant::now(),
            poll: self.shared.gauges.poll_mark(),
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
        let waited = clock.process.gauges.poll_mark() != clock.poll;
        let histograms = if waited { &calls.waits } else { &calls.work };
        if let Some(histogram) = histograms.get(clock.call as usize) {
            histogram.record(took);
        }
    }
}
