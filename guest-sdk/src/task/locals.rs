//! What this crate keeps for the guest it is in, for the test kit, where several guests are on one thread.
//!
//! Invariant: what belongs to a guest and is kept in a `thread_local` is here.

use super::buffers::Buffers;
use super::{BACKGROUND, CURRENT, GIVES_WAY, LAST, ROOTS, RootState};
use crate::channel::Watched;
use crate::trace::Remote;
use std::rc::Rc;
use std::task::Waker;

/// The state of a guest that does not run.
#[derive(Default)]
pub(crate) struct Locals {
    roots: usize,
    last: Option<Waker>,
    background: usize,
    gives_way: bool,
    current: Option<Rc<RootState>>,
    buffers: Buffers,
    watched: Watched,
    remote: Remote,
}

impl Locals {
    /// Changes places with the state of the guest that runs.
    pub(crate) fn swap(&mut self) {
        self.roots = ROOTS.replace(self.roots);
        self.last = LAST.replace(self.last.take());
        self.background = BACKGROUND.replace(self.background);
        self.gives_way = GIVES_WAY.replace(self.gives_way);
        self.current = CURRENT.replace(self.current.take());
        self.buffers.swap();
        self.watched.swap();
        self.remote = crate::trace::replace_remote(self.remote);
    }
}
