//! What all handles of one channel share: its state behind one lock.
//!
//! Invariant: foreign code (a wake, the drop of a waker or of a payload) runs with
//! the lock released, so it may call back into the channel.

use std::fmt;

use crate::{
    state::{After, State},
    sync::Lock,
};

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

impl fmt::Debug for Shared {
    /// Says nothing of the state: it holds the payloads, which are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
