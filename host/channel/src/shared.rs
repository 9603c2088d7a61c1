//! What all handles of one channel share: its state behind one lock, and what is counted
//! outside it.
//!
//! Invariant: foreign code (a wake, the drop of a waker, of a payload or of a handle) runs with
//! the lock released, so it may call back into the channel.

use std::fmt;

use crate::{
    attachment::Charge,
    state::{After, State},
    sync::{Arc, Count, Lock},
};

pub(crate) struct Shared {
    state: Lock<State>,
    /// The `Channel` handles; readers and writers are counted by the state.
    channels: Count,
    /// Handles of any kind in frames of any channel; see `in_flight`.
    in_flight: Count,
    /// Kept until the channel is freed.
    _charge: Option<Charge>,
}

impl Shared {
    /// The caller makes the first `Channel` of it.
    pub fn new(state: State, charge: Option<Charge>) -> Self {
        Self {
            state: Lock::new(state),
            channels: Count::new(1),
            in_flight: Count::new(0),
            _charge: charge,
        }
    }

    /// Changes the state under the lock and runs what that left to do after the
    /// lock is released.
    #[inline]
    pub fn with<R>(&self, change: impl FnOnce(&mut State, &mut After) -> R) -> R {
        self.with_guard((), change)
    }

    /// As `with`, and releases `guard` before it runs what is left to do.
    #[inline]
    pub fn with_guard<G, R>(
        &self,
        guard: G,
        change: impl FnOnce(&mut State, &mut After) -> R,
    ) -> R {
        let mut after = After::default();
        let result = change(&mut self.state.lock(), &mut after);
        drop(guard);
        after.run();
        result
    }

    /// Frees what is retained and fails every operation from now on.
    pub fn terminate(&self) {
        self.with(|state, after| state.terminate(after));
    }

    pub fn channel_opened(&self) {
        self.channels.add_one();
    }

    pub fn channel_closed(&self) {
        self.channels.subtract_one();
    }

    /// A handle of this channel gets into a frame.
    pub fn took_off(&self) {
        self.in_flight.add_one();
    }

    /// A handle of this channel has left its frame.
    pub fn landed(&self) {
        self.in_flight.subtract_one();
    }

    pub fn has_in_flight(&self) -> bool {
        self.in_flight.get() > 0
    }

    /// Whether a handle is surely outside; where one is just leaving a frame, this may say no.
    pub fn has_outside(&self) -> bool {
        self.with(|state, _| self.handles(state) > self.in_flight.get())
    }

    /// How many handles there are, and the channels of the handles in its frames; none
    /// where a handle is outside.
    pub fn look(&self) -> Option<(usize, Vec<Arc<Self>>)> {
        self.with(|state, _| {
            let handles = self.handles(state);
            let all_in_frames = handles <= self.in_flight.get();
            let attached = || state.attached().map(|it| Arc::clone(it.shared()));
            all_in_frames.then(|| (handles, attached().collect()))
        })
    }

    /// All handles: those the state counts cannot change as long as it is borrowed.
    fn handles(&self, state: &State) -> usize {
        self.channels.get() + state.ends_open()
    }
}

impl fmt::Debug for Shared {
    /// Says nothing of the state: it holds the payloads, which are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
