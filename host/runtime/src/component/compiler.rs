//! Compiles components on separate threads, bounded in number and time.
//!
//! The compiler cannot be interrupted. A load that exceeds its time fails then, but its threads go on until the compiler is
//! done. Until then they occupy the slot of the compilation. So such components can never occupy more than all slots; further
//! loads are refused then.
//!
//! Each compilation has its own thread pool. In a shared pool, a component with ten thousand functions would block all others
//! until its last function. The pool has a thread for each processor, or fewer if so many functions at once would take too much
//! memory (`weight`).
//!
//! Invariant: a load waits no longer for the compiler than its time allows.

use super::error::LoadError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// The bounds of compilations in one host.
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

    /// Runs a compilation, after waiting for a slot.
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
                // The receiver is gone if the compilation took too long.
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

/// Runs `work` on a pool of `threads` threads.
pub(super) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let span = tracing::Span::current();
    let work = || span.in_scope(work);
    // Fails only if the machine is out of threads; then this thread does the work.
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
