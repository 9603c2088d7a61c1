//! The handles a process holds: wasmtime's resource table, and how many there are in it.
//!
//! Invariant: what WASI keeps in the same table is not counted, but is bounded with the rest.

use super::handle::Shared;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};

/// The table of one process.
pub(crate) struct Handles {
    table: ResourceTable,
    held: u64,
    shared: Arc<Shared>,
}

impl Handles {
    /// A table with room for so many.
    pub(super) fn new(most: usize, shared: &Arc<Shared>) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(most);
        Self {
            table,
            held: 0,
            shared: shared.clone(),
        }
    }

    pub(crate) fn push<T: Send + 'static>(
        &mut self,
        entry: T,
    ) -> Result<Resource<T>, ResourceTableError> {
        let handle = self.table.push(entry)?;
        self.held += 1;
        self.shared.gauges.holds(self.held);
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
        self.shared.gauges.holds(self.held);
        Ok(entry)
    }

    /// For WASI's own resources.
    pub(super) fn of_wasi(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        self.shared.gauges.holds(0);
    }
}
