//! The driver: the one task that runs a process from instantiation to its end.
//!
//! Killing a process is dropping the future of its call and with it the store; a
//! guest that spins yields at every epoch tick, so that reaches it too.
//!
//! Invariant: the store, and so everything the process held, is gone before
//! its status is set; and a status is set even if the task itself is dropped.

use super::coredump::{self, CoreDumps};
use super::exit::{self, ExitStatus};
use super::handle::Shared;
use super::state::ProcessState;
use super::table::Seat;
use super::work::Work;
use crate::account::Charge;
use crate::engine::EpochTicker;
use crate::limits::{CpuTime, Limit};
use crate::log::LineStream;
use crate::metrics::Phase;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;
use wasmtime::Store;
use wasmtime::component::{InstancePre, Val};

/// A process that has passed every check. Dropped without being driven, it
/// releases everything and then ends as killed: the guard is its last field.
pub(super) struct Launch {
    pub(super) store: Store<ProcessState>,
    pub(super) pre: InstancePre<ProcessState>,
    pub(super) work: Work,
    pub(super) cpu_time: Arc<CpuTime>,
    pub(super) wall_time: Option<Duration>,
    pub(super) streams: [LineStream; 2],
    /// For its place among its parent's children.
    pub(super) child: Option<Charge>,
    /// For what its arguments take in the host, as long as its call does.
    pub(super) arguments: Charge,
    /// Where to put what a trap leaves, if that was asked for.
    pub(super) core_dumps: Option<Arc<CoreDumps>>,
    /// Kept so that a process that outlives its host can still be interrupted.
    pub(super) ticker: Arc<EpochTicker>,
    pub(super) guard: Guard,
    /// After the guard: while a process is seen as live its end can be waited for.
    pub(super) seat: Seat,
}

/// Sets `Killed` when it is dropped before a status was set.
pub(super) struct Guard(pub(super) Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.finish(ExitStatus::Killed);
    }
}

/// Runs the process to its end.
pub(super) async fn drive(launch: Launch, start: Phase) {
    // Dropped in reverse: the store, then the guard, which sets a status, then the seat.
    let Launch {
        mut seat,
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
    } = launch;
    let shared = guard.0.clone();
    // Boxed: what is moved into other futures takes room in each of them, for as long as it waits.
    let places = store.data().places.clone();
    let call = Box::pin(perform(&mut store, &pre, start, work));
    // Each time the guest waits, as close to it as can be.
    let call = places.within(call);
    // What its calls leave to do in channels is time of its own, and holds no thread for long.
    let call = cpu_time.measure(weft_channel::in_slices(call));
    let limited = async {
        let called = match wall_time {
            None => call.await,
            Some(most) => tokio::time::timeout(most, call)
                .await
                .map_err(|_| at(Limit::WallTime))?,
        };
        called.ok_or_else(|| at(Limit::CpuTime))
    };
    let outcome = {
        let outcome = pin!(async {
            tokio::select! {
                biased;
                status = shared.control.killed() => Err(status),
                outcome = limited => outcome,
            }
        });
        // What a call that is given up leaves holds no thread for long either.
        weft_channel::in_slices(outcome).await
    };
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
    // It may hold the last handles of many channels; one look then finds all that are unreachable.
    weft_channel::in_slices(async { weft_channel::drop_together(store) }).await;
    drop(cpu_time);
    drop(ticker);
    seat.vacate();
    drop((child, arguments));
    tracing::debug!(process = shared.id, name = shared.name, %status, "process ended");
    if let ExitStatus::Trapped(trap) = &status {
        let log = &shared.log;
        log.trapped(status.to_string(), &trap.message, &trap.backtrace, dumped);
    }
    shared.finish(shared.afford(status));
}

/// The end at a limit.
fn at(limit: Limit) -> ExitStatus {
    ExitStatus::Limit(limit.name().into())
}

/// The status of what has come of a call, and the error if it is one: in `Err` what ended it from outside.
fn status_of(
    outcome: Result<wasmtime::Result<ExitStatus>, ExitStatus>,
    shared: &Shared,
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
    // Boxed, as what it needs is large and a waiting process needs none of it.
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
        // Boxed, as a call needs none of what it keeps.
        Work::Transform(transform) => return Box::pin(transform.run(store, instance)).await,
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
