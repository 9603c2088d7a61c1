//! The driver: the one task that runs a process of a component from instantiation to its end. That of a program is `native/driver`.
//!
//! A kill drops the future of the call, and with it the store. A guest that spins yields at every epoch tick,
//! so a kill reaches it too.
//!
//! Invariants:
//! - The store, and with it everything the process held, is dropped before the status is set.
//! - A status is set even if the task itself is dropped.

use super::coredump::{self, CoreDumps};
use super::exit::{self, ExitStatus};
use super::handle::ProcessShared;
use super::state::ProcessState;
use super::table::Slot;
use super::work::Work;
use crate::account::Charge;
use crate::channel::CommittedReaders;
use crate::engine::EpochTicker;
use crate::limits::{CpuTime, Limit};
use crate::log::LineStream;
use crate::metrics::Phase;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tracing::Instrument;
use wasmtime::Store;
use wasmtime::component::{InstancePre, Val};

/// A process that has passed every check. If it is dropped before it is driven, everything is released and then it
/// ends as killed: of the fields, the guard is dropped after all others but the slot.
pub(super) struct Launch {
    pub(super) store: Store<ProcessState>,
    pub(super) pre: InstancePre<ProcessState>,
    pub(super) work: Work,
    pub(super) cpu_time: Arc<CpuTime>,
    pub(super) wall_time: Option<Duration>,
    pub(super) streams: [LineStream; 2],
    /// For its place among its parent's children.
    pub(super) child: Option<Charge>,
    /// For the host memory of its arguments, until the call ends.
    pub(super) arguments: Charge,
    /// Where the core dump of a trap goes, if the embedder asked for dumps.
    pub(super) core_dumps: Option<Arc<CoreDumps>>,
    /// Keeps the ticker alive, so that a process that outlives its host can still be interrupted.
    pub(super) ticker: Arc<EpochTicker>,
    pub(super) committed: CommittedReaders,
    pub(super) guard: Guard,
    /// Dropped after the guard: a process that is seen as live has an end that can be waited for.
    pub(super) slot: Slot,
}

/// Sets `Killed` if it is dropped before a status is set.
pub(super) struct Guard(pub(super) Arc<ProcessShared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.finish(ExitStatus::Killed);
    }
}

/// Runs the process to its end.
pub(super) async fn drive(launch: Launch, start: Phase) {
    // Dropped in reverse: the store, then the guard, which sets a status, then the slot.
    let Launch {
        mut slot,
        guard,
        mut store,
        pre,
        work,
        cpu_time,
        wall_time,
        streams,
        child,
        arguments,
        core_dumps,
        ticker,
        committed,
    } = launch;
    let shared = guard.0.clone();
    // Boxed: the future is moved into other futures, and would take its room in each of them.
    let permits = store.data().permits.clone();
    let call = Box::pin(perform(&mut store, &pre, start, work));
    // Wraps the call directly, so that permits are given up each time the guest waits.
    let call = permits.within(call);
    // Work that its calls leave behind in channels counts as the process's CPU time. It is done in slices that
    // do not hold the thread for long.
    let call = cpu_time.measure(weft_channel::in_slices(call));
    // Dropping the call can leave such work too; it is sliced as well.
    let outcome = weft_channel::in_slices(first_of(call, &shared, wall_time)).await;
    for stream in &streams {
        stream.finish();
    }
    let (status, error) = status_of(outcome, &shared, &store);
    let (store, dumped) = match (&status, core_dumps, error) {
        (ExitStatus::Trapped(_), Some(dumps), Some(error)) => {
            let (store, dumped) = Box::pin(dumps.write(error, store, &shared)).await;
            (store, Some(coredump::attribute(dumped)))
        }
        _ => (Some(store), None),
    };
    shared.closing();
    shared.log.ending();
    // The store may hold the last handles of many channels. They are dropped together, so that one search finds
    // all unreachable channels.
    weft_channel::in_slices(async { weft_channel::drop_together(store) }).await;
    drop(cpu_time);
    drop(ticker);
    slot.vacate();
    drop((child, arguments));
    conclude(&shared, committed, status, dumped);
}

