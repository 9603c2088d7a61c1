//! What a change of the state leaves to do once the lock is released.
//!
//! Invariant: wakers, payloads and charges taken out of the state end up here, because waking or
//! dropping them runs code this crate does not know.

use std::task::Waker;

use super::segment::Segment;
use crate::attachment::Charge;

#[derive(Debug, Default)]
pub(crate) struct After {
    wake: Few<Waker>,
    drop_wakers: Few<Waker>,
    drop_segments: Few<Segment>,
    drop_charges: Vec<Charge>,
}

impl After {
    pub fn wake(&mut self, waker: Waker) {
        self.wake.push(waker);
    }

    pub fn drop_waker(&mut self, waker: Waker) {
        self.drop_wakers.push(waker);
    }

    pub fn drop_segment(&mut self, segment: Segment) {
        self.drop_segments.push(segment);
    }

    pub fn drop_charge(&mut self, charge: Charge) {
        self.drop_charges.push(charge);
    }

    /// Wakes who is to be woken and drops the rest.
    pub fn run(self) {
        self.wake.first.into_iter().for_each(Waker::wake);
        self.wake.rest.into_iter().for_each(Waker::wake);
    }
}

/// A list whose first item needs no allocation: in the steady state a call wakes
/// one task and evicts one segment.
#[derive(Debug)]
struct Few<T> {
    first: Option<T>,
    rest: Vec<T>,
}

impl<T> Few<T> {
    fn push(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.rest.push(item);
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: Vec::new(),
        }
    }
}
