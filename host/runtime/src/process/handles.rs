//! The handles a process holds: wasmtime's resource table, how many there are in it, and what they weigh.
//!
//! WASI keeps what is its own in the same table. Only the fabric's are counted for those who show them; all are
//! bounded, and paid for.
//!
//! Invariant: the table has no more places than have been paid for as `host-bytes`. Places are paid for as they are needed, and kept: a
//! table does not shrink.

use super::handle::Shared;
use crate::account::{Account, Charge, Exhausted, Good};
use crate::kept;
use crate::limits::Limit;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};

/// Places that every process has from its start.
const FIRST: usize = 32;

/// Places that a call of WASI takes at the most, but for the one that lists the mounts: a subscription is two.
const TAKEN: usize = 2;

/// Places that are free before a call of WASI: there are no more mounts.
const HEADROOM: usize = 16;

/// The table of one process.
pub(crate) struct Handles {
    table: ResourceTable,
    /// The fabric's own.
    held: usize,
    /// WASI's, at the most.
    of_wasi: usize,
    /// Places that are paid for.
    room: usize,
    most: usize,
    paid: Charge,
    /// Why there are no more places, if it is not the limit `handles`.
    refused: Option<Exhausted>,
    shared: Arc<Shared>,
}

/// There is no place in the table.
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
    /// A table with room for so many, if its first places can be paid for.
    pub(super) fn new(
        most: usize,
        account: &Arc<Account>,
        shared: &Arc<Shared>,
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

    /// For WASI's own resources, one call of it.
    pub(crate) fn of_wasi(&mut self) -> &mut ResourceTable {
        self.make_room();
        self.of_wasi += TAKEN;
        &mut self.table
    }

    /// Why a handle found no place.
    pub(crate) fn no_place(&self) -> NoPlace {
        match &self.refused {
            Some(exhausted) if self.room < self.most => NoPlace::Unpaid(*exhausted),
            _ => NoPlace::Handles,
        }
    }

    /// Sees to it that a few more handles find a place, if they may.
    fn make_room(&mut self) {
        if self.held + self.of_wasi + HEADROOM > self.room {
            self.count();
        }
    }

    /// Counts what is really there, as nobody says what WASI has dropped, and pays for more places when they run out.
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
