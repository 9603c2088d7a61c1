//! Who is alive: the processes of one host, by id.

use super::handle::Process;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The processes of one host. Ids are never used again.
#[derive(Default)]
pub(crate) struct ProcessTable {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    /// None while a start is still making its process.
    live: BTreeMap<u64, Option<Process>>,
    closed: bool,
}

/// A place in the table. Dropping it frees the place.
pub(crate) struct Seat {
    pub(crate) id: u64,
    table: Arc<ProcessTable>,
}

/// Why there is no place.
pub(crate) enum NoSeat {
    /// All of them are taken.
    Full,
    /// The host is shutting down.
    Closed,
}

impl ProcessTable {
    /// Takes a place, if fewer than `most` are taken.
    pub(crate) fn take(self: &Arc<Self>, most: u32) -> Result<Seat, NoSeat> {
        let mut state = self.lock();
        if state.closed {
            return Err(NoSeat::Closed);
        }
        if state.live.len() >= most as usize {
            return Err(NoSeat::Full);
        }
        state.last_id += 1;
        let id = state.last_id;
        state.live.insert(id, None);
        Ok(Seat {
            id,
            table: self.clone(),
        })
    }

    /// The live processes, oldest first.
    pub(crate) fn live(&self) -> Vec<Process> {
        self.lock().live.values().flatten().cloned().collect()
    }

    /// Takes no more processes.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Makes the process visible.
    pub(crate) fn seat(&self, process: Process) {
        self.table.lock().live.insert(self.id, Some(process));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let freed = self.table.lock().live.remove(&self.id);
        drop(freed);
    }
}
