//! Taking frames out, and waiting for them.
//!
//! What is read is built last, in the place of the caller's return value. Moving it right after its payload was
//! cloned would cost more than all the rest of a read.

use std::task::Poll;

use super::{After, Life, ReadTicket, ReaderKey, Returned, State, Wait};
use crate::{
    error::ReadError,
    frame::{Frame, Frames},
};

type Read<T> = Result<T, ReadError>;

/// What a reader finds at its place.
enum Found {
    /// A frame.
    Frame,
    /// No frame yet.
    Nothing,
    End,
    Error(ReadError),
}

impl State {
    /// The next frame; `None` where a reader has to wait for it.
    #[inline]
    pub fn read(&mut self, key: ReaderKey, after: &mut After) -> Option<Read<Option<Frame>>> {
        match self.find(key) {
            Found::Frame => Some(Ok(self.take_frame(key, after))),
            Found::Nothing => None,
            Found::End => Some(Ok(None)),
            Found::Error(error) => Some(Err(error)),
        }
    }

    /// The next frame, or registers the read as waiting. `None`: the waker has to be
    /// cloned first, and nothing was registered.
    #[inline]
    pub fn poll_read(
        &mut self,
        key: ReaderKey,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<Read<Option<Frame>>>> {
        let found = self.find(key);
        if matches!(found, Found::Nothing) {
            return self.await_frame(ticket, wait, after);
        }
        self.cancel_read(ticket, after);
        match found {
            Found::Frame => Some(Poll::Ready(Ok(self.take_frame(key, after)))),
            Found::Nothing | Found::End => Some(Poll::Ready(Ok(None))),
            Found::Error(error) => Some(Poll::Ready(Err(error))),
        }
    }

    /// The next frames; `None` where a reader has to wait for the first.
    #[inline]
    pub fn read_batch(
        &mut self,
        key: ReaderKey,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Option<Read<Frames>> {
        match self.find(key) {
            Found::Frame => Some(Ok(self.take_frames(key, max_frames, max_bytes, after))),
            Found::Nothing => None,
            Found::End => Some(Ok(Frames::default())),
            Found::Error(error) => Some(Err(error)),
        }
    }

    /// The next frames, or registers the read as waiting, as `poll_read` does.
    #[inline]
    pub fn poll_read_batch(
        &mut self,
        key: ReaderKey,
        (max_frames, max_bytes): (u32, u64),
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<Read<Frames>>> {
        match self.read_batch(key, max_frames, max_bytes, after) {
            Some(read) => {
                self.cancel_read(ticket, after);
                Some(Poll::Ready(read))
            }
            None => self.await_frame(ticket, wait, after),
        }
    }

    /// Returns whether a read would not wait, and registers it as waiting if it would. It takes no frame, and reports no
    /// lost ones. `None`: as in `poll_read`.
    pub fn poll_readable(
        &mut self,
        key: ReaderKey,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<()>> {
        if !self.is_readable(key) {
            return self.await_frame(ticket, wait, after);
        }
        self.cancel_read(ticket, after);
        Some(Poll::Ready(()))
    }

    fn is_readable(&self, key: ReaderKey) -> bool {
        let Some(place) = self.readers.get(key.0) else {
            return true;
        };
        self.life != Life::Open
            || place.returned.is_some()
            || self.ring.lost(place.cursor).is_some()
            || self.ring.has_frame(place.cursor)
    }

    /// Gives frames back to a reader, which reads them again before all others.
    pub fn put_back(&mut self, key: ReaderKey, frames: Returned, after: &mut After) {
        match self.readers.get_mut(key.0) {
            Some(place) => {
                Returned::put(&mut place.returned, frames);
                // Another task may share the reader.
                self.read_waiters.wake_all(after);
            }
            None => after.drop_returned(frames),
        }
    }

    /// Takes the handles out of the frames that were given back.
    pub fn strip_returned(&mut self, key: ReaderKey, after: &mut After) {
        let place = self.readers.get_mut(key.0);
        if let Some(returned) = place.and_then(|place| place.returned.as_mut()) {
            after.drop_attachments(returned.take_attached());
        }
    }

    /// Looks at the reader's place. An overtaken reader is moved on, and told once.
    #[inline]
    fn find(&mut self, key: ReaderKey) -> Found {
        if self.life == Life::Terminated {
            return Found::Error(ReadError::Terminated);
        }
        let Some(place) = self.readers.get_mut(key.0) else {
            // A key lives as long as its reader.
            return Found::End;
        };
        if place.returned.is_some() {
            Found::Frame
        } else if let Some(lost) = self.ring.lost(place.cursor) {
            place.cursor = self.ring.oldest();
            Found::Error(ReadError::Lagged(lost))
        } else if self.ring.has_frame(place.cursor) {
            Found::Frame
        } else if self.life == Life::Ended {
            Found::End
        } else {
            Found::Nothing
        }
    }

    #[inline(always)]
    fn take_frame(&mut self, key: ReaderKey, after: &mut After) -> Option<Frame> {
        let place = self.readers.get_mut(key.0)?;
        if place.returned.is_some() {
            return Returned::pop(&mut place.returned, after);
        }
        let from = place.cursor;
        place.cursor = self.ring.next(from)?;
        let next = place.cursor;
        if let Some(hold) = &mut place.hold
            && from.segment != next.segment
            && self.ring.hold_from(hold, next)
        {
            self.wake_writer(after);
        }
        // Leaving a segment evicts nothing.
        self.ring.frame_at(from, after)
    }

    #[inline]
    fn take_frames(
        &mut self,
        key: ReaderKey,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Frames {
        let Some(place) = self.readers.get_mut(key.0) else {
            return Frames::default();
        };
        if place.returned.is_some() {
            return Returned::pop_many(&mut place.returned, max_frames, max_bytes, after);
        }
        let from = place.cursor;
        let (frames, next) = self.ring.frames_at(from, max_frames, max_bytes, after);
        place.cursor = next;
        if let Some(hold) = &mut place.hold
            && from.segment != next.segment
            && self.ring.hold_from(hold, next)
        {
            self.wake_writer(after);
        }
        frames
    }

    /// Registers a read that found nothing, in the same hold of the lock.
    #[inline]
    fn await_frame<T>(
        &mut self,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<T>> {
        let registered = self.read_waiters.register(ticket, wait, after);
        registered.then_some(Poll::Pending)
    }

    /// The read is done or dropped.
    #[inline]
    pub fn cancel_read(&mut self, ticket: &mut Option<ReadTicket>, after: &mut After) {
        if let Some(ticket) = ticket.take() {
            self.read_waiters.remove(ticket, after);
        }
    }
}
