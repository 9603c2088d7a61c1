//! The waker of the task that polls, cloned outside the lock and only if needed.

use std::task::Waker;

/// What a poll brings along to wait with.
///
/// The state asks for the clone with [`Wait::take`]. Where that gives `None`, the
/// poll releases the lock, calls [`Wait::clone_waker`] and looks again.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    waker: &'a Waker,
    clone: Option<Waker>,
}

impl<'a> Wait<'a> {
    #[inline]
    pub fn new(waker: &'a Waker) -> Self {
        Self { waker, clone: None }
    }

    /// Runs foreign code: not under the lock.
    pub fn clone_waker(&mut self) {
        self.clone = Some(self.waker.clone());
    }

    /// Whether `stored` already wakes the task that polls.
    pub(super) fn is_for(&self, stored: &Waker) -> bool {
        stored.will_wake(self.waker)
    }

    pub(super) fn take(&mut self) -> Option<Waker> {
        self.clone.take()
    }
}
