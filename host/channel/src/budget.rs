//! When a task that never has to wait lets others run.
//!
//! Inside tokio, each poll of a read or a write takes one from the budget that tokio gives a
//! task until it is pending, as tokio's own channels do. Without that, a writer could keep its thread
//! for ever. Worse, the reader that it wakes is queued behind it, so another thread has to fetch the reader. That thread
//! reads the few frames that are there, goes to sleep and is woken again: up to two system calls a frame. With the budget
//! the two take turns.
//!
//! A task that polls several others one after the other gives each a turn with a budget of its own: otherwise the first uses up what
//! the last needs.
//!
//! In any other runtime, and where a future is polled by hand, this does nothing.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll};

/// Reads and writes of a turn: as many as tokio gives a task.
const OF_A_TURN: u32 = 128;

thread_local! {
    /// What is left of the turn that this thread is in, if it is in one.
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Ends a turn, also when what was polled panics.
struct Turn {
    outer: Option<u32>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        LEFT.set(self.outer);
    }
}

/// Polls something inside tokio with a budget for reads and writes that is its own, and not that of the task which polls it.
pub fn in_turn<T>(poll: impl FnOnce() -> T) -> T {
    let _turn = Turn {
        outer: LEFT.replace(Some(OF_A_TURN)),
    };
    poll()
}

/// Ready: go on. Pending: the budget is used up, and the task will be polled again.
#[inline]
pub(crate) fn poll(cx: &mut Context<'_>) -> Poll<()> {
    match LEFT.get() {
        None => pin!(tokio::task::coop::consume_budget()).poll(cx),
        Some(0) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(left) => {
            LEFT.set(Some(left - 1));
            Poll::Ready(())
        }
    }
}
