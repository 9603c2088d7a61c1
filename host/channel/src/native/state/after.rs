//! What a change of the state leaves to do once the lock is released.
//!
//! A reader is asked here too, as the lock of its place is not taken inside that of the state.
//!
//! Invariant: wakers, payloads and charges taken out of the state end up here, because waking or
//! dropping them runs code this crate does not know.
//!
//! Most calls leave nothing, and in the steady state a call wakes one task and drops one
//! chunk; so that much needs no allocation, and nothing costs next to nothing.

use std::{collections::VecDeque, task::Waker};

use super::{chunk::Chunk, place::Place, returned::Returned};
use crate::{
    attachment::{Attachment, Charge},
    native::{
        in_flight::InFlight,
        release,
        spent::{Remains, Spent},
    },
    sync::Arc,
};

#[derive(Debug, Default)]
pub(crate) struct After {
    wake: Option<Waker>,
    chunk: Option<Arc<Chunk>>,
    /// A reader to be asked to say when it leaves this segment.
    ask: Option<(Arc<Place>, u64)>,
    /// What does not fit above.
    rest: Option<Box<Rest>>,
}

#[derive(Debug, Default)]
struct Rest {
    /// Woken before anything is dropped.
    wake: Vec<Waker>,
    drop: Vec<Spent>,
    chunks: VecDeque<Arc<Chunk>>,
}

impl After {
    #[inline]
    pub fn wake(&mut self, waker: Waker) {
        if self.wake.is_none() {
            self.wake = Some(waker);
        } else {
            self.rest().wake.push(waker);
        }
    }

    /// The last one counts.
    pub fn ask(&mut self, place: Arc<Place>, segment: u64) {
        self.ask = Some((place, segment));
    }

    /// Asks the reader that is to be asked. Whether it has left its segment already, so that the state has to look again.
    #[inline]
    pub fn ask_in_vain(&mut self) -> bool {
        let ask = self.ask.take();
        ask.is_some_and(|(place, segment)| !place.ask(segment))
    }

    pub fn wake_many(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        let mut wakers = wakers.into_iter();
        if self.wake.is_none() {
            self.wake = wakers.next();
        }
        if let Some(second) = wakers.next() {
            let rest = self.rest();
            rest.wake.push(second);
            rest.wake.extend(wakers);
        }
    }

    pub fn drop_waker(&mut self, _it: Waker) {
        self.drop(Spent::Waker { _it });
    }

    pub fn drop_chunk(&mut self, chunk: Arc<Chunk>) {
        if self.chunk.is_none() {
            self.chunk = Some(chunk);
        } else {
            self.rest().chunks.push_back(chunk);
        }
    }

    pub fn drop_charge(&mut self, _it: Charge) {
        self.drop(Spent::Charge { _it });
    }

    pub fn drop_attached(&mut self, _it: InFlight) {
        self.drop(Spent::InFlight { _it });
    }

    pub fn drop_attachments(&mut self, _it: Vec<Attachment>) {
        self.drop(Spent::Attachments { _it });
    }

    pub fn drop_returned(&mut self, _it: Returned) {
        self.drop(Spent::Returned { _it });
    }

    pub fn drop_all(&mut self, frames: Remains) {
        self.drop(Spent::Frames(Box::new(frames)));
    }

    fn drop(&mut self, it: Spent) {
        self.rest().drop.push(it);
    }

    #[cold]
    fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }

    /// Wakes who is to be woken and drops what is to be dropped. In slices, see `release`, it does only a part of
    /// that at once.
    #[inline]
    pub fn run(&mut self) {
        if let Some(waker) = self.wake.take() {
            waker.wake();
        }
        if let Some(rest) = self.rest.take() {
            rest.run();
        }
        drop(self.chunk.take());
    }
}

impl Rest {
    #[cold]
    fn run(mut self) {
        if !self.chunks.is_empty() {
            let remains = Remains::of(self.chunks);
            self.drop.push(Spent::Frames(Box::new(remains)));
        }
        release::settle(self.wake, self.drop);
    }
}
