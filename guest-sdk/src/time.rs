//! Waiting for time to pass.
//!
//! Sleeping needs no capability; reading a clock does (`clocks`). The clocks
//! themselves are those of `std::time`.

use crate::bindings::clocks::wasi::clocks::monotonic_clock;
use std::time::Duration;

/// Waits this long, while the rest of the guest goes on. Dropping the future
/// cancels it. Only for `async fn main`; see [`crate::blocking::sleep`].
///
/// ```no_run
/// # async fn f() {
/// weft_guest::time::sleep(std::time::Duration::from_millis(50)).await;
/// # }
/// ```
pub async fn sleep(duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    monotonic_clock::wait_for(nanos).await;
}
