//! The clocks: what they show, and waits for a time and until one, one by one and many at once. It only says that something came too early;
//! how late is the machine's affair.

use core::task::{Context, Poll, Waker};
use futures::stream::{FuturesUnordered, StreamExt as _};
use std::future::Future;
use std::pin::pin;
use wasi03_programs::bindings::wasi::clocks::{monotonic_clock, system_clock};
use wasi03_programs::say;

/// Nanoseconds of a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// Milliseconds from now, in an order that is not theirs; some are as long as others, and one has passed.
const DEADLINES: [u64; 9] = [7, 1, 6, 1, 0, 9, 3, 4, 3];

wasi03_programs::program!(super::run);

async fn run() -> Result<(), ()> {
    shown();
    waits().await;
    past();
    many().await;
    say("the clocks are right\n").await
}

fn shown() {
    let first = monotonic_clock::now();
    assert!(first > 0, "the monotonic clock stands at zero");
    assert!(monotonic_clock::now() >= first);
    assert!(monotonic_clock::get_resolution() > 0);
    let now = system_clock::now();
    assert!(now.seconds > 1_700_000_000, "the date is {now:?}");
    assert!(now.nanoseconds < 1_000_000_000);
    let resolution = system_clock::get_resolution();
    assert!((1..1_000_000_000).contains(&resolution), "{resolution}");
}

async fn waits() {
    let begin = monotonic_clock::now();
    monotonic_clock::wait_for(MILLISECOND).await;
    assert!(monotonic_clock::now() >= begin + MILLISECOND);
    let begin = monotonic_clock::now();
    monotonic_clock::wait_until(begin + MILLISECOND).await;
    assert!(monotonic_clock::now() >= begin + MILLISECOND);
}

/// What has passed is not waited for: such a call is done when it is made.
fn past() {
    assert!(is_done(monotonic_clock::wait_for(0)));
    assert!(is_done(monotonic_clock::wait_until(0)));
    let now = monotonic_clock::now();
    assert!(is_done(monotonic_clock::wait_until(now)));
    assert!(!is_done(monotonic_clock::wait_until(u64::MAX)));
}

fn is_done(wait: impl Future<Output = ()>) -> bool {
    let polled = pin!(wait).poll(&mut Context::from_waker(Waker::noop()));
    polled == Poll::Ready(())
}

/// Waits that are under way together end each at its own time.
async fn many() {
    let begin = monotonic_clock::now();
    let mut waits: FuturesUnordered<_> = DEADLINES
        .map(|at| async move {
            let deadline = begin + at * MILLISECOND;
            monotonic_clock::wait_until(deadline).await;
            assert!(monotonic_clock::now() >= deadline);
        })
        .into_iter()
        .collect();
    let mut ended = 0;
    while waits.next().await.is_some() {
        ended += 1;
    }
    assert_eq!(ended, DEADLINES.len());
}
