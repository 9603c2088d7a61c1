//! What all handles of one channel share: its state behind one lock, and what is counted
//! outside it.
//!
//! Invariant: foreign code (a wake, the drop of a waker, of a payload or of a handle) runs with
//! the lock released, so it may call back into the channel.

use std::fmt;

use crate::{
    attachment::{Attachment, Charge},
    native::{
        release,
        spent::{Remains, Spent},
        state::{After, Near, Place, State},
    },
    sync::{Arc, Count, Lock},
};

pub(crate) struct ChannelCore {
    state: Lock<State>,
    /// Handles of any kind in frames of any channel; see `in_flight`.
    in_flight: Count,
    /// Kept until the channel is freed, and with it all that it retained.
    charge: Option<Charge>,
}

/// What is seen of a channel, or of a part of its frames.
pub(crate) struct Glimpse {
    pub seen: Seen,
    /// The channels of the handles in its frames.
    pub leads_to: Vec<Arc<ChannelCore>>,
    /// The segment to go on at, if there are more.
    pub next: Option<u64>,
}

/// What must be the same in all parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// How often its handles, and those in its frames, have changed.
    pub changes: u64,
    /// How many handles of it there are.
    pub handles: usize,
}

impl ChannelCore {
    /// The caller makes the first `Channel` of it.
    pub fn new(state: State, charge: Option<Charge>) -> Self {
        Self {
            state: Lock::new(state),
            in_flight: Count::new(0),
            charge,
        }
    }

    /// Changes the state under the lock and runs what that left to do after the
    /// lock is released.
    #[inline]
    pub fn with<R>(&self, change: impl FnOnce(&mut State, &mut After) -> R) -> R {
        let mut after = After::default();
        let result = change(&mut self.state.lock(), &mut after);
        self.finish(after);
        result
    }

    /// The same for a reader, with the lock of its place.
    #[inline]
    pub fn with_place<R>(
        &self,
        place: &Place,
        change: impl FnOnce(&mut State, &mut Near, &mut After) -> R,
    ) -> R {
        let mut after = After::default();
        let result = {
            let mut near = place.near();
            change(&mut self.state.lock(), &mut near, &mut after)
        };
        self.finish(after);
        result
    }

    /// Does what a change has left. No lock is held.
    #[inline]
    fn finish(&self, mut after: After) {
        while after.ask_in_vain() {
            self.state.lock().wake_writer(&mut after);
        }
        after.run();
    }

    /// Frees what is retained and fails every operation from now on.
    pub fn terminate(&self) {
        let charge = self.charge.clone();
        let mut after = After::default();
        let places = {
            let mut state = self.state.lock();
            state.terminate(charge, &mut after);
            state.places()
        };
        // From here on no reader gets a chunk. The lock of a place is taken before that of the state, so not inside of it.
        for place in places {
            place.near().let_go(&mut after);
        }
        self.finish(after);
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
        self.with(|state, _| self.is_outside(state))
    }

    fn is_outside(&self, state: &State) -> bool {
        state.handles() > self.in_flight.get()
    }

    /// Looks at the handles in the frames from this segment on. It stops at the end of the frame in which it has seen `most` of them.
    /// None where a handle is outside.
    pub fn look(&self, from: u64, most: usize) -> Option<Glimpse> {
        self.with(|state, _| {
            if self.is_outside(state) {
                return None;
            }
            let mut leads_to = Vec::new();
            let mut next = None;
            for (segment, attached) in state.attached().from(from) {
                if leads_to.len() >= most {
                    next = Some(segment);
                    break;
                }
                let shared = attached.iter().filter_map(Attachment::shared);
                leads_to.extend(shared.cloned());
            }
            Some(Glimpse {
                seen: Seen {
                    changes: state.changes(),
                    handles: state.handles(),
                },
                leads_to,
                next,
            })
        })
    }

    /// How often its handles, and those in its frames, have changed.
    pub fn changes(&self) -> u64 {
        self.with(|state, _| state.changes())
    }
}

impl Drop for ChannelCore {
    fn drop(&mut self) {
        if let Some(remains) = self.state.get_mut().clear() {
            let remains = Remains {
                _charge: self.charge.take(),
                ..remains
            };
            release::settle(vec![], vec![Spent::Frames(Box::new(remains))]);
        }
    }
}

impl fmt::Debug for ChannelCore {
    /// Says nothing of the state: it holds the payloads, which are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelCore").finish_non_exhaustive()
    }
}
