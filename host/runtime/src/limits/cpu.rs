//! CPU time: how long a process holds a processor, and when it gives it up to others.
//!
//! The driver's task is polled while the guest runs, and not while it waits. So the polls are measured, with the
//! monotonic clock. The host's work for a call counts; a wait does not. Preemption counts: we cannot see it. A guest
//! that spins ends its poll at an epoch tick, so no poll is long.
//!
//! Invariants:
//! - A guest gives its thread up at the latest one and a half ticks after it got it. All other tasks that are ready on
//!   that worker run first: the task goes to the end of the worker's queue.
//! - A guest that was just woken does not have to yield for ticks that passed while it waited.

use crate::account::Account;
use crate::engine::EPOCH_TICK;
use crate::process::{ProcessShared, handoff};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use wasmtime::UpdateDeadline;

/// A guest that has run for less than this when a tick comes may run until the next: a tick can come at any
/// moment of a poll.
const AT_LEAST: Duration = Duration::from_micros(EPOCH_TICK.as_micros() as u64 / 2);

/// Measures one process.
pub(crate) struct CpuTime {
    account: Arc<Account>,
    shared: Arc<ProcessShared>,
    made: Instant,
    /// The start of the current poll, in nanoseconds since `made`.
    began: AtomicU64,
}

impl CpuTime {
    pub(crate) fn new(account: &Arc<Account>, shared: &Arc<ProcessShared>) -> Arc<Self> {
        Arc::new(Self {
            account: account.clone(),
            shared: shared.clone(),
            made: Instant::now(),
            began: AtomicU64::new(0),
        })
    }

    /// Decides at an epoch tick whether the guest goes on or yields.
    pub(crate) fn tick(&self) -> UpdateDeadline {
        if self.held() < AT_LEAST {
            UpdateDeadline::Continue(1)
        } else {
            UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
        }
    }

    /// Runs a call and measures it. `None` when the process, or one of its ancestors, has used up its CPU time.
    pub(crate) fn measure<T>(
        &self,
        mut call: impl Future<Output = T> + Unpin,
    ) -> impl Future<Output = Option<T>> + Unpin {
        poll_fn(move |cx| {
            self.began.store(self.now(), Ordering::Relaxed);
            let polled = Pin::new(&mut call).poll(cx);
            let held = self.held();
            handoff::held(held);
            self.shared.gauges.spent(held);
            let within = self.account.spend(held);
            match polled {
                Poll::Ready(value) => Poll::Ready(Some(value)),
                Poll::Pending if within => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            }
        })
    }

    /// The length of the current poll so far.
    fn held(&self) -> Duration {
        Duration::from_nanos(
            self.now()
                .saturating_sub(self.began.load(Ordering::Relaxed)),
        )
    }

    fn now(&self) -> u64 {
        // A u64 of nanoseconds is enough for 500 years.
        self.made.elapsed().as_nanos() as u64
    }
}
