//! Taking frames out of the ring: the part of [`Ring`] that readers need. A reader's place is a [`Cursor`].
//!
//! Invariant: reading evicts nothing.

use super::Ring;
use crate::{
    attachment::Attachment,
    frame::{Frame, Frames},
    native::state::{After, Chunk, Segment},
    sync::Arc,
};

/// The place of a reader: the next frame it will read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::native::state) struct Cursor {
    /// Number of the segment. At the end it is the number of the next segment to be written.
    pub segment: u64,
    /// Which frame of the segment.
    pub frame: u32,
    /// Sequence number of the frame.
    pub seq: u64,
    /// Where to look for the segment: it is in the chunk with this number or in a later one.
    pub chunk: u64,
}

/// Frames that one read takes at most. Each gets an entry of its own in what is returned.
const READ_FRAMES: u32 = 1 << 16;

/// A read takes frames of at most so many writes. That holds the lock for less than a millisecond.
const READ_WRITES: usize = 1 << 12;

/// Bytes that one read takes at most, unless a single frame is larger. A reader that wants them in one piece copies most of them.
const READ_BYTES: u64 = 16 << 20;

impl Ring {
    #[inline]
    pub fn oldest(&self) -> Cursor {
        Cursor {
            segment: self.first.segment,
            frame: 0,
            seq: self.first.before.frames,
            chunk: self.first_chunk,
        }
    }

    /// How many frames a reader at `cursor` has lost, if it was overtaken.
    #[inline]
    pub fn lost(&self, cursor: Cursor) -> Option<u64> {
        let lost = cursor.segment < self.first.segment;
        lost.then(|| self.first.before.frames - cursor.seq)
    }

    #[inline]
    pub fn has_frame(&self, cursor: Cursor) -> bool {
        cursor.segment < self.written.segment
    }

    /// The chunk that a reader at `cursor` is in, if that was begun. It notes which one it is.
    #[inline]
    pub fn chunk_of(&self, cursor: &mut Cursor) -> Option<&Arc<Chunk>> {
        cursor.chunk = cursor.chunk.max(self.first_chunk);
        // Chunks are in memory, so their count fits.
        let index = |chunk: u64| (chunk - self.first_chunk) as usize;
        while let Some(next) = self.chunks.get(index(cursor.chunk + 1))
            && next.first() <= cursor.segment
        {
            cursor.chunk += 1;
        }
        let chunk = self.chunks.get(index(cursor.chunk))?;
        chunk.has_place(cursor.segment).then_some(chunk)
    }

    /// Takes the frame at `cursor`, with what is still attached to it; none at the end.
    #[inline(always)]
    pub fn take_frame(&mut self, cursor: &mut Cursor, after: &mut After) -> Option<Frame> {
        let attached = self.take_attached(cursor.segment, after);
        let segment = self.chunk_of(cursor)?.get(cursor.segment)?;
        let frame = segment.frame(cursor.frame, attached.unwrap_or_default());
        cursor.skip(segment, 1);
        Some(frame)
    }

    #[inline]
    fn take_attached(&mut self, segment: u64, after: &mut After) -> Option<Vec<Attachment>> {
        let (attached, charge) = self.attached.take(segment)?.land().into_parts();
        if let Some(charge) = charge {
            after.drop_charge(charge);
        }
        Some(attached)
    }

    /// Takes the frames from `cursor` on that are within both limits. The first one is always among them; no frames at the end.
    pub fn take_frames(
        &mut self,
        cursor: &mut Cursor,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Frames {
        let mut frames = Frames::default();
        let mut frames_left = max_frames.clamp(1, READ_FRAMES);
        let mut bytes_left = max_bytes.clamp(1, READ_BYTES);
        while frames_left > 0
            && frames.slices() < READ_WRITES
            && let Some(chunk) = self.chunk_of(cursor)
            && let Some(segment) = chunk.get(cursor.segment)
        {
            let within = segment.count_within(cursor.frame, frames_left, bytes_left);
            let count = within.max(u32::from(frames.is_empty()));
            if count == 0 {
                break;
            }
            let slice = segment.slice(cursor.frame, count);
            frames_left -= count;
            bytes_left = bytes_left.saturating_sub(slice.payload.len() as u64);
            frames.push(slice);
            let number = cursor.segment;
            let stays = !cursor.skip(segment, count);
            if let Some(attached) = self.take_attached(number, after) {
                frames.attach(attached);
            }
            // Stopped within a segment, or by a first frame beyond the limit, which comes alone.
            if stays || within == 0 {
                break;
            }
        }
        frames
    }

    /// The payloads of at most `most` frames, from the frame with this sequence number on, or from the oldest if that
    /// one is gone; and the sequence number of the first. It takes nothing: what is attached stays.
    #[cfg(not(weft_model))]
    pub fn payloads_from(&self, from: u64, most: usize) -> (u64, Vec<bytes::Bytes>) {
        let first = from.max(self.first.before.frames);
        let begins = |segment: &Segment| segment.before.frames <= first;
        let holds_it = |chunk: &Arc<Chunk>| chunk.segments().next().is_some_and(begins);
        let chunk = self.chunks.partition_point(holds_it).saturating_sub(1);
        let segments = self.chunks.iter().skip(chunk);
        let segments = segments.flat_map(|chunk| chunk.segments());
        let payloads = segments.flat_map(|segment| {
            let skipped = first.saturating_sub(segment.before.frames);
            // No more than the frames of a segment, so it fits.
            let skipped = skipped.min(u64::from(segment.frames())) as u32;
            (skipped..segment.frames()).map(|frame| segment.payload(frame))
        });
        (first, payloads.take(most).collect())
    }
}

impl Cursor {
    /// Goes on by `count` frames, all of them in `segment`. Whether it has left that.
    #[inline]
    pub fn skip(&mut self, segment: &Segment, count: u32) -> bool {
        self.seq += u64::from(count);
        self.frame += count;
        let left = self.frame >= segment.frames();
        if left {
            self.segment += 1;
            self.frame = 0;
        }
        left
    }
}
