//! Where a reader is, and the way of a strong one from frame to frame that takes no lock of the channel.
//!
//! A place has a lock of its own, which nobody but the tasks that share the reader wants, and a part that others look at without it.
//! Whoever takes both locks takes that of the place first.
//!
//! # Room
//! A reader that leaves a segment may make room. A write that waits for room asks the reader that is furthest behind to say so: it notes
//! that at the place, under the lock of the place, if the reader is still in the segment where it was seen last. Else it looks again.
//!
//! Invariants:
//! - who has a chunk is a strong reader of a channel that is not terminated, and has nothing that was given back;
//! - what others see of a place is never ahead of it.

use super::{After, chunk::Chunk, returned::Returned, ring::Cursor, segment::Segment};
#[cfg(not(weft_model))]
use crate::sync::atomic::Ordering::Relaxed;
use crate::{
    options::Strength,
    sync::{
        Arc, Guard, Lock,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Release},
        },
    },
};

#[derive(Debug)]
pub(crate) struct Place {
    near: Lock<Near>,
    /// The segment a strong reader is in; [`NOWHERE`] for a weak one.
    segment: AtomicU64,
    /// Sequence number of the frame it is at, for those who watch.
    #[cfg(not(weft_model))]
    seq: AtomicU64,
}

/// Where a reader is that holds nothing. There are no so many segments.
const NOWHERE: u64 = u64::MAX;

/// What the reader itself works with.
#[derive(Debug)]
pub(crate) struct Near {
    pub(super) cursor: Cursor,
    /// The chunk it is in. Without one it asks the state.
    pub(super) chunk: Option<Arc<Chunk>>,
    /// What it was given back. Nearly always nothing.
    pub(super) returned: Option<Box<Returned>>,
    /// Whether it holds writers back. It changes under the lock of the state.
    strong: bool,
    /// A write waits until it leaves its segment.
    wanted: bool,
}

/// A frame that was taken without the lock of the state.
///
/// Not the frame itself. The caller clones its payload, releases the lock of the place and then moves the payload: to move it right after it
/// was cloned would cost more than all the rest of a read.
pub(crate) struct Taken<'a> {
    pub segment: &'a Segment,
    /// Which frame of the segment.
    pub index: u32,
    /// A write waits for what this has made room for.
    pub wanted: bool,
}

/// Why no frame was taken without the lock of the state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missed {
    /// There is none, as it seems: a read has to wait, or is at the end.
    Nothing,
    /// Only the state can tell.
    Unknown,
}

impl Place {
    pub(super) fn new(cursor: Cursor, strength: Strength) -> Self {
        let strong = strength == Strength::Strong;
        let segment = if strong { cursor.segment } else { NOWHERE };
        Self {
            near: Lock::new(Near {
                cursor,
                chunk: None,
                returned: None,
                strong,
                wanted: false,
            }),
            segment: AtomicU64::new(segment),
            #[cfg(not(weft_model))]
            seq: AtomicU64::new(cursor.seq),
        }
    }

    #[inline]
    pub fn near(&self) -> Guard<'_, Near> {
        self.near.lock()
    }

    /// The segment it is in, or was in a moment ago. None: it holds nothing.
    #[inline]
    pub(super) fn segment(&self) -> Option<u64> {
        let segment = self.segment.load(Acquire);
        (segment != NOWHERE).then_some(segment)
    }

    /// Sequence number of the frame it is at.
    #[cfg(not(weft_model))]
    pub(super) fn seq(&self) -> u64 {
        self.seq.load(Relaxed)
    }

    /// It holds writers back no more. Whether it did.
    pub(super) fn weaken(&self, near: &mut Near) -> bool {
        self.segment.store(NOWHERE, Release);
        std::mem::take(&mut near.strong)
    }

    /// Asks it to say when it leaves this segment. False: it has left that.
    pub fn ask(&self, segment: u64) -> bool {
        let mut near = self.near();
        near.wanted = near.cursor.segment == segment;
        near.wanted
    }

    /// Shows others where it is now.
    #[inline]
    pub(super) fn show(&self, near: &Near) {
        self.show_at(near.cursor, near.strong);
    }

    #[inline]
    fn show_at(&self, cursor: Cursor, strong: bool) {
        #[cfg(not(weft_model))]
        self.seq.store(cursor.seq, Relaxed);
        if strong {
            self.segment.store(cursor.segment, Release);
        }
    }

    /// Takes the next frame, if it is in the chunk at hand and not the last one of that.
    #[inline(always)]
    pub fn take<'a>(&self, near: &'a mut Near) -> Result<Taken<'a>, Missed> {
        let Near {
            cursor,
            chunk,
            strong,
            wanted,
            ..
        } = near;
        let chunk = chunk.as_ref().ok_or(Missed::Unknown)?;
        let segment = chunk.get(cursor.segment).ok_or(Missed::Nothing)?;
        let index = cursor.frame;
        let mut next = *cursor;
        let left_segment = next.skip(segment, 1);
        // Only the state has what is attached, and the next chunk.
        if segment.has_attached() || next.segment >= chunk.end() {
            return Err(Missed::Unknown);
        }
        *cursor = next;
        self.show_at(next, *strong && left_segment);
        Ok(Taken {
            segment,
            index,
            wanted: left_segment && std::mem::take(wanted),
        })
    }
}

impl Near {
    pub fn is_strong(&self) -> bool {
        self.strong
    }

    /// Whether a write waits for what the reader has just done; forgets that.
    #[inline]
    pub(super) fn take_wanted(&mut self) -> bool {
        std::mem::take(&mut self.wanted)
    }

    /// Gives up the chunk: from now on the state is asked.
    #[inline]
    pub fn let_go(&mut self, after: &mut After) {
        if let Some(chunk) = self.chunk.take() {
            after.drop_chunk(chunk);
        }
    }

    /// Takes the handles out of the frames that were given back.
    pub fn strip_returned(&mut self, after: &mut After) {
        if let Some(returned) = &mut self.returned {
            after.drop_attachments(returned.take_attached());
        }
    }
}
