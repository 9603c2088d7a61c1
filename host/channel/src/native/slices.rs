//! Polling a future so that no single poll does all the work that its calls leave.
//!
//! Invariant: what a poll leaves is done before the next poll of the future, and before its output
//! is given.

use std::{future::poll_fn, pin::pin, task::Poll};

use crate::native::release::{self, Left};

/// Runs a future that others should not have to wait for, such as a task of a runtime that serves
/// others too.
///
/// A call to this crate may leave much to do besides what it was made for: thousands of tasks that wait for a
/// frame, a million frames to free, handles attached to them, and channels that these may have made unreachable. Elsewhere
/// the call does it all. A call that this future makes does less than a millisecond of it. The future does the rest before it
/// goes on, less than a millisecond at each poll, and gives way in between. If it is dropped before, it does what is left
/// at once.
pub async fn in_slices<F: Future>(future: F) -> F::Output {
    // Dropped after the future.
    let mut left = Left::default();
    let mut future = pin!(future);
    let mut output = None;
    poll_fn(|cx| {
        if !left.is_empty() {
            release::leaving(&mut left, || release::together(|| ()));
        }
        if left.is_empty()
            && output.is_none()
            && let Poll::Ready(ready) = release::leaving(&mut left, || future.as_mut().poll(cx))
        {
            output = Some(ready);
        }
        if !left.is_empty() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        output.take().map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
