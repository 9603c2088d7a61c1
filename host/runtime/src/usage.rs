//! What a host holds now: for those who watch it, and for tests that prove that nothing stays
//! behind.
//!
//! What is counted holds a [`Counted`] for as long as it exists, so a count cannot be forgotten
//! on any way out.

use std::sync::Arc;

/// What a host holds now. Everything is zero once all processes have ended and nobody holds
/// anything of theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Places of the host that are taken: by live processes and by starts that are under way.
    pub processes: usize,
    /// Stores, and so guests with memories, tables and handles.
    pub stores: usize,
    /// Processes, live or ended, of which somebody keeps a handle.
    pub records: usize,
    /// Processes, live or ended, of which something exists that counts against their limits,
    /// such as a record, a channel that others hold, or a handle in a frame that nobody has read.
    pub accounts: usize,
    /// Names that stand for a channel or that somebody waits for.
    pub names: usize,
    /// Channels that can be attached to with a token.
    pub tokens: usize,
    /// Channels that guests have made and of which somebody holds a part.
    pub channels: usize,
    /// Files and folders that are open for guests, mounts included.
    pub open_files: usize,
}

/// Counts what exists of one kind.
#[derive(Debug, Default)]
pub(crate) struct Counter(Arc<()>);

/// Counts as one until it is dropped; by itself, of nothing.
#[derive(Debug, Default)]
pub(crate) struct Counted(#[expect(dead_code, reason = "it is there to be counted")] Arc<()>);

impl Counter {
    /// One more.
    pub(crate) fn one(&self) -> Counted {
        Counted(self.0.clone())
    }

    /// How many there are.
    pub(crate) fn now(&self) -> usize {
        // One of them is the counter's own.
        Arc::strong_count(&self.0).saturating_sub(1)
    }
}

/// The counters of one host.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) stores: Counter,
    pub(crate) records: Counter,
    pub(crate) accounts: Counter,
}
