//! Ctrl-C and SIGTERM.
//!
//! Until [`Signals`] is made they end the command by themselves, which is right
//! while it reads and compiles; from then on none is lost.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask the command to end.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes the signals over.
    pub(crate) fn take() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one and returns its number. Losing the future loses no signal.
    pub(crate) async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}
