//! Callbacks for every start in a host, before the process runs.
//!
//! Not `monitor`, which tells guests of ends. This is for embedders that show, count or export all processes,
//! whether started by the embedder or by a guest.
//!
//! Invariants:
//! - An observer is called once for each process launched while it is registered, before the process's first instruction. A
//!   reader of its log that the observer opens misses no entry.
//! - No lock is held while an observer runs, so it may start and stop processes and register observers.

use super::handle::Process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

type Tell = Arc<dyn Fn(&Process) + Send + Sync>;

/// The observers of one host.
#[derive(Default)]
pub(crate) struct Observers {
    list: Mutex<Vec<(u64, Tell)>>,
    last_id: AtomicU64,
}

/// Keeps the callback given to [`Host::observe_starts`](crate::Host::observe_starts) registered. When this is
/// dropped, no new call begins; a call on another thread may still be running.
#[must_use = "an observer is called for as long as this is held"]
pub struct StartObserver {
    id: u64,
    observers: Weak<Observers>,
}

impl Observers {
    pub(crate) fn add(
        self: &Arc<Self>,
        tell: impl Fn(&Process) + Send + Sync + 'static,
    ) -> StartObserver {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        self.lock().push((id, Arc::new(tell)));
        StartObserver {
            id,
            observers: Arc::downgrade(self),
        }
    }

    /// Tells all of them.
    pub(super) fn started(&self, process: &Process) {
        let list = self.lock();
        // The usual case. Starts are many and must stay cheap.
        if list.is_empty() {
            return;
        }
        let tell: Vec<Tell> = list.iter().map(|(_, tell)| tell.clone()).collect();
        drop(list);
        for tell in tell {
            tell(process);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Tell)>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StartObserver {
    fn drop(&mut self) {
        let Some(observers) = self.observers.upgrade() else {
            return;
        };
        let mut list = observers.lock();
        let position = list.iter().position(|(id, _)| *id == self.id);
        let removed = position.map(|position| list.remove(position));
        // The callback is dropped outside the lock: it may own anything.
        drop(list);
        drop(removed);
    }
}

impl std::fmt::Debug for StartObserver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartObserver").finish_non_exhaustive()
    }
}
