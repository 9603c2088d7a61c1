//! What the host keeps in the store of each process.

use super::handle::ProcessShared;
use super::handles::Handles;
use super::permits::Permits;
use crate::account::Account;
use crate::capability::{Capabilities, Capability};
use crate::extension::Slots;
use crate::host::HostInner;
use crate::hostcalls::Call;
use crate::interface::filesystem::Files;
use crate::limits::{Growth, Limits};
use crate::log::{LogLevels, ProcessLog};
use crate::usage::Counted;
use std::sync::{Arc, Weak};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The data of a process's store: what the adapters of an [`Extension`](crate::extension::Extension) get of the process that calls them.
///
/// Everything the process holds is in its table or kept beside it, so dropping the store releases it all.
pub struct ProcessState {
    pub(crate) shared: Arc<ProcessShared>,
    /// Weak: a process must not keep its host alive.
    pub(crate) host: Weak<HostInner>,
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: Limits,
    pub(crate) account: Arc<Account>,
    pub(crate) growth: Growth,
    pub(crate) log: Arc<ProcessLog>,
    /// Which of the guest's log entries are kept.
    pub(crate) log_levels: LogLevels,
    pub(crate) table: Handles,
    pub(crate) permits: Arc<Permits>,
    pub(crate) wasi: WasiCtx,
    pub(crate) files: Files,
    /// What extensions keep for the process.
    pub(crate) slots: Slots,
    /// Counts the store.
    pub(crate) _counted: Counted,
}

impl ProcessState {
    /// Checks the right that a call needs. If the process does not hold it, returns the name for the denial.
    pub(crate) fn permit(&self, call: Call) -> Result<(), String> {
        match call.declared().capability {
            Some(Capability::Right(right)) if !self.capabilities.holds(right) => {
                self.log.note_denial(right.into());
                Err(right.name().to_owned())
            }
            // Capabilities for names are checked by `permit_name`.
            _ => Ok(()),
        }
    }

    /// The same check for a call about this name.
    pub(crate) fn permit_name(&self, call: Call, name: &str) -> Result<(), String> {
        self.permit(call)?;
        let held = &self.capabilities;
        let (capability, may) = match call.declared().capability {
            Some(it @ Capability::RegistryPublish) => (it, held.may_publish(name)),
            Some(it @ Capability::RegistryLookup) => (it, held.may_lookup(name)),
            _ => return Ok(()),
        };
        if may {
            return Ok(());
        }
        self.log.note_denial(capability);
        Err(capability.of(name))
    }
}

impl std::fmt::Debug for ProcessState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessState")
            .field("id", &self.shared.id)
            .finish_non_exhaustive()
    }
}

impl WasiView for ProcessState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.growth.goes_on();
        WasiCtxView {
            ctx: &mut self.wasi,
            table: self.table.of_wasi(),
        }
    }
}
