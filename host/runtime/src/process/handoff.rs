//! The task of a process, and how a process hands its thread over to a process that it has woken.
//!
//! tokio too runs what a task has woken next on the same thread. But after three such turns it gives the next one to another worker,
//! and if that worker sleeps it must be woken first. For two processes that answer each other this takes longer than
//! what they do. So a process that has been woken by another is put into the slot of that thread, and runs there as soon as the other
//! waits. tokio is asked when a thread has handed over often enough, and when a process goes on after it has woken another: then
//! another worker should run that one, so that both run at once.
//!
//! Each process has one task of tokio's, its home. A home polls its process, and then those that come into the slot. If the process
//! of a home is woken while its home polls others, it gets a task of tokio's to run in. So it never waits for another process.
//!
//! Not fair by itself: a thread hands over for a bounded number of short turns, and then every other task of its worker has its turn.
//!
//! Invariants:
//! - A future is polled by one thread at a time, and only after it has been woken.
//! - A process that is ready is in one place: in a slot, or in tokio's hands.
//! - When the runtime shuts down it drops the home, and with it the future, wherever its wakers are.
//! - A panic of a process ends its own future, and no other.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Id};
use tokio::task::coop;

/// A thread hands over for so long before tokio is asked. The wake-up of another worker, some 20 us, is little beside it. One turn of a guest
/// that spins is far longer.
const TOGETHER: Duration = Duration::from_micros(500);

/// And at most so many times: not all that a turn does is measured.
const HANDOVERS: u32 = 1024;

/// A turn that took longer is worth the wake-up of another worker: then both processes run at once.
const SHORT: Duration = Duration::from_micros(20);

/// A process that writes and then waits for the answer makes fewer calls than this in between. So it does not look at the clock.
const CALLS_OF_AN_ANSWER: u32 = 4;

/// A process that goes on for longer leaves the one that it has woken to another worker.
const GOES_ON: Duration = Duration::from_micros(5);

/// Waits until it is woken.
const WAITING: u8 = 0;
/// Was woken, and has not run since.
const READY: u8 = 1;
const RUNNING: u8 = 2;
/// Was woken while it ran.
const RUNNING_WOKEN: u8 = 3;
const ENDED: u8 = 4;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the future of a process on this runtime.
pub(super) fn spawn(runtime: &Handle, future: impl Future<Output = ()> + Send + 'static) {
    let task = Arc::new(Task {
        future: Mutex::new(Some(Box::pin(future))),
        state: AtomicU8::new(READY),
        lent: AtomicBool::new(false),
        home: OnceLock::new(),
        runtime: runtime.clone(),
    });
    runtime.spawn(Home(task));
}

/// One process's task.
struct Task {
    /// None after its end.
    future: Mutex<Option<Running>>,
    state: AtomicU8,
    /// Whether its home polls other processes.
    lent: AtomicBool,
    /// Wakes its home. Set when the home is polled first; until then it is about to be.
    home: OnceLock<Waker>,
    runtime: Handle,
}

/// What a thread that polls processes runs next.
struct Slot {
    runtime: Id,
    next: Option<Arc<Task>>,
    /// How long the current turn has held the thread, as far as it was measured.
    held: Duration,
    /// Calls of the current turn since the next came into the slot.
    calls: u32,
    /// When they became enough to look at the clock.
    since: Option<Instant>,
}

thread_local! {
    /// Of a thread that polls a process.
    static SLOT: RefCell<Option<Slot>> = const { RefCell::new(None) };
}

impl Slot {
    /// What is next, and how long the turn has taken that ends now.
    fn turn(slot: &mut Option<Self>) -> Option<(Arc<Task>, Duration)> {
        let slot = slot.as_mut()?;
        let held = std::mem::take(&mut slot.held);
        Some((slot.next.take()?, held))
    }

    /// Puts one that is ready into the slot, and takes out the one that was there.
    fn put(&mut self, ready: &mut Option<Arc<Task>>) {
        std::mem::swap(&mut self.next, ready);
        (self.calls, self.since) = (0, None);
    }

    /// Notes a call, and takes the next out of the slot if the current turn has gone on for long since that was woken.
    fn called(&mut self) -> Option<Arc<Task>> {
        self.next.as_ref()?;
        self.calls += 1;
        if self.calls < CALLS_OF_AN_ANSWER {
            return None;
        }
        let now = Instant::now();
        match self.since {
            Some(since) if now - since > GOES_ON => self.next.take(),
            Some(_) => None,
            None => {
                self.since = Some(now);
                None
            }
        }
    }
}

/// Says how long the process that has its turn on this thread has held it.
pub(crate) fn held(held: Duration) {
    let _ = SLOT.try_with(|slot| {
        if let Some(slot) = &mut *slot.borrow_mut() {
            slot.held += held;
        }
    });
}

