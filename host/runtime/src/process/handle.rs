//! The handle of a process: what its starter holds.
//!
//! Invariants: dropping handles does not affect the process; the status is set once, after everything the
//! process held has been released.

use super::control::Control;
use super::exit::ExitStatus;
use super::family::Family;
use super::gauges::{Gauges, ProcessUsage};
use crate::account::Charge;
use crate::changes::Changes;
use crate::limits::Limit;
use crate::log::{LogResource, LogStream, ProcessLog};
use crate::metrics::{GuestSeries, OwnMetrics, PhaseTime, Recorder};
use crate::name::{HostName, ProcessId};
use crate::usage::Counted;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::SetOnce;
use weft_channel::{Channel, Reader};

/// What exists as long as somebody holds a handle of a process.
pub(super) struct Record {
    /// For the bytes of the record.
    pub(super) kept: Charge,
    pub(super) counted: Counted,
    /// The host's name.
    pub(super) host: HostName,
    /// Notified when the process changes.
    pub(super) changes: Arc<Changes>,
}

/// What a process and its handles share.
pub(crate) struct ProcessShared {
    pub(crate) id: u64,
    pub(crate) name: String,
    component: String,
    pub(crate) log: Arc<ProcessLog>,
    pub(super) control: Control,
    pub(super) family: Family,
    pub(crate) gauges: Gauges,
    pub(crate) metrics: Arc<Recorder>,
    /// What the guest counts itself.
    pub(crate) own_metrics: OwnMetrics,
    /// Whether the end has been decided: of several the first counts.
    finished: AtomicBool,
    status: SetOnce<ExitStatus>,
    /// For the bytes of the record, as long as somebody holds a handle of the process.
    kept: Mutex<Charge>,
    pub(super) changes: Arc<Changes>,
    host: HostName,
    _counted: Counted,
}

impl ProcessShared {
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
            own_metrics: OwnMetrics::default(),
            finished: AtomicBool::new(false),
            status: SetOnce::new(),
            kept: Mutex::new(record.kept),
            changes: record.changes,
            host: record.host,
            _counted: record.counted,
        }
    }

    /// The status, if its text can be paid for; otherwise the limit that was reached.
    pub(super) fn afford(&self, status: ExitStatus) -> ExitStatus {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.grow(status.text_bytes()) {
            Ok(()) => status,
            Err(exhausted) => ExitStatus::Limit(exhausted.limit().into()),
        }
    }

    /// Sets the status once and tells the relations. Later calls change nothing.
    pub(super) fn finish(self: &Arc<Self>, status: ExitStatus) {
        self.log.close();
        if self.finished.swap(true, Ordering::SeqCst) {
            return;
        }
        // Counted first: a waiter that sees the end also sees it counted.
        if self.gauges.has_run() {
            self.metrics.ended(&status);
        }
        // Nobody else sets it.
        let _ = self.status.set(status.clone());
        self.leave_family(&status);
        self.changes.note();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.status.initialized()
    }

    /// How it ended, or none while it runs.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        self.status.get().cloned()
    }

    /// Ends the process at this limit.
    pub(crate) fn end_at(&self, limit: Limit) {
        self.control.kill(ExitStatus::Limit(limit.name().into()));
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
    pub(crate) shared: Arc<ProcessShared>,
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
    pub(crate) fn of(shared: &Arc<ProcessShared>) -> Self {
        Self {
            shared: shared.clone(),
        }
    }

    /// Its id, unique in its host's lifetime.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Its id among all hosts.
    pub fn full_id(&self) -> ProcessId {
        ProcessId {
            host: self.shared.host.clone(),
            id: self.shared.id,
        }
    }

    /// The process, as its log entries name it. A guest can write entries that name another process, so read entries with
    /// [`LogEntry::read`](crate::log::LogEntry::read).
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

    /// The id of the process that started it; none for the embedder.
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

    /// How long ago it was laid out, unaffected by changes of the wall clock.
    pub fn age(&self) -> Duration {
        self.shared.gauges.age()
    }

    /// The phases of its start that are done: `check`, `lay-out`, and `instantiate`, which ends at its first instruction.
    pub fn start_phases(&self) -> Vec<PhaseTime> {
        self.shared.gauges.phases()
    }

    /// What it uses now, without its children.
    pub fn usage(&self) -> ProcessUsage {
        let usage = self.shared.gauges.read();
        let children = match self.shared.has_ended() {
            // The account still counts detached children that outlive this process.
            true => 0,
            false => usage.children,
        };
        ProcessUsage { children, ..usage }
    }

    /// What it counts itself, in the order in which it opened the series. Works after the end too.
    pub fn metrics(&self) -> Vec<GuestSeries> {
        self.shared.own_metrics.read()
    }

    /// How it ended, or none while it runs.
    pub fn status(&self) -> Option<ExitStatus> {
        self.shared.status()
    }

    /// Waits for the end. Every waiter gets the same status, before the end and after it.
    pub async fn wait(&self) -> ExitStatus {
        self.shared.status.wait().await.clone()
    }

    /// Asks the process to stop, without waiting.
    pub fn request_stop(&self) {
        self.shared.control.request_stop();
        self.shared.changes.note();
    }

    /// Ends the process without asking it to stop. A spinning guest ends within an epoch tick.
    pub fn kill(&self) {
        self.shared.control.kill(ExitStatus::Killed);
    }

    /// Asks the process to stop, kills it when `grace` has passed, and returns how it ended. Dropping the
    /// future does not cancel the order.
    pub async fn stop(&self, grace: Duration) -> ExitStatus {
        self.stop_within(grace);
        self.wait().await
    }

    /// Asks the process to stop and has it killed when `grace` has passed, without waiting. Of several such
    /// orders the earliest deadline counts.
    pub fn stop_within(&self, grace: Duration) {
        self.shared.control.stop_within(grace);
        self.shared.changes.note();
    }

    /// Reads the log of the process from its oldest entry on: one JSON object a
    /// frame, see [`LogEntry`](crate::log::LogEntry). Works after the end too.
    pub fn log(&self) -> Reader {
        self.log_channel().weak_reader()
    }

    /// Follows the log of the process from its oldest entry on, across a change of its channel. A stream that is opened before the
    /// process runs, as in an [observer of starts](crate::Host::observe_starts), reports every entry that it misses.
    pub fn log_stream(&self) -> LogStream {
        LogStream::of(self)
    }

    /// The number of entries in the [current log channel](Self::log_channel) that are nowhere else: all entries but the lines of a connected
    /// stdout or stderr. A reader that lost entries can tell from it whether some of those were lost. `None` if the process has registered
    /// the channel itself, as others may write to it too.
    pub fn log_originals(&self) -> Option<u64> {
        self.shared.log.originals()
    }

    /// The channel that the log goes to now. It changes when the process registers a channel of its own.
    pub fn log_channel(&self) -> Channel {
        self.shared.log.channel()
    }
}
