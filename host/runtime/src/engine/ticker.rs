//! The epoch ticker: interrupts spinning guests.
//!
//! It is a thread and not a task. Guests that spin on every worker could keep a task from running, and then
//! nothing would interrupt them.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use wasmtime::Engine;

/// Time between two epochs: the time that a guest may hold a worker thread before it yields.
pub(crate) const EPOCH_TICK: Duration = Duration::from_millis(10);

/// Increments the engine's epoch until it is dropped.
#[derive(Debug)]
pub(crate) struct EpochTicker {
    // Dropping the sender ends the thread.
    _stop: Sender<()>,
}

impl EpochTicker {
    /// Starts the thread.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let engine = engine.weak();
        let (stop, stopped) = channel::<()>();
        std::thread::Builder::new()
            .name("weft-epoch".into())
            .spawn(move || {
                while stopped.recv_timeout(EPOCH_TICK) == Err(RecvTimeoutError::Timeout) {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    engine.increment_epoch();
                }
            })?;
        Ok(Self { _stop: stop })
    }
}