/// Says that the process that has its turn on this thread makes a call, and so goes on.
#[inline]
pub(crate) fn called() {
    let left = SLOT.try_with(|slot| slot.borrow_mut().as_mut().and_then(Slot::called));
    if let Ok(Some(left)) = left {
        left.dispatch();
        // tokio keeps what was woken last for this thread. The one before it is anybody's, and another worker is woken for it.
        drop(left.runtime.spawn(std::future::ready(())));
    }
}

impl Task {
    /// Polls the future if it is ready.
    fn run(self: &Arc<Self>) {
        if !self.turns(READY, RUNNING) {
            return;
        }
        let waker = Waker::from(self.clone());
        let mut future = self.future();
        let Some(running) = future.as_mut() else {
            return self.state.store(ENDED, Ordering::SeqCst);
        };
        let running = running.as_mut();
        // Each turn has its own budget: the one of the home is not enough for many.
        let poll = || weft_channel::in_turn(|| running.poll(&mut Context::from_waker(&waker)));
        if let Ok(Poll::Pending) = catch_unwind(AssertUnwindSafe(poll)) {
            drop(future);
            if !self.turns(RUNNING, WAITING) {
                self.state.store(READY, Ordering::SeqCst);
                // Not into the slot: it yields, so others come first.
                self.dispatch();
            }
            return;
        }
        drop(future);
        let ended = self.take_future();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(ended)));
        self.state.store(ENDED, Ordering::SeqCst);
        self.wake_home();
    }

    fn future(&self) -> MutexGuard<'_, Option<Running>> {
        self.future.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the future, so that it is dropped outside the lock.
    fn take_future(&self) -> Option<Running> {
        self.future().take()
    }

    fn turns(&self, from: u8, to: u8) -> bool {
        let turned = self
            .state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        turned.is_ok()
    }

    fn is(&self, state: u8) -> bool {
        self.state.load(Ordering::SeqCst) == state
    }

    /// Has tokio run it.
    fn dispatch(self: &Arc<Self>) {
        // The home looks at the state after it has said that it is lent, so one of the two sees the other.
        match self.lent.load(Ordering::SeqCst) {
            true => drop(self.runtime.spawn(Away(self.clone()))),
            false => self.wake_home(),
        }
    }

    fn wake_home(&self) {
        if let Some(home) = self.home.get() {
            home.wake_by_ref();
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        // Always a write, even if it changes nothing: the next turn sees what the waker did before.
        let before =
            self.state
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| match state {
                    WAITING => Some(READY),
                    RUNNING => Some(RUNNING_WOKEN),
                    ENDED => None,
                    woken => Some(woken),
                });
        if before != Ok(WAITING) {
            return;
        }
        let runtime = self.runtime.id();
        let mut ready = Some(self);
        // Without a slot, or when the thread ends, tokio runs it.
        let _ = SLOT.try_with(|slot| match &mut *slot.borrow_mut() {
            Some(slot) if slot.runtime == runtime => slot.put(&mut ready),
            _ => {}
        });
        // One that was in the slot before has its turn elsewhere.
        if let Some(ready) = ready {
            ready.dispatch();
        }
    }
}

/// The task of tokio's that a process has as long as it lives.
struct Home(Arc<Task>);

impl Future for Home {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let task = &self.0;
        task.home.get_or_init(|| cx.waker().clone());
        take_turns(task, Some(&task.lent));
        match task.is(ENDED) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let future = self.0.take_future();
        drop(future);
    }
}

/// A task of tokio's for one turn of a process whose home is lent.
struct Away(Arc<Task>);

impl Future for Away {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        take_turns(&self.0, None);
        Poll::Ready(())
    }
}

/// Runs a process, and then those that come into the slot. A home that calls this passes its own `lent`.
fn take_turns(first: &Arc<Task>, lent: Option<&AtomicBool>) {
    let slot = Slot {
        runtime: first.runtime.id(),
        next: None,
        held: Duration::ZERO,
        calls: 0,
        since: None,
    };
    let outer = SLOT.replace(Some(slot));
    first.run();
    let (mut turns, mut together, mut left) = (0, Duration::ZERO, None);
    while let Some((next, held)) = SLOT.with_borrow_mut(Slot::turn) {
        together += held;
        // The first runs on at home: the next gets a thread by way of tokio.
        let wanted = turns == 0
            && lent.is_some_and(|lent| {
                lent.store(true, Ordering::SeqCst);
                first.is(READY)
            });
        let enough = turns >= HANDOVERS || together > TOGETHER;
        if wanted || enough || held > SHORT || !coop::has_budget_remaining() {
            left = Some(next);
            break;
        }
        turns += 1;
        next.run();
    }
    SLOT.set(outer);
    if let Some(left) = left {
        // Before the home is its own again: a task that is woken while it is polled yields, for which tokio wakes another worker.
        left.dispatch();
    }
    if let Some(lent) = lent {
        lent.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
