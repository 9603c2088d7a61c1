//! Taking frames out, and waiting for them.
//!
//! What is read is built last, in the place of the caller's return value. Moving it right after its payload was
//! cloned would cost more than all the rest of a read.

use std::task::Poll;

use super::{After, Life, Near, Place, ReadTicket, Returned, State, Wait};
use crate::{
    error::ReadError,
    frame::{Frame, Frames},
    sync::Arc,
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
    pub fn read(
        &mut self,
        (place, near): (&Place, &mut Near),
        after: &mut After,
    ) -> Option<Read<Option<Frame>>> {
        match self.find(place, near) {
            Found::Frame => Some(Ok(self.take_frame(place, near, after))),
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
        (place, near): (&Place, &mut Near),
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<Read<Option<Frame>>>> {
        let found = self.find(place, near);
        if matches!(found, Found::Nothing) {
            return self.await_frame(ticket, wait, after);
        }
        self.cancel_read(ticket, after);
        match found {
            Found::Frame => Some(Poll::Ready(Ok(self.take_frame(place, near, after)))),
            Found::Nothing | Found::End => Some(Poll::Ready(Ok(None))),
            Found::Error(error) => Some(Poll::Ready(Err(error))),
        }
    }

    /// The next frames; `None` where a reader has to wait for the first.
    #[inline]
    pub fn read_batch(
        &mut self,
        (place, near): (&Place, &mut Near),
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Option<Read<Frames>> {
        match self.find(place, near) {
            Found::Frame => Some(Ok(
                self.take_frames(place, near, max_frames, max_bytes, after)
            )),
            Found::Nothing => None,
            Found::End => Some(Ok(Frames::default())),
            Found::Error(error) => Some(Err(error)),
        }
    }

    /// The next frames, or registers the read as waiting, as `poll_read` does.
    #[inline]
    pub fn poll_read_batch(
        &mut self,
        (place, near): (&Place, &mut Near),
        (max_frames, max_bytes): (u32, u64),
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<Read<Frames>>> {
        match self.read_batch((place, near), max_frames, max_bytes, after) {
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
        near: &Near,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<()>> {
        if !self.is_readable(near) {
            return self.await_frame(ticket, wait, after);
        }
        self.cancel_read(ticket, after);
        Some(Poll::Ready(()))
    }

    fn is_readable(&self, near: &Near) -> bool {
        self.life != Life::Open
            || near.returned.is_some()
            || self.ring.lost(near.cursor).is_some()
            || self.ring.has_frame(near.cursor)
    }

    /// Gives frames back to a reader, which reads them again before all others.
    pub fn put_back(&mut self, near: &mut Near, frames: Returned, after: &mut After) {
        near.let_go(after);
        Returned::put(&mut near.returned, frames);
        // Another task may share the reader.
        self.read_waiters.wake_all(after);
    }

    /// Looks at the reader's place. An overtaken reader is moved on, and told once.
    #[inline]
    fn find(&mut self, place: &Place, near: &mut Near) -> Found {
        if self.life == Life::Terminated {
            return Found::Error(ReadError::Terminated);
        }
        if near.returned.is_some() {
            Found::Frame
        } else if let Some(lost) = self.ring.lost(near.cursor) {
            near.cursor = self.ring.oldest();
            place.show(near);
            Found::Error(ReadError::Lagged(lost))
        } else if self.ring.has_frame(near.cursor) {
            Found::Frame
        } else if self.life == Life::Ended {
            Found::End
        } else {
            Found::Nothing
        }
    }

    #[inline(always)]
    fn take_frame(&mut self, place: &Place, near: &mut Near, after: &mut After) -> Option<Frame> {
        if near.returned.is_some() {
            return Returned::pop(&mut near.returned, after);
        }
        let segment = near.cursor.segment;
        let frame = self.ring.take_frame(&mut near.cursor, after);
        if near.is_strong() {
            self.take_hold(near, after);
        }
        self.moved(place, near, segment, after);
        frame
    }

    #[inline]
    fn take_frames(
        &mut self,
        place: &Place,
        near: &mut Near,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Frames {
        if near.returned.is_some() {
            return Returned::pop_many(&mut near.returned, max_frames, max_bytes, after);
        }
        let segment = near.cursor.segment;
        let cursor = &mut near.cursor;
        let frames = self.ring.take_frames(cursor, max_frames, max_bytes, after);
        near.let_go(after);
        self.moved(place, near, segment, after);
        frames
    }

    /// Gives a strong reader the chunk it is in, so that it needs nobody for the frames to come.
    #[inline]
    fn take_hold(&self, near: &mut Near, after: &mut After) {
        let chunk = self.ring.chunk_of(&mut near.cursor);
        let same = match (&near.chunk, chunk) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !same {
            near.let_go(after);
            near.chunk = chunk.cloned();
        }
    }

    /// A reader has moved on from this segment under the lock.
    #[inline]
    fn moved(&mut self, place: &Place, near: &mut Near, from: u64, after: &mut After) {
        place.show(near);
        if near.cursor.segment != from && near.take_wanted() {
            self.wake_writer(after);
        }
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
