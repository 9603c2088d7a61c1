//! The retained frames, and how far strong readers hold them.
//!
//! Segments are numbered from 0 as they are written. A reader's place is a segment
//! number and a frame within it. A segment is *needed* while the place of a strong
//! reader is in it or in front of it; needed segments are thus always the last ones, and the rest
//! may be evicted, oldest first, when room is asked for. Each segment counts
//! the strong readers that are in it and nothing more, so that a reader's step from one
//! segment to the next costs O(1), however many readers there are.
//!
//! Invariants:
//! - what is held is within the limits, and what is needed is part of what is held;
//! - `needed_from` is the lowest place of a strong reader, or `end()` without one;
//! - the place of a strong reader is never lower than `first`.

use std::collections::VecDeque;

use super::{After, segment::Segment};
use crate::{
    attachment::Attachment,
    batch::Parcel,
    frame::{Frame, Frames},
    in_flight::InFlight,
    options::Limits,
};

/// The place of a reader: the next frame it will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Number of the segment; that of the next one to be written at the end.
    pub segment: u64,
    /// Which frame of the segment.
    frame: u32,
    /// Sequence number of the frame.
    seq: u64,
}

/// An amount of frames and of their payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub frames: u64,
    pub bytes: u64,
}

impl Amount {
    pub fn of(parcel: &Parcel) -> Self {
        Self {
            frames: parcel.frames().into(),
            bytes: parcel.bytes(),
        }
    }

    fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
    }

    fn subtract(&mut self, other: Self) {
        self.frames -= other.frames;
        self.bytes -= other.bytes;
    }
}

#[derive(Debug)]
pub(super) struct Ring {
    limits: Limits,
    segments: VecDeque<Segment>,
    /// Number of the oldest segment retained.
    first: u64,
    /// Sequence number of the next frame written.
    next_seq: u64,
    held: Amount,
    /// Segments from this number on are needed.
    needed_from: u64,
    /// Sum of the needed segments.
    needed: Amount,
    /// Strong readers that have read everything.
    strong_at_end: u32,
    /// Segments with something attached.
    with_attached: usize,
}

impl Ring {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            segments: VecDeque::new(),
            first: 0,
            next_seq: 0,
            held: Amount::default(),
            needed_from: 0,
            needed: Amount::default(),
            strong_at_end: 0,
            with_attached: 0,
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub fn held(&self) -> Amount {
        self.held
    }

    pub fn frames_written(&self) -> u64 {
        self.next_seq
    }

    /// Number of the next segment written.
    #[inline]
    fn end(&self) -> u64 {
        self.first + self.segments.len() as u64
    }

    #[inline]
    fn segment(&self, number: u64) -> Option<&Segment> {
        let index = number.checked_sub(self.first)?;
        self.segments.get(usize::try_from(index).ok()?)
    }

    #[inline]
    fn segment_mut(&mut self, number: u64) -> Option<&mut Segment> {
        let index = number.checked_sub(self.first)?;
        self.segments.get_mut(usize::try_from(index).ok()?)
    }

    /// The handles attached to frames retained.
    pub fn attached(&self) -> impl Iterator<Item = &Attachment> {
        // Most channels have none; then no frame is looked at.
        let segments = (self.with_attached > 0).then_some(&self.segments);
        let all = segments.into_iter().flatten();
        all.flat_map(|segment| segment.attached.iter().flat_map(InFlight::iter))
    }

    /// Room that a write could have now.
    #[inline]
    pub fn room(&self) -> Amount {
        Amount {
            frames: self.limits.frames - self.needed.frames,
            bytes: self.limits.bytes - self.needed.bytes,
        }
    }

    #[inline]
    pub fn has_room(&self, need: Amount) -> bool {
        let room = self.room();
        need.frames <= room.frames && need.bytes <= room.bytes
    }

    /// Adds a segment, evicting what stands in its way. The caller has seen that there is room.
    #[inline]
    pub fn push(&mut self, parcel: Parcel, writer: u32, after: &mut After) {
        let size = Amount::of(&parcel);
        while self.first < self.needed_from
            && (self.held.frames + size.frames > self.limits.frames
                || self.held.bytes + size.bytes > self.limits.bytes)
        {
            let Some(evicted) = self.segments.pop_front() else {
                break;
            };
            self.first += 1;
            self.held.subtract(evicted.amount());
            self.with_attached -= usize::from(evicted.attached.is_some());
            after.drop_segment(evicted);
        }
        self.with_attached += usize::from(parcel.attached.is_some());
        let strong_here = std::mem::take(&mut self.strong_at_end);
        let segment = Segment::new(parcel, writer, self.next_seq, strong_here);
        self.segments.push_back(segment);
        self.next_seq += size.frames;
        self.held.add(size);
        if self.needed_from + 1 == self.end() && strong_here == 0 {
            // Nobody needs it, and none was needed before.
            self.needed_from += 1;
        } else {
            self.needed.add(size);
        }
    }

