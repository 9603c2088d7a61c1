//! What a host holds now: for monitoring, and for tests that nothing is left behind.
//!
//! Each counted object holds a [`Counted`] as long as it exists, so no exit path can forget to count it down.

use std::sync::Arc;

/// What a host holds now. All numbers are zero once all processes have ended and nobody holds anything of
/// theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Places in the host that are taken, by live processes and by starts that are under way.
    pub processes: usize,
    /// Stores, which hold guests with their memories, tables and handles.
    pub stores: usize,
    /// Processes, live or ended, to which somebody holds a handle.
    pub records: usize,
    /// Processes, live or ended, with something that counts against their limits: a record, a channel that
    /// others hold, or a handle in a frame that nobody has read, for example.
    pub accounts: usize,
    /// Names that are published or awaited.
    pub names: usize,
    /// Channels that can be attached by token.
    pub tokens: usize,
    /// Channels that guests have made, while somebody holds a part of them.
    pub channels: usize,
    /// Files, folders and sockets that are open for guests, mounts included.
    pub open_files: usize,
    /// What extensions keep for processes.
    pub extensions: usize,
}

/// Counts the existing objects of one kind. A clone counts the same objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<Own>);

/// The reference that all clones of a counter have together.
#[derive(Debug, Default)]
struct Own(Arc<()>);

/// Counts as one object in [`Usage`] until it is dropped. The default counts for nothing.
#[derive(Debug, Default)]
pub struct Counted(#[expect(dead_code, reason = "it is there to be counted")] Arc<()>);

impl Counter {
    /// Counts one more.
    pub(crate) fn one(&self) -> Counted {
        Counted(self.0.0.clone())
    }

    /// The current count.
    pub(crate) fn now(&self) -> usize {
        // One reference is the counter's own.
        Arc::strong_count(&self.0.0).saturating_sub(1)
    }
}

/// The counters of one host.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) stores: Counter,
    pub(crate) records: Counter,
    pub(crate) accounts: Counter,
    pub(crate) extensions: Counter,
}
