//! The time, as the server has it.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

/// The server's clock as it was last heard, carried on by the steady one of this host: its own may be wrong, or be set.
#[derive(Debug)]
pub(super) struct Clock {
    origin: Instant,
    /// What the server's clock said at the origin, in milliseconds since 1970.
    said: AtomicU64,
}

impl Clock {
    pub fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            origin: Instant::now(),
            // Until the server is heard.
            said: AtomicU64::new(now.map_or(0, |it| it.as_millis() as u64)),
        }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> u64 {
        let gone = self.origin.elapsed().as_millis() as u64;
        self.said.load(Ordering::Relaxed).saturating_add(gone)
    }

    /// The server's clock says this now.
    pub fn hear(&self, now: u64) {
        let gone = self.origin.elapsed().as_millis() as u64;
        self.said.store(now.saturating_sub(gone), Ordering::Relaxed);
    }
}
