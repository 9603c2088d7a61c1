//! Where components are compiled: on threads of their own, bounded in number and time.
//!
//! The compiler cannot be interrupted. A component that takes it too long is given up: the load fails
//! in time, and the threads go on until the compiler is done with it. They count as a compilation until
//! then, so such components cannot take more than so many; what comes after them is refused.
//!
//! Each compilation has a pool of threads to itself. In one that all share, whoever has
//! ten thousand functions to compile would keep everybody else waiting for the last of them. It has as many threads as there are
//! processors, or fewer where that many functions at once would take too much memory (`weight`).
//!
//! Invariant: who waits for a compilation waits no longer than the time it has.

use super::error::LoadError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// Bounds of compilations, of one host.
pub(super) struct Compiler {
    places: Arc<Semaphore>,
    most: u32,
    time: Duration,
}

impl Compiler {
    pub(super) fn new(most: u32, time: Duration) -> Self {
        let most = most.max(1);
        Self {
            places: Arc::new(Semaphore::new(most as usize)),
            most,
            time,
        }
    }

    /// Runs a compilation, waiting for its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        name: &str,
        compile: impl FnOnce() -> Result<T, LoadError> + Send + 'static,
    ) -> Result<T, LoadError> {
        let name = name.to_owned();
        let started = tokio::time::Instant::now();
        let place = self.places.clone().acquire_owned();
        let Ok(place) = tokio::time::timeout(self.time, place).await else {
            return Err(LoadError::Exhausted {
                name,
                most: self.most,
            });
        };
        let (done, outcome) = oneshot::channel();
        let span = tracing::Span::current();
        let spawned = std::thread::Builder::new()
            .name("weft-compile".into())
            .spawn(move || {
                let outcome = span.in_scope(compile);
                drop(place);
                // Nobody waits for it when it took too long.
                let _ = done.send(outcome);
            });
        if spawned.is_err() {
            return Err(LoadError::Interrupted { name });
        }
        let left = self.time.saturating_sub(started.elapsed());
        match tokio::time::timeout(left, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(LoadError::Interrupted { name }),
            Err(_) => Err(LoadError::TooSlow {
                name,
                most: self.time,
            }),
        }
    }
}

/// Processors that this program may use.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// Does something on a pool of so many threads.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let span = tracing::Span::current();
    let work = || span.in_scope(work);
    // Without a pool, which only a machine out of threads denies, one thread does it.
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
