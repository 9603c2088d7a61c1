//! Waiting for time to pass.
//!
//! Sleeping needs no capability; reading a clock does (`clocks`). The clocks
//! themselves are those of `std::time`.

use crate::bindings::clocks::wasi::clocks::monotonic_clock;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Waits this long, while the rest of the guest goes on. Dropping the future
/// cancels it. Only for `async fn main`; see [`crate::blocking::sleep`].
///
/// However short the time, whatever else can run gets its turn: `sleep(Duration::ZERO)` is how a
/// long computation lets the rest of its guest go on.
///
/// ```no_run
/// # async fn f() {
/// weft_guest::time::sleep(std::time::Duration::from_millis(50)).await;
/// # }
/// ```
pub async fn sleep(duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if nanos == 0 {
        return yield_now().await;
    }
    let mut waited = false;
    let mut wait = pin!(monotonic_clock::wait_for(nanos));
    poll_fn(|cx| {
        let polled = wait.as_mut().poll(cx);
        waited |= polled.is_pending();
        polled
    })
    .await;
    if !waited {
        // It was over before it had begun.
        yield_now().await;
    }
}

/// Rounds in which others have their turn: a task that was just spawned has its first in the second.
const ROUNDS: u32 = 2;

/// Lets others have their turn.
async fn yield_now() {
    let mut left = ROUNDS;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        crate::task::give_way();
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
