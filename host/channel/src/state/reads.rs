//! Taking frames out, and waiting for them.

use super::{After, Life, ReadTicket, ReaderKey, State, Strength, Wait, ring::Cursor, ring::Ring};
use crate::{
    error::ReadError,
    frame::{Frame, Frames},
};

impl State {
    /// The next frame; `None` where a reader has to wait for it.
    pub fn read(
        &mut self,
        key: ReaderKey,
        after: &mut After,
    ) -> Option<Result<Option<Frame>, ReadError>> {
        self.take(key, after, |ring, cursor, after| {
            let (frame, next) = ring.frame_at(cursor, after)?;
            Some((Some(frame), next))
        })
    }

    /// The next frames; `None` where a reader has to wait for the first.
    pub fn read_batch(
        &mut self,
        key: ReaderKey,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Option<Result<Frames, ReadError>> {
        self.take(key, after, |ring, cursor, after| {
            ring.frames_at(cursor, max_frames, max_bytes, after)
        })
    }

    /// What `get` finds at the reader's place; the default of `T` is end-of-channel.
    fn take<T: Default>(
        &mut self,
        key: ReaderKey,
        after: &mut After,
        get: impl FnOnce(&mut Ring, Cursor, &mut After) -> Option<(T, Cursor)>,
    ) -> Option<Result<T, ReadError>> {
        if self.life == Life::Terminated {
            return Some(Err(ReadError::Terminated));
        }
        let Some(place) = self.readers.get_mut(key.0) else {
            // A key lives as long as its reader.
            return Some(Ok(T::default()));
        };
        if let Some(lost) = self.ring.lost(place.cursor) {
            place.cursor = self.ring.oldest();
            return Some(Err(ReadError::Lagged(lost)));
        }
        let Some((value, next)) = get(&mut self.ring, place.cursor, after) else {
            return (self.life == Life::Ended).then(|| Ok(T::default()));
        };
        let from = std::mem::replace(&mut place.cursor, next);
        if place.strength == Strength::Strong && from.segment != next.segment {
            self.ring.hold_from(from, next);
            self.wake_writer(after);
        }
        Some(Ok(value))
    }

    /// Registers a read that found nothing, in the same hold of the lock. False: the
    /// waker has to be cloned first, and nothing was registered.
    pub fn await_frame(
        &mut self,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> bool {
        self.read_waiters.register(ticket, wait, after)
    }

    /// The read is done or dropped.
    pub fn cancel_read(&mut self, ticket: &mut Option<ReadTicket>, after: &mut After) {
        if let Some(ticket) = ticket.take() {
            self.read_waiters.remove(ticket, after);
        }
    }
}
