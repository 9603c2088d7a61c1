//! What all handles of one channel share: its state behind one lock.
//!
//! Invariant: foreign code (a wake, the drop of a waker or of a payload) runs with
//! the lock released, so it may call back into the channel.

use crate::{
    state::{After, State},
    sync::Lock,
};

#[derive(Debug)]
pub(crate) struct Shared {
    state: Lock<State>,
}

impl Shared {
    pub fn new(state: State) -> Self {
        Self {
            state: Lock::new(state),
        }
    }

    /// Changes the state under the lock and runs what that left to do after the
    /// lock is released.
    pub fn with<R>(&self, change: impl FnOnce(&mut State, &mut After) -> R) -> R {
        let mut after = After::default();
        let result = change(&mut self.state.lock(), &mut after);
        after.run();
        result
    }
}
