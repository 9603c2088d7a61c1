//! The times of host calls, by function, for hosts that enable this.
//!
//! The host's part of a call is measured: from having its arguments to having its result. The component model's part around
//! it, a hundred nanoseconds or more, is not included. If a call ends in the same poll of the process's task in which it began, it
//! did not wait, and its time is work. If it ends in a later poll, it waited; all its time, waits included, is counted
//! separately.
//!
//! Calls of the runtime's own interfaces are known by number, those of other extensions by the names that their adapters give.
//!
//! Invariants:
//! - Disabled, this costs a call one check of a pointer.
//! - Enabled, it costs two clock reads and a few additions: each call's histogram is known at compile time. One of another extension is
//!   looked for by its name.
//! - There are as many histograms as functions: names are those in the code of adapters, never a guest's.

use super::{Histogram, Times};
use crate::hostcalls::{Call, HOST_CALLS};
use crate::process::{ProcessShared, ProcessState};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// The package whose interfaces are shown without it.
const FABRIC: &str = "weft:fabric/";

/// How long the calls of one function took.
#[derive(Clone, Debug, PartialEq)]
pub struct HostcallTimes {
    /// The interface, without its version; one of the package `weft:fabric` without that too.
    pub interface: &'static str,
    /// The function, after its resource and a dot.
    pub function: &'static str,
    /// Whether these are the calls that waited.
    pub waited: bool,
    /// How long they took.
    pub times: Times,
}

/// The interface of an extension, with its package and without its version, and the function.
type Name = (&'static str, &'static str);

/// The histograms of one function.
#[derive(Debug, Default)]
struct OfFunction {
    work: Histogram,
    waits: Histogram,
}

/// The histograms of all functions.
#[derive(Debug)]
pub(crate) struct Hostcalls {
    own: Vec<OfFunction>,
    /// Those of extensions, from their first call on.
    others: RwLock<BTreeMap<Name, Arc<OfFunction>>>,
}

impl Default for Hostcalls {
    fn default() -> Self {
        Self {
            own: HOST_CALLS.iter().map(|_| OfFunction::default()).collect(),
            others: RwLock::default(),
        }
    }
}

impl OfFunction {
    fn of(&self, waited: bool) -> &Histogram {
        match waited {
            true => &self.waits,
            false => &self.work,
        }
    }
}

impl Hostcalls {
    /// The functions that were called.
    pub(super) fn read(&self) -> Vec<HostcallTimes> {
        let named = HOST_CALLS
            .iter()
            .map(|call| (call.interface, call.function));
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::new();
        for waited in [false, true] {
            let own = named.clone().zip(&self.own);
            let others = others.iter().map(|(name, times)| (*name, &**times));
            let read = own.chain(others);
            let read = read.map(|((interface, function), times)| HostcallTimes {
                interface: interface.strip_prefix(FABRIC).unwrap_or(interface),
                function,
                waited,
                times: times.of(waited).read(),
            });
            all.extend(read.filter(|call| call.times.count() > 0));
        }
        all
    }

    fn record(&self, which: Which, waited: bool, took: Duration) {
        match which {
            Which::Own(call) => {
                if let Some(times) = self.own.get(call as usize) {
                    times.of(waited).record(took);
                }
            }
            Which::Other(name) => self.other(name).of(waited).record(took),
        }
    }

    fn other(&self, name: Name) -> Arc<OfFunction> {
        let known = self.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&name) {
            return known.clone();
        }
        drop(known);
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.entry(name).or_default().clone()
    }
}

/// Times a call until it is dropped; does nothing if calls are not timed.
#[must_use = "the call is timed until this is dropped"]
pub struct Timed(Option<Clock>);

/// Which function was called.
#[derive(Clone, Copy)]
enum Which {
    Own(Call),
    Other(Name),
}

struct Clock {
    which: Which,
    began: Instant,
    poll: u64,
    process: Arc<ProcessShared>,
}

impl ProcessState {
    /// Times a call of the runtime's own from here until the returned value is dropped. Every call begins with this.
    pub(crate) fn timed(&self, call: Call) -> Timed {
        self.begin_call(Which::Own(call))
    }

    /// Times a call of an extension from here until the returned value is dropped, for [`Metrics::hostcalls`](crate::metrics::Metrics::hostcalls), as
    /// calls of the runtime's own interfaces are timed. An adapter begins with it. The interface is named without a version, such as
    /// `example:greeter/greet`, and the function as in [`Import::needs`](crate::extension::Import::needs).
    pub fn time_call(&self, interface: &'static str, function: &'static str) -> Timed {
        self.begin_call(Which::Other((interface, function)))
    }

    fn begin_call(&self, which: Which) -> Timed {
        self.growth.goes_on();
        let timing = self.shared.metrics.hostcalls.is_some();
        Timed(timing.then(|| Clock {
            which,
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
        calls.record(clock.which, waited, took);
    }
}

impl fmt::Debug for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed").finish_non_exhaustive()
    }
}
