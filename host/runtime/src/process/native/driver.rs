//! The driver of a program: lays its process out, and runs it from its first poll to its end.
//!
//! Invariants: those of the driver of components. A kill drops the future of the program, and so everything that the process held, before
//! the status is set.

use super::{Context, Program, Running};
use crate::account::{Account, Charge};
use crate::channel::CommittedReaders;
use crate::host::HostInner;
use crate::limits::CpuTime;
use crate::metrics::Phase;
use crate::process::Arguments;
use crate::process::check::{Places, check_name};
use crate::process::driver::{Guard, conclude, first_of};
use crate::process::exit::{self, ExitStatus, Trap};
use crate::process::handle::Process;
use crate::process::options::StartOptions;
use crate::process::prepared::{Launched, Prepared};
use crate::process::refusal::StartError;
use crate::process::start::{Granter, record};
use crate::process::table::Slot;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context as Polling, Poll};
use std::time::Duration;

/// Shares of the engine that a program takes: it does not use the engine.
const SHARES: u32 = 0;

/// A program that has passed every check. If it is dropped before it is driven, its process ends as killed.
pub(in crate::process) struct NativeLaunch {
    host: Weak<HostInner>,
    program: Arc<dyn Program>,
    arguments: Arguments,
    account: Arc<Account>,
    cpu_time: Arc<CpuTime>,
    wall_time: Option<Duration>,
    /// For its place among its parent's children.
    child: Option<Charge>,
    committed: CommittedReaders,
    guard: Guard,
    /// Dropped after the guard: a process that is seen as live has an end that can be waited for.
    pub(in crate::process) slot: Slot,
}

/// Makes every check, and lays the process out.
pub(in crate::process) fn lay_out(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    program: &Arc<dyn Program>,
    mut options: StartOptions,
) -> Result<Prepared, StartError> {
    let checking = Phase::begin("check");
    check_name(&options)?;
    let places = Places::take(host, granter, SHARES, &options)?;
    let (checking, laying_out) = (checking.end(), Phase::begin("lay-out"));
    let limits = places.limits;
    let committed = CommittedReaders::among(&options.arguments);
    let account = Account::new(
        &limits,
        granter.account.cloned(),
        host.census.accounts.one(),
    );
    let (shared, _) = record(host, granter, &places, &account, &mut options)?;
    shared.gauges.account_is(Arc::downgrade(&account));
    for phase in [checking, laying_out.end()] {
        shared.gauges.phase(phase);
        host.metrics.start_phases.record(phase);
    }
    let launch = NativeLaunch {
        host: Arc::downgrade(host),
        program: program.clone(),
        arguments: options.arguments,
        cpu_time: CpuTime::new(&account, &shared),
        account,
        wall_time: limits.wall_time,
        child: places.child,
        committed,
        guard: Guard(shared.clone()),
        slot: places.slot,
    };
    let process = Process { shared };
    Ok(Prepared::new(
        host,
        process,
        places.link,
        Launched::Native(launch),
    ))
}

/// Runs the program to its end.
pub(in crate::process) async fn drive(launch: NativeLaunch, start: Phase) {
    // Dropped in reverse: the guard, which sets a status, then the slot.
    let NativeLaunch {
        host,
        mut slot,
        guard,
        program,
        arguments,
        account,
        cpu_time,
        wall_time,
        child,
        committed,
    } = launch;
    let shared = guard.0.clone();
    let start = start.end();
    shared.gauges.phase(start);
    shared.metrics.start_phases.record(start);
    let context = Context::new(host, arguments, shared.clone(), account);
    let running = Caught::new(async move { program.run(context).await });
    // What its calls leave behind in channels counts as its CPU time, as with a guest.
    let call = cpu_time.measure(weft_channel::in_slices(running));
    // With the call everything that the program holds is dropped.
    let ended = weft_channel::in_slices(first_of(call, &shared, wall_time)).await;
    shared.closing();
    shared.log.ending();
    drop(cpu_time);
    slot.vacate();
    drop(child);
    let status = match ended {
        Err(status) => status,
        Ok(Ok(Ok(_))) if shared.stop_requested() => ExitStatus::Stopped,
        Ok(Ok(Ok(value))) => exit::bounded(ExitStatus::Returned(value)),
        Ok(Ok(Err(error))) => exit::bounded(ExitStatus::Failed(error)),
        Ok(Err(panic)) => ExitStatus::Trapped(Trap {
            message: panic.0,
            panicked: true,
            backtrace: Vec::new(),
        }),
    };
    conclude(&shared, committed, status, None);
}

/// The message of a panic.
struct Panicked(String);

impl From<Box<dyn Any + Send>> for Panicked {
    fn from(panic: Box<dyn Any + Send>) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self(text.unwrap_or("without a message").to_owned())
    }
}

/// A program whose panics are caught, those of its destructors too.
struct Caught(Option<Running>);

impl Caught {
    fn new(running: impl Future<Output = Result<String, String>> + Send + 'static) -> Self {
        Self(Some(Box::pin(running)))
    }

    /// Drops the program. A panic in a destructor comes after what it does, so it changes nothing.
    fn let_go(&mut self) {
        let running = self.0.take();
        // Together, so that one search finds all unreachable channels.
        let _ = catch_unwind(AssertUnwindSafe(|| weft_channel::drop_together(running)));
    }
}

impl Future for Caught {
    type Output = Result<Result<String, String>, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Polling<'_>) -> Poll<Self::Output> {
        let Some(running) = &mut self.0 else {
            return Poll::Pending;
        };
        let running = running.as_mut();
        // Nobody sees what the program was in the middle of: it is dropped.
        match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(ended)) => {
                self.let_go();
                Poll::Ready(Ok(ended))
            }
            Err(panic) => {
                self.let_go();
                Poll::Ready(Err(panic.into()))
            }
        }
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        self.let_go();
    }
}
