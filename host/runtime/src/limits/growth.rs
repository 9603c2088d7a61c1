//! The limiter of a store: adds up all memories and tables of a process, and counts its instances. wasmtime's
//! own limiter counts each memory alone.
//!
//! Invariant: the memory and tables of a store are charged to the accounts of its process and all its
//! ancestors. They are charged before they exist, and until the store is dropped.

use super::{Limit, Limits};
use crate::account::{Account, Charge, Good};
use crate::engine::TABLE_ELEMENTS;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::{Error, ResourceLimiter, Result};

/// What the memories and tables of one store have grown to.
#[derive(Debug)]
pub(crate) struct Growth {
    memory: Counted,
    tables: Counted,
    instances: u32,
    /// Whether the guest has called the host, and so went on, after it was refused.
    went_on: AtomicBool,
}

/// A resource that grows.
#[derive(Debug)]
struct Counted {
    charge: Charge,
    /// The last growth that was allowed; the system may still refuse it.
    last: u64,
    /// Whether the last growth was refused. The limit is then the cause of a trap.
    refused: bool,
    /// Whether any growth was refused.
    ever_refused: bool,
}

impl Counted {
    fn new(account: &Arc<Account>, good: Good) -> Self {
        Self {
            charge: Charge::nothing(account, good),
            last: 0,
            refused: false,
            ever_refused: false,
        }
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        // Beyond the maximum of its own type: the limit is not the cause of this refusal.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return false;
        }
        let growth = desired.saturating_sub(current) as u64;
        let allowed = self.charge.grow(growth).is_ok();
        self.refused = !allowed;
        self.ever_refused |= !allowed;
        if allowed {
            self.last = growth;
        }
        allowed
    }

    /// The system refused a growth that the limit allowed.
    fn failed(&mut self) {
        self.charge.shrink(std::mem::take(&mut self.last));
        self.refuse();
    }

    /// Records a refusal, by the limit or by the engine.
    fn refuse(&mut self) {
        self.refused = true;
        self.ever_refused = true;
    }
}

impl Growth {
    pub(crate) fn new(limits: &Limits, account: &Arc<Account>) -> Self {
        Self {
            memory: Counted::new(account, Good::Memory),
            tables: Counted::new(account, Good::TableElements),
            instances: limits.instances,
            went_on: AtomicBool::new(false),
        }
    }

    /// Called when the guest calls the host.
    pub(crate) fn goes_on(&self) {
        self.went_on.store(true, Ordering::Relaxed);
    }

    /// Whether the guest has called the host since it was refused.
    pub(crate) fn went_on(&self) -> bool {
        self.went_on.load(Ordering::Relaxed)
    }

    /// The limit that refused the last growth, if it was refused.
    pub(crate) fn refused(&self) -> Option<Limit> {
        let limits = [
            (&self.memory, Limit::Memory),
            (&self.tables, Limit::TableElements),
        ];
        let refused = limits.into_iter().find(|(counted, _)| counted.refused);
        refused.map(|(_, limit)| limit)
    }

    /// Whether memory was refused at any time. The guest may have got a little since, such as for its panic
    /// message.
    pub(crate) fn memory_was_refused(&self) -> bool {
        self.memory.ever_refused
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.went_on = AtomicBool::new(false);
        Ok(self.memory.grow(current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, _: Error) -> Result<()> {
        self.memory.failed();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        self.went_on = AtomicBool::new(false);
        // The engine's bound on a table arrives as the table's own maximum.
        if maximum == Some(TABLE_ELEMENTS) && desired > TABLE_ELEMENTS {
            self.tables.refuse();
            return Ok(false);
        }
        Ok(self.tables.grow(current, desired, maximum))
    }

    fn table_grow_failed(&mut self, _: Error) -> Result<()> {
        self.tables.failed();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances as usize
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::usage::Counted;

    #[test]
    fn memory_is_counted_without_overflow_and_failed_growth_is_given_back() {
        let limits = Limits {
            memory: 100,
            ..Limits::default()
        };
        let account = Account::new(&limits, None, Counted::default());
        let mut growth = Growth::new(&limits, &account);
        assert!(growth.memory_growing(0, 60, None).unwrap());
        assert!(!growth.memory_growing(0, usize::MAX, None).unwrap());
        assert!(growth.memory_growing(60, 100, None).unwrap());
        growth
            .memory_grow_failed(wasmtime::format_err!("no"))
            .unwrap();
        // 60 are held and 40 are left. All are free again after the store is dropped.
        assert!(account.charge(Good::Memory, 41).is_err());
        assert!(account.charge(Good::Memory, 40).is_ok());
        drop(growth);
        assert!(account.charge(Good::Memory, 100).is_ok());
    }
}
