//! Whose turn a write is.

use super::LockedState;
use super::state::State;

/// A place in the queue of writes. Dropped, it is given up.
pub(super) struct Ticket<'a> {
    shared: &'a LockedState,
    pub(super) number: u64,
}

impl<'a> Ticket<'a> {
    pub(super) fn new(shared: &'a LockedState) -> Self {
        let number = shared.with(State::queue);
        Ticket { shared, number }
    }

    /// Stays in the queue.
    pub(super) fn keep(self) -> u64 {
        std::mem::ManuallyDrop::new(self).number
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.shared.with(|state| state.leave(self.number));
    }
}
