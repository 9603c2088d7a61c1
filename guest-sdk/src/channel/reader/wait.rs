//! How a reader waits: what was taken first, then a `try-` call, and only then a call that waits.
//!
//! These are the polls that single reads, batches, values and `rpc` share. What guests call is in the module above.
//!
//! Invariant: frames that were taken are handed out before anything else is tried, in order.

use super::Reader;
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::read_call::{Brought, ReadCall, Shape};
use crate::channel::{Frame, Handle, Ready};
use crate::error::ReadError;
use crate::packed::{MAX_BYTES, MAX_FRAMES, PackedFrames};
use crate::task::Pending;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

impl Reader {
    /// The frames already taken.
    #[inline]
    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Hands out the next of the frames already taken.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(u32, &[u8])> {
        let frame = self.ready.pop()?;
        self.commits.handed(1);
        Some(frame)
    }

    /// The same, with its own memory.
    pub(crate) fn pop_owned(&mut self) -> Option<Frame> {
        let frame = self.ready.pop_owned()?;
        self.commits.handed(1);
        Some(frame)
    }

    /// Hands out all frames already taken.
    pub(crate) fn take_ready(&mut self) -> PackedFrames {
        self.commits.handed(self.ready.len());
        self.ready.take()
    }

    /// Takes the handles of the frame handed out last.
    pub(crate) fn take_handles(&mut self) -> Vec<Handle> {
        self.ready.take_handles()
    }

    /// Takes the handles of the frame that comes next.
    pub(crate) fn handles_of_next(&mut self) -> Vec<Handle> {
        self.ready.handles_of_next()
    }

    /// From now on frames are handled beside each other.
    pub(crate) fn beside(&mut self) {
        self.commits.beside();
    }

