//! The live processes of one host, by id.

use super::handle::Process;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The processes of one host. Ids are never reused.
#[derive(Default)]
pub(crate) struct ProcessTable {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    /// `None` while a start is still making the process.
    live: BTreeMap<u64, Option<Process>>,
    /// Shares of the engine in use; most processes take one.
    taken: u32,
    closed: bool,
}

impl State {
    /// The processes without a status. A process that has ended leaves the table in its last step, after its
    /// status is set.
    fn live(&self) -> impl Iterator<Item = &Process> {
        let all = self.live.values().flatten();
        all.filter(|process| !process.shared.has_ended())
    }
}

/// A place in the table. Dropping it makes the process invisible, and gives back its shares of the engine
/// unless [`vacate`](Self::vacate) did.
pub(crate) struct Slot {
    pub(crate) id: u64,
    shares: u32,
    table: Arc<ProcessTable>,
}

/// Why there is no place.
pub(crate) enum NoSlot {
    /// All of them are taken.
    Full,
    /// The host is shutting down.
    Closed,
}

impl ProcessTable {
    /// Takes a place with `shares` shares, if at most `most` shares are then taken.
    pub(crate) fn take(self: &Arc<Self>, shares: u32, most: u32) -> Result<Slot, NoSlot> {
        let mut state = self.lock();
        if state.closed {
            return Err(NoSlot::Closed);
        }
        let taken = state.taken.saturating_add(shares);
        if taken > most {
            return Err(NoSlot::Full);
        }
        state.taken = taken;
        state.last_id += 1;
        let id = state.last_id;
        state.live.insert(id, None);
        Ok(Slot {
            id,
            shares,
            table: self.clone(),
        })
    }

    /// The live processes, oldest first.
    pub(crate) fn live(&self) -> Vec<Process> {
        self.lock().live().cloned().collect()
    }

    /// The number of live processes and of starts under way.
    pub(crate) fn taken(&self) -> usize {
        let state = self.lock();
        let starting = state.live.values().filter(|process| process.is_none());
        starting.count() + state.live().count()
    }

    /// From now on refuses all starts.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Gives back the shares, as the engine holds nothing of the process any more. The process stays visible until its end
    /// is known.
    pub(crate) fn vacate(&mut self) {
        let shares = std::mem::take(&mut self.shares);
        let mut state = self.table.lock();
        state.taken = state.taken.saturating_sub(shares);
    }

    /// Makes the process visible. If the host has begun to shut down meanwhile, the process is killed before it
    /// runs: the shutdown has not seen it.
    pub(crate) fn fill(&self, process: Process) {
        let mut state = self.table.lock();
        if state.closed {
            process.kill();
        }
        state.live.insert(self.id, Some(process));
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.vacate();
        let mut state = self.table.lock();
        let freed = state.live.remove(&self.id);
        // Dropped outside the lock: this may be the last handle of its log.
        drop(state);
        drop(freed);
    }
}
