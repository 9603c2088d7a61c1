//! The handle of a process: what its starter holds.
//!
//! Invariant: dropping handles changes nothing for the process; the status is
//! set once, after everything the process held has been released.

use super::control::Control;
use super::exit::ExitStatus;
use super::family::Family;
use super::gauges::{Gauges, ProcessUsage};
use crate::account::Charge;
use crate::changes::Changes;
use crate::log::{LogResource, LogStream, ProcessLog};
use crate::metrics::{PhaseTime, Recorder};
use crate::usage::Counted;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use weft_channel::{Channel, Reader};

/// What is there as long as somebody holds a handle of a process.
pub(super) struct Record {
    /// For what is kept of it.
    pub(super) kept: Charge,
    pub(super) counted: Counted,
    /// Who is told when something becomes of the process.
    pub(super) changes: Arc<Changes>,
}

/// What a process and its handles share.
pub(crate) struct Shared {
    pub(crate) id: u64,
    pub(crate) name: String,
    component: String,
    pub(crate) log: Arc<ProcessLog>,
    pub(super) control: Control,
    pub(super) family: Family,
    pub(crate) gauges: Gauges,
    pub(crate) metrics: Arc<Recorder>,
    status: watch::Sender<Option<ExitStatus>>,
    /// For what the record keeps: as long as somebody holds a handle of the process.
    kept: Mutex<Charge>,
    pub(super) changes: Arc<Changes>,
    _counted: Counted,
}

impl Shared {
    pub(super) fn new(
        id: u64,
        name: String,
        component: String,
        log: Arc<ProcessLog>,
        family: Family,
        metrics: Arc<Recorder>,
        record: Record,
    ) -> Self {
        Self {
            id,
            name,
            component,
            log,
            control: Control::new(),
            family,
            gauges: Gauges::new(),
            metrics,
            status: watch::Sender::new(None),
            kept: Mutex::new(record.kept),
            changes: record.changes,
            _counted: record.counted,
        }
    }

    /// A status that can be kept for whoever asks: one whose text cannot be paid for is the limit of that.
    pub(super) fn afford(&self, status: ExitStatus) -> ExitStatus {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.grow(status.text_bytes()) {
            Ok(()) => status,
            Err(exhausted) => ExitStatus::Limit(exhausted.limit().into()),
        }
    }

    /// Sets the status, once, and tells those who are to know; later calls change nothing.
    pub(super) fn finish(self: &Arc<Self>, status: ExitStatus) {
        self.log.close();
        let first = self.status.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                // Whoever sees the end also sees it counted.
                if self.gauges.has_run() {
                    self.metrics.ended(&status);
                }
                *current = Some(status.clone());
            }
            first
        });
        if first {
            self.leave_family(&status);
            self.changes.note();
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.status.borrow().is_some()
    }

    /// How it ended, or none while it runs.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        self.status.borrow().clone()
    }

    /// Whether the process was asked to stop.
    pub(crate) fn stop_requested(&self) -> bool {
        self.control.stop_requested()
    }

    /// Resolves when the process is asked to stop; at once if it was before.
    pub(crate) async fn stop_request(&self) {
        self.control.stop_request().await;
    }
}

/// A process, held by whoever started it. Cheap to clone.
#[derive(Clone)]
pub struct Process {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("status", &self.status())
            .finish()
    }
}

impl Process {
    pub(crate) fn of(shared: &Arc<Shared>) -> Self {
        Self {
            shared: shared.clone(),
        }
    }

    /// Names the process; unique in its host's lifetime.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Who the process is, as entries of its log say it. What they say themselves is to be believed only of logs that no guest
    /// writes to: read them with [`LogEntry::read`](crate::LogEntry::read).
    pub fn resource(&self) -> LogResource {
        LogResource {
            service_name: self.shared.name.clone(),
            process_id: self.shared.id,
        }
    }

    /// The friendly name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The name of its component in the component store.
    pub fn component(&self) -> &str {
        &self.shared.component
    }

    /// The id of the process that started it; none if the embedder did.
    pub fn starter(&self) -> Option<u64> {
        self.shared.family.starter
    }

    /// Whether it was asked to stop.
    pub fn stop_requested(&self) -> bool {
        self.shared.stop_requested()
    }

    /// When it was laid out, by the wall clock.
    pub fn started(&self) -> SystemTime {
        self.shared.gauges.started()
    }

    /// How long ago it was laid out; the wall clock may have been set meanwhile.
    pub fn age(&self) -> Duration {
        self.shared.gauges.age()
    }

    /// The phases of its start, those that are done: `check` and `lay-out`, and `instantiate` up to its first instruction.
    pub fn start_phases(&self) -> Vec<PhaseTime> {
        self.shared.gauges.phases()
    }

    /// What it uses now, without its children.
    pub fn usage(&self) -> ProcessUsage {
        let usage = self.shared.gauges.read();
        let children = match self.shared.status.borrow().is_some() {
            // Their charges live as long as they do, and the account as long as those.
            true => 0,
            false => usage.children,
        };
        ProcessUsage { children, ..usage }
    }

    /// How it ended, or none while it runs.
    pub fn status(&self) -> Option<ExitStatus> {
        self.shared.status()
    }

    /// Waits for the end. Every waiter gets the same answer, before and after it.
    pub async fn wait(&self) -> ExitStatus {
        let mut status = self.shared.status.subscribe();
        match status.wait_for(Option::is_some).await {
            Ok(status) => status.clone().unwrap_or(ExitStatus::Killed),
            // The sender lives in `self.shared`; it cannot be gone.
            Err(_) => ExitStatus::Killed,
        }
    }

    /// Asks the process to stop, without waiting.
    pub fn request_stop(&self) {
        self.shared.control.request_stop();
        self.shared.changes.note();
    }

    /// Ends the process without asking. A spinning guest ends within an epoch tick.
    pub fn kill(&self) {
        self.shared.control.kill(ExitStatus::Killed);
    }

    /// Asks the process to stop, kills it when `grace` has passed, and returns how it ended.
    /// Who no longer waits for it does not call it off.
    pub async fn stop(&self, grace: Duration) -> ExitStatus {
        self.stop_within(grace);
        self.wait().await
    }

    /// Asks the process to stop and has it killed when `grace` has passed, without waiting. Of
    /// several such orders the earliest holds.
    pub fn stop_within(&self, grace: Duration) {
        self.shared.control.stop_within(grace);
        self.shared.changes.note();
    }

    /// Reads the log of the process from its oldest entry on: one JSON object a
    /// frame, see [`LogEntry`](crate::LogEntry). Works after the end too.
    pub fn log(&self) -> Reader {
        self.log_channel().weak_reader()
    }

    /// Follows the log of the process from its oldest entry on, also where it goes to another channel meanwhile. One that is made before
    /// the process runs, as by an [observer of starts](crate::Host::observe_starts), misses nothing that it does not tell of.
    pub fn log_stream(&self) -> LogStream {
        LogStream::of(self)
    }

    /// Entries that went to the [channel that the log goes to now](Self::log_channel) and stand nowhere else: all but the lines of stdout and
    /// stderr where these are connected. A reader that has lost entries learns by it whether those that stand nowhere else
    /// were among them. None where the process has registered the channel, as others may write to it too.
    pub fn log_originals(&self) -> Option<u64> {
        self.shared.log.originals()
    }

    /// The channel that the log goes to now: another than before once the process has
    /// registered one of its own.
    pub fn log_channel(&self) -> Channel {
        self.shared.log.channel()
    }
}
