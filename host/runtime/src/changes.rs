//! That the lists of a host have changed: processes started, were asked to stop or ended, channels were made or are gone.
//!
//! Not what has changed: whoever is told looks again. So nothing piles up for those who are slow, and a host that nobody watches pays next to
//! nothing for being watched.
//!
//! Invariant: what is noted has happened already, so whoever is told and looks sees it.

use tokio::sync::watch;

/// Who is to be told.
#[derive(Debug)]
pub(crate) struct Changes(watch::Sender<()>);

/// Tells of changes in a host. Made by [`Host::changes`](crate::Host::changes).
#[derive(Clone, Debug)]
pub struct HostChanges(watch::Receiver<()>);

impl Default for Changes {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Changes {
    /// Something has changed.
    pub(crate) fn note(&self) {
        // Ordinary for a host that nobody watches. Who comes now has not looked yet.
        if self.0.receiver_count() > 0 {
            self.0.send_replace(());
        }
    }

    /// For somebody who looks after this.
    pub(crate) fn watch(&self) -> HostChanges {
        HostChanges(self.0.subscribe())
    }
}

impl HostChanges {
    /// Resolves when something has changed since it did the last time, or since this was made; false once the host is gone.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}
