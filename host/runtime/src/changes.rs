//! Signals that the lists of a host have changed: processes started, were asked to stop or ended; channels were made or are gone.
//!
//! The signal does not say what changed: the receiver reads the lists again. So nothing queues up for slow receivers, and a host that nobody
//! watches pays next to nothing.
//!
//! Invariant: a change happens before its signal, so a receiver that looks then sees it.

use tokio::sync::watch;

/// The sender of the signal.
#[derive(Debug)]
pub(crate) struct Changes(watch::Sender<()>);

/// Receives a host's change signals. Made by [`Host::changes`](crate::Host::changes).
#[derive(Clone, Debug)]
pub struct HostChanges(watch::Receiver<()>);

impl Default for Changes {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Changes {
    /// Signals a change.
    pub(crate) fn note(&self) {
        // The usual case. A receiver that is made now has not looked yet.
        if self.0.receiver_count() > 0 {
            self.0.send_replace(());
        }
    }

    /// A receiver of later changes.
    pub(crate) fn watch(&self) -> HostChanges {
        HostChanges(self.0.subscribe())
    }
}

impl HostChanges {
    /// Resolves when something has changed since the last call, or since this was made. False once the host is gone.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}
