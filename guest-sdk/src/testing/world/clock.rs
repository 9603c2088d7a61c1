//! The clock of a test, which stands still while anything can go on.

use super::World;
use std::task::Waker;

impl World {
    /// Jumps to the next timer. `false`: there is none.
    pub(super) fn pass_time(&self) -> bool {
        let Some(((deadline, _), _)) = self
            .timers
            .borrow()
            .first_key_value()
            .map(|(key, value)| (*key, value.clone()))
        else {
            return false;
        };
        self.now.set(deadline.max(self.now.get()));
        let due: Vec<Waker> = {
            let timers = self.timers.borrow();
            let due = timers.range(..=(self.now.get(), u64::MAX));
            due.map(|(_, waker)| waker.clone()).collect()
        };
        self.timers
            .borrow_mut()
            .retain(|(deadline, _), _| *deadline > self.now.get());
        due.into_iter().for_each(Waker::wake);
        true
    }

    /// Nanoseconds since the test began.
    pub(in crate::testing) fn now(&self) -> u64 {
        self.now.get()
    }

    pub(in crate::testing) fn set_timer(&self, key: (u64, u64), waker: &Waker) {
        self.timers.borrow_mut().insert(key, waker.clone());
    }

    pub(in crate::testing) fn clear_timer(&self, key: (u64, u64)) {
        self.timers.borrow_mut().remove(&key);
    }
}
