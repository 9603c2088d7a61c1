//! Watching a channel from outside, for those who show or export what goes on.
//!
//! An [`Observer`] is no handle: it keeps neither the channel nor any frame alive.
//!
//! Invariant: what is counted here is derived from what the channel keeps anyway, so that
//! being watched costs reads and writes nothing.

use crate::{
    shared::Shared,
    stats::Stats,
    sync::{Arc, Weak},
};

/// What goes on in a channel, all of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observation {
    /// The counters.
    pub stats: Stats,
    /// Bytes of payload accepted so far.
    pub bytes_written: u64,
    /// Unread frames of the slowest open reader, lost ones included.
    pub lag: u64,
}

/// Watches a channel for as long as somebody holds a part of it.
#[derive(Debug, Clone)]
pub struct Observer(Weak<Shared>);

impl Observer {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self(Arc::downgrade(shared))
    }

    /// What goes on now; none when the channel is gone.
    #[must_use]
    pub fn observe(&self) -> Option<Observation> {
        let shared = self.0.upgrade()?;
        Some(shared.with(|state, _| state.observe()))
    }
}
