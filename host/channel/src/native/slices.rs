//! Polling a future so that no single poll does all the work that its calls leave.
//!
//! Invariant: what a poll leaves is done before the next poll of the future, and before its output
//! is given.

use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::native::release::{self, Left};

pin_project! {
    /// A future in slices. It is a type of its own, as an `async fn` would keep the future twice.
    struct InSlices<F: Future> {
        #[pin]
        future: F,
        output: Option<F::Output>,
        // Dropped after the future.
        left: Left,
    }
}

/// Runs a future that others should not have to wait for, such as a task of a runtime that serves
/// others too.
///
/// A call to this crate may leave much to do besides what it was made for: thousands of tasks that wait for a
/// frame, a million frames to free, handles attached to them, and channels that these may have made unreachable. Elsewhere
/// the call does it all. A call that this future makes does less than a millisecond of it. The future does the rest before it
/// goes on, less than a millisecond at each poll, and gives way in between. If it is dropped before, it does what is left
/// at once.
pub fn in_slices<F: Future>(future: F) -> impl Future<Output = F::Output> {
    InSlices {
        future,
        output: None,
        left: Left::default(),
    }
}

impl<F: Future> Future for InSlices<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let (mut future, output, left) = (this.future, this.output, this.left);
        if !left.is_empty() {
            release::leaving(left, || release::together(|| ()));
        }
        if left.is_empty()
            && output.is_none()
            && let Poll::Ready(ready) = release::leaving(left, || future.as_mut().poll(cx))
        {
            *output = Some(ready);
        }
        if !left.is_empty() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        output.take().map_or(Poll::Pending, Poll::Ready)
    }
}