    /// Moves `needed_from` up to the lowest place of a strong reader.
    fn settle(&mut self) {
        while let Some(segment) = self.segment(self.needed_from)
            && segment.strong_here == 0
        {
            self.needed.subtract(segment.amount());
            self.needed_from += 1;
        }
    }

    /// A strong reader is at the oldest frame.
    pub fn hold_all(&mut self) {
        *self.strong_at(self.first) += 1;
        self.needed_from = self.first;
        self.needed = self.held;
    }

    /// The strong reader at `from` is now at `to`, further on. Whether that made room.
    #[inline]
    pub fn hold_from(&mut self, from: Cursor, to: Cursor) -> bool {
        *self.strong_at(to.segment) += 1;
        self.let_go(from)
    }

    /// The strong reader at `cursor` is gone. Whether that made room.
    #[inline]
    pub fn let_go(&mut self, cursor: Cursor) -> bool {
        let strong_here = self.strong_at(cursor.segment);
        *strong_here -= 1;
        let was_last = *strong_here == 0 && cursor.segment == self.needed_from;
        if was_last {
            self.settle();
        }
        was_last
    }

    #[inline]
    fn strong_at(&mut self, number: u64) -> &mut u32 {
        let index = number.checked_sub(self.first).map(usize::try_from);
        let segment = index.and_then(|index| self.segments.get_mut(index.ok()?));
        segment.map_or(&mut self.strong_at_end, |segment| &mut segment.strong_here)
    }

    #[inline]
    pub fn oldest(&self) -> Cursor {
        let front = self.segments.front();
        Cursor {
            segment: self.first,
            frame: 0,
            seq: front.map_or(self.next_seq, |segment| segment.first_seq),
        }
    }

    /// How many frames a reader at `cursor` has lost, if it was overtaken.
    #[inline]
    pub fn lost(&self, cursor: Cursor) -> Option<u64> {
        (cursor.segment < self.first).then(|| self.oldest().seq - cursor.seq)
    }

    #[inline]
    pub fn has_frame(&self, cursor: Cursor) -> bool {
        cursor.segment < self.end()
    }

    /// The place behind the frame at `cursor`; none at the end.
    #[inline]
    pub fn next(&self, mut cursor: Cursor) -> Option<Cursor> {
        let segment = self.segment(cursor.segment)?;
        cursor.skip(segment, 1);
        Some(cursor)
    }

    /// The frame at `cursor`, with what is still attached to it; none at the end.
    #[inline(always)]
    pub fn frame_at(&mut self, cursor: Cursor, after: &mut After) -> Option<Frame> {
        let segment = self.segment_mut(cursor.segment)?;
        let attached = segment.take_attached(after);
        let took = attached.is_some();
        let (writer, attached) = (segment.writer(), attached.unwrap_or_default());
        if took {
            self.with_attached -= 1;
        }
        let segment = self.segment(cursor.segment)?;
        Some(Frame {
            writer,
            payload: segment.payload(cursor.frame),
            attached,
        })
    }

    /// The frames from `cursor` on that are within both limits, and the place behind
    /// them. The first one is always among them; no frames at the end.
    pub fn frames_at(
        &mut self,
        mut cursor: Cursor,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> (Frames, Cursor) {
        let mut frames = Frames::default();
        let mut frames_left = max_frames.max(1);
        // Ends of packed frames are `u32`.
        let mut bytes_left = max_bytes.clamp(1, u32::MAX.into());
        while frames_left > 0
            && let Some(segment) = self.segment_mut(cursor.segment)
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
            cursor.skip(segment, count);
            if let Some(attached) = segment.take_attached(after) {
                frames.attach(attached);
                self.with_attached -= 1;
            }
            // Stopped within a segment, or by a first frame beyond the limit, which comes alone.
            if cursor.segment == number || within == 0 {
                break;
            }
        }
        (frames, cursor)
    }

    /// Forgets everything. Places of readers mean nothing afterwards.
    pub fn clear(&mut self, after: &mut After) {
        let strong_here: u32 = self.segments.iter().map(|s| s.strong_here).sum();
        self.strong_at_end += strong_here;
        self.first = self.end();
        self.needed_from = self.first;
        self.needed = Amount::default();
        self.held = Amount::default();
        self.with_attached = 0;
        for segment in std::mem::take(&mut self.segments) {
            after.drop_segment(segment);
        }
    }

    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.segments.capacity()
    }
}

impl Cursor {
    /// Goes on by `count` frames, all of them in `segment`.
    #[inline]
    fn skip(&mut self, segment: &Segment, count: u32) {
        self.seq += u64::from(count);
        self.frame += count;
        if self.frame >= segment.frames() {
            self.segment += 1;
            self.frame = 0;
        }
    }
}
