//! What a connection counts of itself.
//!
//! Invariant: counting is one addition without a lock, and never waits.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a connection has done since it was made, and what it waits for now. Numbers that are not said to be of now never go down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStats {
    /// Whether the server is there now.
    pub connected: bool,
    /// How often the connection was lost and made again.
    pub reconnects: u64,
    /// Messages sent: frames, records, and what is asked of the server.
    pub messages_sent: u64,
    /// Their bytes, with headers and subjects, without the protocol's own.
    pub bytes_sent: u64,
    /// Messages received.
    pub messages_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Messages of channels that have been sent, and which the server has neither acknowledged nor refused, now.
    pub waiting: u64,
    /// Messages of channels that the server has acknowledged.
    pub acknowledged: u64,
    /// Messages, or chains of them, that the server has refused as another host's came first. They are sent again.
    pub overtaken: u64,
    /// Messages, or chains of them, that were not acknowledged in time, or refused for another reason, as a full disk is. The stream is read, and
    /// what has not landed is sent again.
    pub retries: u64,
    /// Calls that have failed with `Unavailable`.
    pub unavailable: u64,
}

/// The same as it is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub waiting: AtomicU64,
    pub acknowledged: AtomicU64,
    pub overtaken: AtomicU64,
    pub retries: AtomicU64,
    pub unavailable: AtomicU64,
}

/// Messages that wait for the server. They no longer do once this is dropped.
pub(crate) struct Waits<'a> {
    counters: &'a Counters,
    left: u64,
}

impl Counters {
    pub fn sent(&self, messages: usize) -> Waits<'_> {
        let left = messages as u64;
        self.waiting.fetch_add(left, Ordering::Relaxed);
        Waits {
            counters: self,
            left,
        }
    }
}

impl Waits<'_> {
    /// One of them is acknowledged.
    pub fn acknowledged(&mut self) {
        self.left = self.left.saturating_sub(1);
        self.counters.waiting.fetch_sub(1, Ordering::Relaxed);
        self.counters.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.counters
            .waiting
            .fetch_sub(self.left, Ordering::Relaxed);
    }
}

/// One more of what is counted.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
