//! One instance of a service: a process that takes requests, one after the other or several at once.

use super::requests::{Job, Requests, Starting};
use super::{concurrent, plain};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use weft_host::component::LoadedComponent;
use weft_host::extension::Refused;
use weft_host::process::{ProcessState, Serve, Serving};
use weft_host::wasmtime::Store;
use weft_host::wasmtime::component::Instance;

/// How a component is called, the better first.
const HANDLERS: [(&str, Flavour); 2] = [
    ("wasi:http/handler@0.3.", Flavour::Concurrent),
    ("wasi:http/incoming-handler@0.2.", Flavour::Plain),
];

/// Which of the two it exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// `wasi:http/incoming-handler` 0.2: one request at a time.
    Plain,
    /// `wasi:http/handler` 0.3: several at once.
    Concurrent,
}

impl Flavour {
    /// What the component exports, if it is any.
    pub(super) fn of(component: &LoadedComponent) -> Option<Self> {
        let entries = &component.info().entry_points;
        let exports = |interface: &str| {
            let mut entries = entries.iter();
            entries.any(|it| it.name.starts_with(interface) && it.function() == "handle")
        };
        let mut handlers = HANDLERS.into_iter();
        handlers.find_map(|(interface, flavour)| exports(interface).then_some(flavour))
    }
}

/// Takes requests, for one instance.
#[derive(Debug)]
pub(super) struct Handler {
    pub(super) requests: Requests,
    pub(super) flavour: Flavour,
    /// Instances that there are. One that has nothing to do takes itself off before it ends.
    pub(super) live: Arc<AtomicUsize>,
    /// Whether it has taken a request.
    pub(super) took: AtomicBool,
    /// Until it waits for its first request.
    pub(super) starting: Mutex<Option<Starting>>,
}

impl Handler {
    /// Requests that it answers in its life.
    pub(super) fn most(&self) -> usize {
        let usual = match self.flavour {
            Flavour::Plain => 1,
            Flavour::Concurrent => usize::MAX,
        };
        let set = self.requests.settings().requests;
        set.map_or(usual, std::num::NonZeroUsize::get)
    }

    /// What says that it is being started, the first time that it is asked for.
    pub(super) fn started(&self) -> Option<Starting> {
        let starting = self.starting.lock();
        starting.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes a request for this process, which has so many already. Dropping the future takes none.
    pub(super) async fn next(&self, process: u64, has: usize) -> Job {
        let job = self.requests.next(process, has, self.started()).await;
        self.took.store(true, Ordering::Release);
        job
    }

    /// Whether it may end as it has nothing to do. Others do not count it any more then.
    pub(super) fn may_end(&self) -> bool {
        let warm = self.requests.settings().warm;
        let fewer = |live: usize| (live > warm).then(|| live - 1);
        let taken = self
            .live
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, fewer);
        taken.is_ok()
    }
}

/// What an instance says at its end, if it had nothing to do.
pub(super) const IDLE: &str = "idle";

impl Serve for Handler {
    fn fits(&self, component: &LoadedComponent) -> Result<(), Refused> {
        match Flavour::of(component) {
            Some(flavour) if flavour == self.flavour => Ok(()),
            _ => Err(lacks(component.name()).into()),
        }
    }

    fn serve<'a>(
        self: Arc<Self>,
        store: &'a mut Store<ProcessState>,
        instance: Instance,
    ) -> Serving<'a> {
        match self.flavour {
            Flavour::Plain => Box::pin(plain::serve(self, store, instance)),
            Flavour::Concurrent => Box::pin(concurrent::serve(self, store, instance)),
        }
    }
}

/// What is wrong with a component that answers no requests.
pub(super) fn lacks(component: &str) -> String {
    format!(
        "component `{component}` answers no HTTP requests: it exports neither `wasi:http/handler@0.3.0` nor `wasi:http/incoming-handler@0.2.x`"
    )
}