    /// The reader, with what becomes of its wait when the caller gives up.
    pub(crate) fn waiting_guard(&mut self) -> Waiting<'_> {
        Waiting(self)
    }

    /// Whether a wait is under way, with or without a call.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether an async call is under way.
    pub(crate) fn is_calling(&self) -> bool {
        self.waiting.as_ref().is_some_and(Pending::is_started)
    }

    /// Makes one frame ready, or finds the end.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        shape: Shape,
    ) -> Poll<Result<Option<Frame>, ReadError>> {
        loop {
            if let Some(frame) = self.pop_owned() {
                return Poll::Ready(Ok(Some(frame)));
            }
            if self.waiting.is_none() {
                self.take_failed()?;
                match self.read_now() {
                    Err(ReadError::WouldBlock) => self.wait_for(shape),
                    read => return Poll::Ready(read),
                }
            }
            let brought = ready!(self.poll_waiting(cx))?;
            if let Some(read) = self.accept(brought) {
                return Poll::Ready(Ok(read));
            }
        }
    }

    /// The frame that a wait has brought, or the end; `None`: it is still to be read.
    pub(super) fn accept(&mut self, brought: Brought) -> Option<Option<Frame>> {
        match brought {
            Brought::One(frame) => Some(self.hand(frame)),
            Brought::Packed(frames) => {
                self.put(PackedFrames::from_raw(frames));
                Some(self.pop_owned())
            }
            Brought::Nothing => None,
        }
    }

    /// Makes a batch ready; `false` is the end of the channel.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Poll<Result<bool, ReadError>> {
        self.poll_fill_as(cx, Shape::Packed(max_frames, max_bytes))
    }

    /// The same; a wait that starts here has this shape.
    pub(crate) fn poll_fill_as(
        &mut self,
        cx: &mut Context<'_>,
        shape: Shape,
    ) -> Poll<Result<bool, ReadError>> {
        let (max_frames, max_bytes) = match shape {
            Shape::Packed(frames, bytes) => (frames, bytes),
            Shape::One | Shape::Within(_) => (MAX_FRAMES, MAX_BYTES),
        };
        let frames = loop {
            if !self.ready.is_empty() {
                return Poll::Ready(Ok(true));
            }
            let brought = if self.waiting.is_none() {
                self.take_failed()?;
                self.commits.read_on(&self.raw);
                match self.raw.try_read_packed(max_frames, max_bytes) {
                    Err(raw::ReadError::WouldBlock) => {
                        self.wait_for(shape);
                        ready!(self.poll_waiting(cx))?
                    }
                    frames => Brought::Packed(frames?),
                }
            } else {
                ready!(self.poll_waiting(cx))?
            };
            match brought {
                Brought::One(None) => break PackedFrames::default(),
                Brought::One(Some(frame)) => break PackedFrames::one(Frame::from_raw(frame)),
                Brought::Packed(frames) => break PackedFrames::from_raw(frames),
                Brought::Nothing => {}
            }
        };
        self.put(frames);
        Poll::Ready(Ok(!self.ready.is_empty()))
    }

    /// Makes a batch ready if there is one, without waiting. The caller takes all
    /// of it. An end or an error is left for the next read.
    pub(crate) fn try_fill(&mut self) -> bool {
        if self.ready.is_empty() && self.failed.is_none() {
            self.commits.read_on(&self.raw);
            match self.raw.try_read_packed(MAX_FRAMES, MAX_BYTES) {
                Ok(frames) => self.put(PackedFrames::from_raw(frames)),
                // It is reported once.
                Err(error @ raw::ReadError::Lagged(_)) => self.failed = Some(error.into()),
                Err(_) => {}
            }
        }
        !self.ready.is_empty()
    }

    /// Takes the next frame without waiting, from the channel.
    pub(crate) fn read_now(&mut self) -> Result<Option<Frame>, ReadError> {
        self.read_by(raw::Reader::try_read)
    }

    /// Takes the next frame with this call.
    pub(crate) fn read_by(
        &mut self,
        read: impl FnOnce(&raw::Reader) -> Result<Option<raw::Delivery>, raw::ReadError>,
    ) -> Result<Option<Frame>, ReadError> {
        self.commits.read_on(&self.raw);
        let read = read(&self.raw)?;
        Ok(self.hand(read))
    }

    /// Hands out a frame that was read.
    fn hand(&mut self, read: Option<raw::Delivery>) -> Option<Frame> {
        let read = read?;
        self.commits.took(&self.raw);
        self.commits.handed(1);
        Some(Frame::from_raw(read))
    }

    /// Makes many frames ready, by this call.
    pub(crate) fn read_packed_by(
        &mut self,
        read: impl FnOnce(&raw::Reader) -> Result<raw::PackedDelivery, raw::ReadError>,
    ) -> Result<(), ReadError> {
        self.commits.read_on(&self.raw);
        let frames = PackedFrames::from_raw(read(&self.raw)?);
        self.put(frames);
        Ok(())
    }

    /// Puts frames in the place of those that were handed out.
    fn put(&mut self, frames: PackedFrames) {
        if !frames.is_empty() {
            self.commits.took(&self.raw);
        }
        self.ready.put(frames);
    }

    fn wait_for(&mut self, shape: Shape) {
        let raw = Rc::clone(&self.raw);
        self.waiting = Some(Pending::new(ReadCall { raw, shape }));
    }

    /// Continues the current wait.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<Brought, ReadError>> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Ready(Ok(Brought::One(None)));
        };
        let brought = ready!(waiting.poll(cx));
        self.waiting = None;
        Poll::Ready(Ok(brought?))
    }

    /// Tries again where a read that was given up has left its call under way: the frame may be there although the
    /// call has not ended yet.
    pub(super) fn retry(&mut self) -> Option<Result<Option<Frame>, ReadError>> {
        if !self.is_calling() {
            return None;
        }
        match self.try_read() {
            Err(ReadError::WouldBlock) => None,
            read => Some(read),
        }
    }

    pub(super) fn take_failed(&mut self) -> Result<(), ReadError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Ends the current wait. A frame that it took on the guest's own stack, and that nobody has asked for
    /// since, is made ready.
    pub(crate) fn end_wait(&mut self) {
        let brought = self
            .waiting
            .take()
            .and_then(|mut waiting| waiting.take_done());
        match brought {
            Some(Ok(Brought::One(Some(frame)))) => {
                self.put(PackedFrames::one(Frame::from_raw(frame)));
            }
            Some(Ok(Brought::Packed(frames))) => self.put(PackedFrames::from_raw(frames)),
            // The next read finds the end or the termination again.
            Some(Ok(Brought::One(None) | Brought::Nothing) | Err(_)) | None => {}
        }
    }

    /// Forgets a wait for which no call has been made.
    pub(crate) fn withdraw(&mut self) {
        if self.waiting.as_ref().is_some_and(Pending::is_wanted) {
            self.waiting = None;
        }
    }
}

/// A reader that a caller waits for. When the caller gives up, a wait without a call is dropped.
pub(crate) struct Waiting<'a>(pub &'a mut Reader);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}
