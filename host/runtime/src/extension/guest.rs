//! What the adapters of an extension see of the process that calls them.

use super::{ExtensionRight, right};
use crate::account::{Account, Charge, Good};
use crate::channel::Channels;
use crate::interface::filesystem::{FamilyShare, Share};
use crate::kept;
use crate::limits::Limit;
use crate::log::ProcessLog;
use crate::process::ProcessState;
use crate::usage::{Counted, Counter};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::{Resource, ResourceTable};
use weft_channel::{Channel, Options};

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

    /// Resolves when the process is asked to stop; at once if it was before.
    pub fn stop_request(&self) -> impl Future<Output = ()> + Send + use<> {
        let shared = self.shared.clone();
        async move { shared.stop_request().await }
    }

    /// What an extension [keeps](super::NewProcess::keep) for the process, by its type; the type's default, if that is nothing.
    pub fn own<T: Default + Send + 'static>(&mut self) -> &mut T {
        self.slots.get()
    }

    /// The resources that the process holds, for one call that makes or takes a few. They count against its limit `handles`.
    pub fn resources(&mut self) -> &mut ResourceTable {
        self.growth.goes_on();
        self.table.of_wasi()
    }

    /// Puts a handle of the fabric into the table, such as a reader: it is told apart from WASI's in what is shown of the process.
    ///
    /// # Errors
    /// Which limit is reached, in words for an error of the interface. The handle is dropped.
    pub fn keep_handle<T: Send + 'static>(&mut self, handle: T) -> Result<Resource<T>, String> {
        self.table.push(handle).map_err(|none| none.to_string())
    }

    /// Takes such a handle out of the table.
    ///
    /// # Errors
    /// wasmtime's, for a handle that is not there, which ends the guest.
    pub fn release_handle<T: 'static>(&mut self, handle: Resource<T>) -> wasmtime::Result<T> {
        Ok(self.table.delete(handle)?)
    }

    /// Such a handle.
    ///
    /// # Errors
    /// As for [`release_handle`](Self::release_handle).
    pub fn handle<T: 'static>(&self, handle: &Resource<T>) -> wasmtime::Result<&T> {
        Ok(self.table.get(handle)?)
    }

    /// Both at once.
    pub fn own_and_resources<T: Default + Send + 'static>(
        &mut self,
    ) -> (&mut T, &mut ResourceTable) {
        self.growth.goes_on();
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
        match right.covers(&self.capabilities.other, value) {
            true => Ok(()),
            false => Err(self.deny(right, value)),
        }
    }

    /// Notes in the log that the right was missing, once for each value, and gives the text for the denial.
    pub fn deny(&self, right: &'static ExtensionRight, value: Option<&str>) -> String {
        self.log.note_missing(right, value, None);
        right::denied(right.name, value)
    }

    /// Notes in the log that a bound of the extension was reached, once for each name: for interfaces whose errors cannot say it.
    pub fn note_limit(&self, limit: &'static str, text: &str) {
        self.log.note_limit(limit, text);
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
        pay(&self.account, bytes)
    }

    /// Ends the process, as it keeps more than it can pay for and no call has an error for that. `text` says what, for the log.
    pub fn end_at_host_bytes(&self, text: &str) {
        self.log.note_limit(Limit::HostBytes.name(), text);
        self.shared.end_at(Limit::HostBytes);
    }

    /// What tasks and callbacks that have no store may do for the process; nothing once its host is gone.
    pub fn on_behalf(&self) -> Option<OnBehalf> {
        Some(OnBehalf {
            id: self.shared.id,
            name: self.shared.name.as_str().into(),
            account: self.account.clone(),
            log: self.log.clone(),
            family: self.files.family().clone(),
            channels: self.host.upgrade()?.channels.clone(),
            counter: self.slots.counter().clone(),
        })
    }

    /// Lets the process pay for a call that waits beside it: any number of them can be under way.
    ///
    /// # Errors
    /// One that ends the process at its limit, as the runtime's own waits do: a call without an error has nothing to say it with.
    pub fn pay_for_wait(&self) -> wasmtime::Result<HostBytes> {
        let charge = self.account.charge(Good::HostBytes, kept::WAITING_CALL)?;
        Ok(HostBytes(charge))
    }
}

