//! Frames that were taken from the channel and not yet handed out.
//!
//! Not the channel's own buffer: what is here has left the channel, and belongs
//! to whoever holds the reader.

use super::{Frame, Handle};
use crate::packed::PackedFrames;

/// A batch, and how far it has been handed out.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    frames: PackedFrames,
    /// The frame that comes next, and where its bytes start.
    next: usize,
    start: usize,
}

impl Ready {
    /// The next frame: its writer and its bytes.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(u32, &[u8])> {
        let (writer, end) = self.frames.at(self.next)?;
        let payload = self.frames.payload().get(self.start..end)?;
        self.next += 1;
        self.start = end;
        Some((writer, payload))
    }

    /// The next frame with its own memory.
    pub(crate) fn pop_owned(&mut self) -> Option<Frame> {
        let (writer, payload) = self.pop()?;
        let payload = payload.to_vec();
        Some(Frame {
            writer,
            payload,
            handles: self.take_handles(),
        })
    }

    /// Takes the handles of the frame handed out last.
    pub(crate) fn take_handles(&mut self) -> Vec<Handle> {
        match self.next.checked_sub(1) {
            Some(last) => self.frames.take_handles(last),
            None => Vec::new(),
        }
    }

    /// Takes the handles of the frame that comes next.
    pub(crate) fn handles_of_next(&mut self) -> Vec<Handle> {
        self.frames.take_handles(self.next)
    }

    /// Whether none is left.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.next >= self.frames.len()
    }

    /// How many are left.
    pub(crate) fn len(&self) -> usize {
        self.frames.len().saturating_sub(self.next)
    }

    /// All that are left, as a batch.
    pub(crate) fn take(&mut self) -> PackedFrames {
        let Ready { frames, next, .. } = std::mem::take(self);
        match next {
            0 => frames,
            first => frames.skip(first),
        }
    }

    /// Puts a batch in the place of what was there.
    pub(crate) fn put(&mut self, frames: PackedFrames) {
        *self = Ready {
            frames,
            next: 0,
            start: 0,
        };
    }
}
