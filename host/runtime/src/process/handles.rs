//! The handles a process holds: wasmtime's resource table, the number of handles in it, and their cost.
//!
//! WASI keeps its own resources in the same table. The gauges show only the fabric's handles. All handles are bounded and paid for.
//!
//! Invariant: the table has no more places than have been paid for as `host-bytes`. Places are paid for as they are needed, and kept: a
//! table does not shrink.

use super::handle::ProcessShared;
use crate::account::{Account, Charge, Exhausted, Good};
use crate::kept;
use crate::limits::Limit;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};

/// Places that every process has from the start.
const FIRST: usize = 32;

/// Places that one WASI call takes at most: a subscription takes two. The call that lists the mounts takes
/// more.
const TAKEN: usize = 2;

/// Places that are free before each WASI call: a process has no more mounts than this.
const HEADROOM: usize = 16;

/// The table of one process.
pub(crate) struct Handles {
    table: ResourceTable,
    /// The fabric's handles.
    held: usize,
    /// WASI's handles, an upper bound.
    of_wasi: usize,
    /// Places that are paid for.
    room: usize,
    most: usize,
    paid: Charge,
    /// Why there are no more places, if the limit `handles` is not the reason.
    refused: Option<Exhausted>,
    shared: Arc<ProcessShared>,
}

/// Why the table has no place for a handle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlace {
    /// The limit `handles` is reached.
    #[error("the process holds as many handles as its limit `handles` allows")]
    Handles,
    /// The place cannot be paid for.
    #[error(transparent)]
    Unpaid(#[from] Exhausted),
}

impl NoPlace {
    /// The name of the limit.
    pub(crate) fn limit(&self) -> &'static str {
        match self {
            NoPlace::Handles => Limit::Handles.name(),
            NoPlace::Unpaid(exhausted) => exhausted.limit(),
        }
    }
}

impl Handles {
    /// A table for at most `most` handles, if its first places can be paid for.
    pub(super) fn new(
        most: usize,
        account: &Arc<Account>,
        shared: &Arc<ProcessShared>,
    ) -> Result<Self, Exhausted> {
        let room = FIRST.min(most);
        let mut table = ResourceTable::new();
        table.set_max_capacity(room);
        Ok(Self {
            table,
            held: 0,
            of_wasi: 0,
            room,
            most,
            paid: account.charge(Good::HostBytes, room as u64 * kept::HANDLE)?,
            refused: None,
            shared: shared.clone(),
        })
    }

    pub(crate) fn push<T: Send + 'static>(&mut self, entry: T) -> Result<Resource<T>, NoPlace> {
        self.make_room();
        let Ok(handle) = self.table.push(entry) else {
            return Err(self.no_place());
        };
        self.held += 1;
        self.shared.gauges.holds(self.held as u64);
        Ok(handle)
    }

    pub(crate) fn get<T: 'static>(&self, key: &Resource<T>) -> Result<&T, ResourceTableError> {
        self.table.get(key)
    }

    pub(crate) fn get_mut<T: 'static>(
        &mut self,
        key: &Resource<T>,
    ) -> Result<&mut T, ResourceTableError> {
        self.table.get_mut(key)
    }

    pub(crate) fn delete<T: 'static>(&mut self, key: Resource<T>) -> Result<T, ResourceTableError> {
        let entry = self.table.delete(key)?;
        self.held = self.held.saturating_sub(1);
        self.shared.gauges.holds(self.held as u64);
        Ok(entry)
    }

    /// The table, for one WASI call.
    pub(crate) fn of_wasi(&mut self) -> &mut ResourceTable {
        self.make_room();
        self.of_wasi += TAKEN;
        &mut self.table
    }

    /// Why a push failed.
    pub(crate) fn no_place(&self) -> NoPlace {
        match &self.refused {
            Some(exhausted) if self.room < self.most => NoPlace::Unpaid(*exhausted),
            _ => NoPlace::Handles,
        }
    }

    /// Makes room for a few more handles, within the limit.
    fn make_room(&mut self) {
        if self.held + self.of_wasi + HEADROOM > self.room {
            self.count();
        }
    }

    /// Counts the handles in the table, since WASI does not report what it drops. Pays for more places if they run
    /// out.
    #[cold]
    fn count(&mut self) {
        let there = self.table.iter_mut().count();
        self.of_wasi = there.saturating_sub(self.held);
        if there + HEADROOM <= self.room || self.room >= self.most {
            return;
        }
        let room = (self.room * 2).max(there + HEADROOM).min(self.most);
        let more = (room - self.room) as u64 * kept::HANDLE;
        match self.paid.grow(more) {
            Ok(()) => {
                self.room = room;
                self.table.set_max_capacity(room);
                self.refused = None;
            }
            Err(exhausted) => self.refused = Some(exhausted),
        }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        self.shared.gauges.holds(0);
    }
}
