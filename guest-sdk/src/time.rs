//! Waiting for time to pass.
//!
//! Sleeping needs no capability; reading a clock does (`clocks`). The clocks
//! themselves are those of `std::time`.

#[cfg(target_family = "wasm")]
use crate::bindings::clocks::wasi::clocks::monotonic_clock;
#[cfg(not(target_family = "wasm"))]
use crate::testing::clock as monotonic_clock;
use futures::future::{Either, LocalBoxFuture, select};
use futures::stream::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

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

/// Waits until this moment; not at all if it has passed. Reads the clock once, so without the capability `clocks` the moment has no meaning.
///
/// ```no_run
/// # async fn f() {
/// use std::time::{Duration, Instant};
/// let deadline = Instant::now() + Duration::from_secs(5);
/// weft_guest::time::sleep_until(deadline).await;
/// # }
/// ```
pub async fn sleep_until(deadline: Instant) {
    sleep(deadline.saturating_duration_since(Instant::now())).await;
}

/// Waits for a future no longer than this. A future that is ready within the time wins, also in the moment in which the time is over; one that is
/// not is dropped, which gives it up. Needs no clock.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use std::time::Duration;
/// match weft_guest::time::timeout(Duration::from_secs(1), input.read()).await {
///     Ok(frame) => println!("{:?}", frame?),
///     Err(late) => println!("{late}"),
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`Elapsed`] when the time was over first.
pub async fn timeout<F: Future>(duration: Duration, future: F) -> Result<F::Output, Elapsed> {
    match select(pin!(future), pin!(sleep(duration))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(Elapsed(())),
    }
}

/// The time of a [`timeout`] was over.
///
/// ```no_run
/// # async fn f() {
/// use weft_guest::time::{Elapsed, timeout};
/// let late: Result<(), Elapsed> = timeout(std::time::Duration::ZERO, std::future::pending()).await;
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time is over")]
pub struct Elapsed(());

/// Ticks with this time between them; the first one is due after it. Needs no clock: the time to the next tick begins when a tick is
/// taken, so a tick that is taken late makes the later ones late, and none is made up for.
///
/// ```no_run
/// # async fn f() {
/// use std::time::Duration;
/// let mut every_second = weft_guest::time::interval(Duration::from_secs(1));
/// loop {
///     every_second.tick().await;
///     println!("another second");
/// }
/// # }
/// ```
pub fn interval(period: Duration) -> Interval {
    Interval {
        period,
        next: Box::pin(sleep(period)),
    }
}

/// Made by [`interval`]. Also a [`Stream`] of ticks, which never ends.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use std::time::Duration;
/// use weft_guest::{select, time};
/// let mut every_second = time::interval(Duration::from_secs(1));
/// loop {
///     select! {
///         () = every_second.tick() => println!("another second"),
///         frame = input.read() => if frame?.is_none() { break },
///     }
/// }
/// # Ok(()) }
/// ```
pub struct Interval {
    period: Duration,
    next: LocalBoxFuture<'static, ()>,
}

impl Interval {
    /// Waits for the next tick. A call that is dropped while it waits has taken none: the next call goes on with the wait.
    ///
    /// ```no_run
    /// # async fn f(mut interval: weft_guest::time::Interval) {
    /// interval.tick().await;
    /// # }
    /// ```
    pub async fn tick(&mut self) {
        poll_fn(|cx| self.poll_tick(cx)).await;
    }

    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.next.as_mut().poll(cx));
        self.next = Box::pin(sleep(self.period));
        Poll::Ready(())
    }
}

impl Stream for Interval {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll_tick(cx).map(Some)
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("period", &self.period)
            .finish_non_exhaustive()
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
