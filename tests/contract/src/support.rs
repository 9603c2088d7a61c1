//! What the tests share: a runtime, short calls, waits begun and given up.
//!
//! Invariant: nothing here sleeps. The limit on a test only turns a hang into a failure.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{
    future::{BoxFuture, FutureExt},
    stream::{FuturesUnordered, StreamExt},
};

use crate::{Backpressure, Engine, ReadError, Reader, Writer};

/// Far longer than any test takes.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// How often a wait is polled before the test goes on: enough for it to have begun.
const POLLS_TO_BEGIN: usize = 3;

/// The channels of an engine.
pub type ChannelOf<E> = <E as Engine>::Channel;

/// Runs a test of the suite on two threads, with an engine of its own. No task outlives the test.
pub fn run<E: Engine, F: Future<Output = ()>>(test: impl FnOnce(E) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let test = async {
        let test = async { test(E::start().await).await };
        tokio::time::timeout(HANGS_AFTER, test).await
    };
    assert!(runtime.block_on(test).is_ok(), "hangs");
    let since = Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        assert!(since.elapsed() < HANGS_AFTER, "tasks are left");
        std::thread::yield_now();
    }
}

pub async fn block<E: Engine>(engine: &E, capacity: u64) -> ChannelOf<E> {
    engine.create(capacity, Backpressure::Block).await
}

pub async fn dropping<E: Engine>(engine: &E, capacity: u64) -> ChannelOf<E> {
    engine.create(capacity, Backpressure::Drop).await
}

/// Sends these frames one by one; none of them has to wait.
pub async fn send(writer: &impl Writer, frames: &[&'static str]) {
    for frame in frames {
        assert_eq!(writer.try_write((*frame).into()).await, Ok(true));
    }
}

/// The payloads of a batch.
pub fn batch(frames: &[&'static str]) -> Vec<Bytes> {
    frames.iter().map(|frame| (*frame).into()).collect()
}

/// Everything that can be read now, as text; what comes then is last: `end` or an error.
pub async fn rest(reader: &impl Reader) -> Vec<String> {
    let mut read = Vec::new();
    loop {
        match reader.try_read().await {
            Ok(Some(frame)) => read.push(String::from_utf8(frame.payload.to_vec()).unwrap()),
            Err(ReadError::Lagged(lost)) => read.push(format!("lagged {lost}")),
            Ok(None) => break read.push("end".into()),
            Err(ReadError::WouldBlock) => break read.push("would block".into()),
            Err(ReadError::Terminated) => break read.push("terminated".into()),
        }
    }
    read
}

/// A wait that has begun. Dropped, it is cancelled.
///
/// It goes on only when it was woken, as in a task of its own: a wake-up that is lost hangs the
/// test. (A future that is awaited is polled once in any case, which would hide the loss.)
pub struct Begun<'a, T>(FuturesUnordered<BoxFuture<'a, T>>);

impl<'a, T> Begun<'a, T> {
    /// Polls it; it must not be done soon.
    pub async fn new(wait: impl Future<Output = T> + Send + 'a) -> Self {
        let mut begun = Self(FuturesUnordered::from_iter([wait.boxed()]));
        for _ in 0..POLLS_TO_BEGIN {
            assert!(begun.0.next().now_or_never().is_none(), "should wait");
            tokio::task::yield_now().await;
        }
        begun
    }

    pub async fn finish(mut self) -> T {
        self.0.next().await.unwrap()
    }
}

/// Polls a future a few times, by `patience`, and gives it up; every fourth it lets finish.
pub async fn impatient<F: Future>(future: F, patience: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    if patience.is_multiple_of(4) {
        return Some(future.await);
    }
    for _ in 0..patience % 4 {
        if let Some(output) = (&mut future).now_or_never() {
            return Some(output);
        }
        tokio::task::yield_now().await;
    }
    None
}