/// Says how a process of either kind has ended, once everything that it held has been dropped.
pub(super) fn conclude(
    shared: &Arc<ProcessShared>,
    committed: CommittedReaders,
    status: ExitStatus,
    dumped: Option<(&str, String)>,
) {
    tracing::debug!(process = shared.id, name = shared.name, %status, "process ended");
    for rejected in committed.settle(&status) {
        shared.log.rejected(&rejected);
    }
    if let ExitStatus::Trapped(trap) = &status {
        let log = &shared.log;
        log.trapped(status.to_string(), &trap.message, &trap.backtrace, dumped);
    }
    shared.finish(shared.afford(status));
}

/// The first of three: a kill, the end of the call, and the end of the time for it. Drops the call before it resolves.
///
/// Not `select!`: an async block would keep the future of the call twice.
pub(super) fn first_of<'a, T>(
    call: impl Future<Output = Option<T>> + Unpin + 'a,
    shared: &'a ProcessShared,
    wall_time: Option<Duration>,
) -> impl Future<Output = Result<T, ExitStatus>> + 'a {
    let mut call = Some(call);
    let mut killed = Box::pin(shared.control.killed());
    let mut late = wall_time.map(|most| Box::pin(tokio::time::sleep(most)));
    poll_fn(move |cx| {
        let mut outcome = killed.as_mut().poll(cx).map(Err);
        if let (Poll::Pending, Some(running)) = (&outcome, &mut call) {
            let called = Pin::new(running).poll(cx);
            outcome = called.map(|called| called.ok_or_else(|| at(Limit::CpuTime)));
        }
        if let (Poll::Pending, Some(late)) = (&outcome, &mut late) {
            outcome = late.as_mut().poll(cx).map(|()| Err(at(Limit::WallTime)));
        }
        if outcome.is_ready() {
            call = None;
        }
        outcome
    })
}

/// The status of a process that reached a limit.
fn at(limit: Limit) -> ExitStatus {
    ExitStatus::Limit(limit.name().into())
}

/// The status of an outcome, and the error if there is one. An `Err` outcome is an end from outside.
fn status_of(
    outcome: Result<wasmtime::Result<ExitStatus>, ExitStatus>,
    shared: &ProcessShared,
    store: &Store<ProcessState>,
) -> (ExitStatus, Option<wasmtime::Error>) {
    match outcome {
        Err(status) => (status, None),
        Ok(Ok(ExitStatus::Returned(_))) if shared.stop_requested() => (ExitStatus::Stopped, None),
        Ok(Ok(status)) => (status, None),
        Ok(Err(error)) => (exit::of_error(&error, store), Some(error)),
    }
}

async fn perform(
    store: &mut Store<ProcessState>,
    pre: &InstancePre<ProcessState>,
    start: Phase,
    work: Work,
) -> wasmtime::Result<ExitStatus> {
    let span = tracing::debug_span!("instantiate", process = store.data().shared.id);
    // Boxed: the future is large, and a waiting process does not need it.
    let instance = Box::pin(pre.instantiate_async(&mut *store).instrument(span)).await?;
    let start = start.end();
    let shared = &store.data().shared;
    shared.gauges.phase(start);
    shared.metrics.start_phases.record(start);
    let (function, results, is_command, arguments) = match work {
        Work::Call {
            function,
            results,
            is_command,
            arguments,
        } => (function, results, is_command, arguments),
        // Boxed: an ordinary call does not need its state.
        Work::Transform(transform) => return Box::pin(transform.run(store, instance)).await,
        Work::Serve(serve) => {
            return Ok(match serve.serve(store, instance).await? {
                Ok(value) => exit::bounded(ExitStatus::Returned(value)),
                Err(error) => exit::bounded(ExitStatus::Failed(error)),
            });
        }
    };
    let Some(function) = instance.get_func(&mut *store, function) else {
        wasmtime::bail!("the entry point is gone");
    };
    let mut results = vec![Val::Bool(false); results];
    function
        .call_async(&mut *store, &arguments, &mut results)
        .await?;
    Ok(exit::of_results(&results, is_command))
}