fn pay(account: &Arc<Account>, bytes: u64) -> Result<HostBytes, String> {
    let paid = account.charge(Good::HostBytes, bytes);
    paid.map(HostBytes).map_err(|error| error.to_string())
}

/// One descriptor of the host that a process has until this is dropped, such as for a socket.
#[derive(Debug)]
pub struct Descriptor(#[expect(dead_code, reason = "it is there to be dropped")] Share);

/// What tasks and callbacks of an extension, which have no store, may do for a process. Cheap to clone.
///
/// It keeps neither the process nor its store, but what it has paid for counts as the process's.
#[derive(Clone)]
pub struct OnBehalf {
    pub(super) id: u64,
    pub(super) name: Arc<str>,
    pub(super) account: Arc<Account>,
    pub(super) log: Arc<ProcessLog>,
    pub(super) family: Arc<FamilyShare>,
    pub(super) channels: Arc<Channels>,
    pub(super) counter: Counter,
}

impl OnBehalf {
    /// As [`ProcessState::deny`].
    pub fn deny(&self, right: &'static ExtensionRight, value: Option<&str>) -> String {
        self.log.note_missing(right, value, None);
        right::denied(right.name, value)
    }

    /// As [`ProcessState::deny`], with words on why the right is needed.
    pub fn deny_as(&self, right: &'static ExtensionRight, value: &str, cause: &str) -> String {
        self.log.note_missing(right, Some(value), Some(cause));
        right::denied(right.name, Some(value))
    }

    /// Notes in the log that something was refused which no right can allow, once for each `what`.
    pub fn note_refusal(&self, what: &'static str, text: &str) {
        self.log.note_refusal(what, text);
    }

    /// As [`ProcessState::note_limit`].
    pub fn note_limit(&self, limit: &'static str, text: &str) {
        self.log.note_limit(limit, text);
    }

    /// Takes one of the host's descriptors for the process, within its limit `open-files` and the share of its family. It is taken before the
    /// descriptor is opened. The log says once why there is none.
    ///
    /// # Errors
    /// Which limit is reached, in words for an error of the interface.
    pub fn descriptor(&self) -> Result<Descriptor, String> {
        let taken = self.family.take(&self.account);
        taken.map(Descriptor).map_err(|error| {
            let text = error.to_string();
            self.log.note_limit(error.limit(), &text);
            text
        })
    }

    /// Makes a channel that counts as one that the process has made: against its limits `channels` and `channel-bytes`, until nobody
    /// holds any part of it.
    ///
    /// # Errors
    /// Which limit is reached, or what is wrong with the options, in words for an error of the interface.
    pub fn channel(&self, options: Options) -> Result<Channel, String> {
        let made = self
            .channels
            .make((self.id, &self.name), &self.account, options);
        made.map_err(|none| none.to_string())
    }

    /// As [`ProcessState::count_one`].
    pub fn count_one(&self) -> Counted {
        self.counter.one()
    }

    /// As [`ProcessState::pay_host_bytes`].
    ///
    /// # Errors
    /// Which limit is reached, in words for an error of the interface.
    pub fn pay_host_bytes(&self, bytes: u64) -> Result<HostBytes, String> {
        pay(&self.account, bytes)
    }

    /// Work that is done for the process in another task: the time of its polls counts as the process's CPU time. A process that has used
    /// up its own ends at its next step.
    pub fn measured<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        let account = self.account.clone();
        // Boxed, so that it can be polled here.
        let mut work = Box::pin(work);
        poll_fn(move |cx| {
            let began = Instant::now();
            let polled = work.as_mut().poll(cx);
            account.spend(began.elapsed());
            polled
        })
    }
}

impl std::fmt::Debug for OnBehalf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnBehalf").finish_non_exhaustive()
    }
}
