//! When a task that never has to wait lets others run.
//!
//! Inside tokio, each poll of a read or a write takes one from the budget that tokio gives a
//! task until it is pending, as tokio's own channels do. Without that, a writer could keep its thread
//! for ever. Worse, the reader that it wakes is queued behind it, so another thread has to fetch the reader. That thread
//! reads the few frames that are there, goes to sleep and is woken again: up to two system calls a frame. With the budget
//! the two take turns.
//!
//! In any other runtime, and where a future is polled by hand, this does nothing.

use std::{
    pin::pin,
    task::{Context, Poll},
};

/// Ready: go on. Pending: the budget is used up, and the task will be polled again.
#[inline]
pub(crate) fn poll(cx: &mut Context<'_>) -> Poll<()> {
    pin!(tokio::task::coop::consume_budget()).poll(cx)
}
