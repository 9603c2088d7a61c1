//! Where the work of a file call runs, and what it is charged to.
//!
//! A call that may block runs on a blocking thread, in a closure that [`Calls::run`] owns. It first waits for its turn. It keeps its place
//! until the thread has returned, even if its process is killed meanwhile, as a blocked thread cannot be interrupted. The processor time of
//! the thread counts against the limit `cpu-time`; the driver of the process checks that at its next poll.
//!
//! Invariants:
//! - The waiter of a call may be dropped. A call that has not begun is then cancelled; a call that has begun is finished, and its result is
//!   released.
//! - The arguments that a call keeps are charged to `host-bytes` while it waits.

use super::shares::{CALLS_OF_PROCESS, FamilyShare, NoDescriptor, OF_HOST, Place, Share};
use crate::account::{Account, Charge, Exhausted, Good};
use crate::limits::{Limit, Limits};
use crate::process::ProcessShared;
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};
use std::fmt::Display;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Bytes that the host keeps for a waiting call in addition to its arguments: its future and its task.
const CALL_BYTES: usize = 1 << 10;

/// Bytes that a new file, folder or link counts for `disk-bytes`: one block, since its entry and inode take some space.
pub(super) const ENTRY_BYTES: u64 = 4 << 10;

/// The log text before the reason.
const NO_MORE_FILES: &str = "no more files can be opened";

/// A call that is running.
pub(super) type Flight<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// The file calls of one process.
pub(crate) struct Calls {
    runtime: Handle,
    account: Arc<Account>,
    shared: Arc<ProcessShared>,
    own: Arc<Semaphore>,
    family: Arc<FamilyShare>,
    disk_limited: bool,
}

/// A call on its thread.
struct Work {
    calls: Arc<Calls>,
    /// The processor time of the thread when the call began.
    began: Duration,
    _place: Place,
}

/// Cancels a task when dropped, if it has not begun.
struct Task<T>(JoinHandle<T>);

impl Calls {
    pub(crate) fn new(
        runtime: Handle,
        account: &Arc<Account>,
        shared: &Arc<ProcessShared>,
        family: Arc<FamilyShare>,
        limits: &Limits,
    ) -> Arc<Self> {
        Arc::new(Self {
            runtime,
            account: account.clone(),
            shared: shared.clone(),
            own: Arc::new(Semaphore::new(CALLS_OF_PROCESS)),
            family,
            disk_limited: limits.disk_bytes.is_some(),
        })
    }

    /// The share of its family.
    pub(crate) fn family(&self) -> &Arc<FamilyShare> {
        &self.family
    }

    /// Runs a body that may block. `kept` are bytes that it keeps while it waits.
    ///
    /// # Errors
    /// Those of `body`; `insufficient-memory` if the kept bytes cannot be charged.
    pub(super) async fn run<T, E>(
        self: &Arc<Self>,
        kept: usize,
        body: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<io::Error> + Send + 'static,
    {
        let waits = self.keep(CALL_BYTES + kept)?;
        let done = self.run_unpaid(body).await;
        drop(waits);
        done
    }

    /// The same for a body that keeps nothing, so it cannot be refused.
    pub(super) async fn run_unpaid<T, E>(
        self: &Arc<Self>,
        body: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<io::Error> + Send + 'static,
    {
        let place = self.family.turn(&self.own).await;
        let calls = self.clone();
        let mut task = Task(self.runtime.spawn_blocking(move || {
            let _work = Work {
                calls,
                began: time_of_thread(),
                _place: place,
            };
            body()
        }));
        // The result is lost if the body panicked or the runtime is shutting down.
        let done = (&mut task.0).await;
        done.unwrap_or_else(|_| Err(io::Error::from(Errno::IO).into()))
    }

    /// Charges host memory to the process.
    pub(super) fn keep(&self, bytes: usize) -> io::Result<Charge> {
        let charge = self.account.charge(Good::HostBytes, bytes as u64);
        charge.map_err(|refused| self.no_room(&refused))
    }

    /// Grows such a charge.
    pub(super) fn keep_more(&self, charge: &mut Charge, bytes: usize) -> io::Result<()> {
        let grown = charge.grow(bytes as u64);
        grown.map_err(|refused| self.no_room(&refused))
    }

    fn no_room(&self, reason: &Exhausted) -> io::Error {
        self.note(Limit::HostBytes.name(), "a file call failed", reason);
        Errno::NOMEM.into()
    }

    /// Takes a share for a descriptor.
    pub(super) fn descriptor(&self) -> io::Result<Share> {
        self.family.take(&self.account).map_err(|refused| {
            match refused {
                NoDescriptor::Limit(_) => {
                    self.note(Limit::OpenFiles.name(), NO_MORE_FILES, &refused);
                }
                NoDescriptor::Host(_) => self.no_descriptor(&refused),
            }
            Errno::NOMEM.into()
        })
    }

    /// The same for a folder that is mounted at the start.
    pub(super) fn descriptor_of_mount(&self) -> Result<Share, NoDescriptor> {
        self.family.take(&self.account)
    }

    /// Logs once that the host or the system has no descriptors left.
    pub(super) fn no_descriptor(&self, reason: &dyn Display) {
        self.note(OF_HOST, NO_MORE_FILES, reason);
    }

    /// Logs once that a limit was reached.
    fn note(&self, limit: &'static str, what: &str, reason: &dyn Display) {
        let text = format!("{what}: {reason}");
        self.shared.log.note_limit(limit, &text);
    }

    /// Logs once that something was not opened because it is neither a file nor a folder.
    pub(super) fn no_plain_file(&self) {
        let text = "only files and folders are opened: pipes, sockets and devices are refused";
        self.shared.log.note_refusal("special-file", text);
    }

    /// Charges bytes that will be written to a disk. Unused bytes of the charge are given back.
    pub(super) fn pay(&self, bytes: u64) -> io::Result<Charge> {
        let charge = self.account.charge(Good::DiskBytes, bytes);
        charge.map_err(|refused| {
            let what = "no more can be written to files";
            self.note(Limit::DiskBytes.name(), what, &refused);
            Errno::NOSPC.into()
        })
    }

    /// Whether the process has a limit `disk-bytes`.
    pub(super) fn counts_disk(&self) -> bool {
        self.disk_limited
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let time = time_of_thread().saturating_sub(self.began);
        self.calls.shared.gauges.spent_in_calls(time);
        // The driver of the process checks the limit itself.
        self.calls.account.spend(time);
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The processor time of this thread.
fn time_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
