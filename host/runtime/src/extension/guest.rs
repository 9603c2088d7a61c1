//! What the adapters of an extension see of the process that calls them.

use super::{ExtensionRight, OtherRight, right};
use crate::account::{Charge, Good};
use crate::capability::Capability;
use crate::process::ProcessState;
use crate::usage::Counted;
use wasmtime::component::ResourceTable;

/// Bytes of the host that a process pays for with its limit `host-bytes`, until this is dropped.
#[derive(Debug)]
pub struct HostBytes(#[expect(dead_code, reason = "it is there to be dropped")] Charge);

impl ProcessState {
    /// The id of the process.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// What an extension [keeps](super::NewProcess::keep) for the process, by its type; the type's default, if that is nothing.
    pub fn own<T: Default + Send + 'static>(&mut self) -> &mut T {
        self.slots.get()
    }

    /// The resources that the process holds, for one call that makes or takes a few. They count against its limit `handles`.
    pub fn resources(&mut self) -> &mut ResourceTable {
        self.table.of_wasi()
    }

    /// Both at once.
    pub fn own_and_resources<T: Default + Send + 'static>(
        &mut self,
    ) -> (&mut T, &mut ResourceTable) {
        (self.slots.get(), self.table.of_wasi())
    }

    /// Whether the process holds the right to what `value` says. If not, the text for the denial, such as
    /// `connect(https://example.org)`; the log names the right that is missing then.
    ///
    /// # Errors
    /// That text, for a value of the error that the interface has for it.
    pub fn permit_right(
        &self,
        right: &'static ExtensionRight,
        value: Option<&str>,
    ) -> Result<(), String> {
        let held = self.capabilities.other.iter();
        let mut held = held.filter(|held| held.name == right.name);
        match held.any(|held: &OtherRight| right.covers(held.value.as_deref(), value)) {
            true => Ok(()),
            false => Err(self.deny(right, value)),
        }
    }

    /// Notes in the log that the right was missing, once for each, and gives the text for the denial.
    pub fn deny(&self, right: &'static ExtensionRight, value: Option<&str>) -> String {
        self.log.note_denial(Capability::Extension(right));
        right::denied(right.name, value)
    }

    /// One more thing that is held for the process, such as a connection. It counts in
    /// [`Usage::extensions`](crate::usage::Usage::extensions) until it is dropped.
    pub fn count_one(&self) -> Counted {
        self.slots.one()
    }

    /// Lets the process pay for bytes that the host keeps for it.
    ///
    /// # Errors
    /// Which limit is reached, in words for an error of the interface.
    pub fn pay_host_bytes(&self, bytes: u64) -> Result<HostBytes, String> {
        let paid = self.account.charge(Good::HostBytes, bytes);
        paid.map(HostBytes).map_err(|error| error.to_string())
    }
}
