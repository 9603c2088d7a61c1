//! What a channel is: plain data, changed by one caller at a time.
//!
//! Nothing here waits, takes the lock of the channel or runs foreign code. A method that cannot go on says
//! so and keeps the caller's waker; what must happen once the lock is released is
//! left in an [`After`].
//!
//! - this file: the life of the channel and of its ends; `looks` what others see of it;
//! - `ring`, `chunk`, `segment`, `holds`: the retained frames and what strong readers still need of them;
//! - `place`: where a reader is, which it changes without the lock of the channel;
//! - `attached`: the handles that travel with them;
//! - `returned`: frames that a reader was given back, which it reads before all others;
//! - `reads`, `writes`: taking frames out and putting them in;
//! - `read_waiters`, `write_queue`: who waits;
//! - `amount`, `slab`, `after`, `wait`: small tools of these.
//!
//! Invariants, between any two calls:
//! - a waiting read has nothing to read, and a waiting write at the front of the queue
//!   has no room or has been woken;
//! - once the life is not `Open`, nobody waits.

mod after;
mod amount;
mod attached;
mod chunk;
mod holds;
mod looks;
mod place;
mod read_waiters;
mod reads;
mod returned;
mod ring;
mod segment;
mod slab;
mod wait;
mod write_queue;
mod writes;

pub(crate) use after::After;
pub(crate) use amount::Amount;
pub(crate) use chunk::Chunk;
pub(crate) use place::{Missed, Near, Place, Taken};
pub(crate) use read_waiters::ReadTicket;
pub(crate) use returned::Returned;
pub(crate) use segment::{Segment, WRITE_COST};
pub(crate) use wait::Wait;
pub(crate) use write_queue::WriteTicket;

use read_waiters::ReadWaiters;
use ring::Ring;
use slab::Slab;
use write_queue::WriteQueue;

use crate::{
    attachment::Charge,
    error::OpenError,
    native::spent::Remains,
    options::{Backpressure, Limits, Strength},
    sync::Arc,
};

/// Which reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReaderKey(usize);

/// How far the channel is. It only ever moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    /// No new frames; what is there can be read.
    Ended,
    Terminated,
}

#[derive(Debug)]
pub(crate) struct State {
    ring: Ring,
    backpressure: Backpressure,
    life: Life,
    readers: Slab<Arc<Place>>,
    read_waiters: ReadWaiters,
    write_queue: WriteQueue,
    /// The id given last.
    last_writer_id: u32,
    frames_dropped: u64,
    /// Handles of the channel as a whole.
    channels: usize,
    strong_writers: u32,
    weak_writers: u32,
    strong_readers: u32,
    weak_readers: u32,
    /// Frames that had been written when the last reader went.
    unread_from: u64,
    /// How often a handle of any kind came or went.
    handles_changed: u64,
    /// Those who wait until nobody can read any more. Boxed, as there are nearly always none. The state is final, so
    /// each waits once.
    unread_waiters: Option<Box<ReadWaiters>>,
}

impl State {
    /// The caller makes the first handle of it.
    pub fn new(limits: Limits, backpressure: Backpressure) -> Self {
        Self {
            ring: Ring::new(limits),
            backpressure,
            life: Life::Open,
            readers: Slab::default(),
            read_waiters: ReadWaiters::default(),
            write_queue: WriteQueue::default(),
            last_writer_id: 0,
            frames_dropped: 0,
            channels: 1,
            strong_writers: 0,
            weak_writers: 0,
            strong_readers: 0,
            weak_readers: 0,
            unread_from: 0,
            handles_changed: 0,
            unread_waiters: None,
        }
    }

    pub fn open_channel(&mut self) {
        self.handles_changed += 1;
        self.channels += 1;
    }

    pub fn close_channel(&mut self, after: &mut After) {
        self.handles_changed += 1;
        self.channels -= 1;
        self.tell_unread(after);
    }

    /// Whether nobody will ever read what is written from now on: there is no reader, and no handle to make one of, or the
    /// channel takes nothing.
    pub fn is_unread(&self) -> bool {
        let readers = self.channels > 0 || self.strong_readers > 0 || self.weak_readers > 0;
        !readers || self.life != Life::Open
    }

    /// Returns whether nobody will ever read, and registers the caller if somebody may. `None`: the waker has to be cloned first.
    pub fn poll_unread(
        &mut self,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<std::task::Poll<()>> {
        if self.is_unread() {
            self.cancel_unread(ticket, after);
            return Some(std::task::Poll::Ready(()));
        }
        let waiters = self.unread_waiters.get_or_insert_default();
        let registered = waiters.register(ticket, wait, after);
        registered.then_some(std::task::Poll::Pending)
    }

    pub fn cancel_unread(&mut self, ticket: &mut Option<ReadTicket>, after: &mut After) {
        if let (Some(ticket), Some(waiters)) = (ticket.take(), &mut self.unread_waiters) {
            waiters.remove(ticket, after);
        }
    }

    fn tell_unread(&mut self, after: &mut After) {
        if self.unread_waiters.is_some()
            && self.is_unread()
            && let Some(mut waiters) = self.unread_waiters.take()
        {
            waiters.wake_all(after);
        }
    }

    /// Opens a writer and gives its id.
    pub fn open_writer(&mut self, strength: Strength) -> Result<u32, OpenError> {
        if self.life != Life::Open {
            return Err(OpenError::Ended);
        }
        let id = self.last_writer_id.checked_add(1);
        self.last_writer_id = id.ok_or(OpenError::WriterIdsExhausted)?;
        self.handles_changed += 1;
        match strength {
            Strength::Strong => self.strong_writers += 1,
            Strength::Weak => self.weak_writers += 1,
        }
        Ok(self.last_writer_id)
    }

    /// Makes a strong writer weak. If it was the last strong one, the channel ends.
    pub fn weaken_writer(&mut self, after: &mut After) {
        self.weak_writers += 1;
        self.close_writer(true, after);
    }

    pub fn close_writer(&mut self, strong: bool, after: &mut After) {
        self.handles_changed += 1;
        if !strong {
            self.weak_writers -= 1;
            return;
        }
        self.strong_writers -= 1;
        if self.strong_writers == 0 {
            self.end(after);
        }
    }

    /// Opens a reader at the oldest frame retained. Both are its own: the place, and the key under which it is closed.
    pub fn open_reader(&mut self, strength: Strength) -> (Arc<Place>, ReaderKey) {
        self.handles_changed += 1;
        let place = Arc::new(Place::new(self.ring.oldest(), strength));
        match strength {
            Strength::Strong => {
                self.strong_readers += 1;
                self.ring.hold_all(Arc::clone(&place));
            }
            Strength::Weak => self.weak_readers += 1,
        }
        let key = ReaderKey(self.readers.insert(Arc::clone(&place)));
        (place, key)
    }

    pub fn weaken_reader(&mut self, place: &Place, near: &mut Near, after: &mut After) {
        if place.weaken(near) {
            near.let_go(after);
            self.weak_readers += 1;
            self.release(after);
        }
    }

    pub fn close_reader(
        &mut self,
        key: ReaderKey,
        place: &Place,
        near: &mut Near,
        after: &mut After,
    ) {
        self.handles_changed += 1;
        self.readers.remove(key.0);
        near.let_go(after);
        if let Some(returned) = near.returned.take() {
            after.drop_returned(*returned);
        }
        match place.weaken(near) {
            true => self.release(after),
            false => self.weak_readers -= 1,
        }
        if !self.has_readers() {
            self.unread_from = self.ring.frames_written();
        }
        self.tell_unread(after);
    }

    /// All readers.
    pub fn places(&self) -> Vec<Arc<Place>> {
        self.readers.values().cloned().collect()
    }

    fn has_readers(&self) -> bool {
        self.strong_readers + self.weak_readers > 0
    }

    /// A strong reader is gone, or strong no more.
    fn release(&mut self, after: &mut After) {
        self.strong_readers -= 1;
        self.ring.let_go();
        self.wake_writer(after);
    }

    /// Takes no more frames. Whoever waits is woken to learn it.
    pub fn end(&mut self, after: &mut After) {
        if self.life == Life::Open {
            self.life = Life::Ended;
            self.read_waiters.wake_all(after);
            self.write_queue.wake_all(after);
            self.tell_unread(after);
        }
    }

    /// Whether it takes no more frames.
    pub fn is_ending(&self) -> bool {
        self.life != Life::Open
    }

    /// Ends everything at once and frees what is retained, but for what readers have at hand; see `ChannelCore::terminate`. `charge` is
    /// kept until all is freed.
    pub fn terminate(&mut self, charge: Option<Charge>, after: &mut After) {
        self.end(after);
        self.life = Life::Terminated;
        if let Some(remains) = self.ring.clear() {
            let _charge = charge;
            after.drop_all(Remains { _charge, ..remains });
        } else if let Some(charge) = charge {
            after.drop_charge(charge);
        }
    }

    /// Takes out what is retained. Nobody can use the channel any more.
    pub fn clear(&mut self) -> Option<Remains> {
        self.ring.clear()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::options::Options;

    fn state() -> State {
        let options = Options::new(1 << 40);
        State::new(Limits::new(options).unwrap(), options.backpressure)
    }

    #[test]
    fn writer_ids_run_out_instead_of_wrapping() {
        let mut state = state();
        state.last_writer_id = u32::MAX - 1;
        assert_eq!(state.open_writer(Strength::Weak), Ok(u32::MAX));
        for _ in 0..2 {
            let refused = state.open_writer(Strength::Strong);
            assert_eq!(refused, Err(OpenError::WriterIdsExhausted));
        }
        assert_eq!(state.stats().strong_writers, 0);
    }

    #[test]
    fn an_idle_channel_is_small() {
        let mut state = state();
        assert_eq!(state.readers.allocated() + state.ring.allocated(), 0);
        state.open_reader(Strength::Strong);
        state.open_writer(Strength::Strong).unwrap();
        // Empty collections own no memory, so this is all there is: what is shared with its
        // two counts, the places of readers, what they hold, and the handles.
        let counts = 2 * size_of::<usize>();
        let handles = size_of::<crate::Channel>() + size_of::<crate::Reader>();
        let all =
            counts + size_of::<crate::native::shared::ChannelCore>() + state.readers.allocated();
        let all = all + counts + size_of::<Place>();
        let all = all + state.ring.allocated();
        let all = all + handles + size_of::<crate::Writer>();
        assert!(all < 1024, "{all}");
    }
}
