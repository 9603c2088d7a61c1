//! The retained frames, and how far strong readers hold them.
//!
//! Segments are numbered from 0 as they are written. A reader's place is a segment
//! number and a frame within it. A segment is *needed* while the place of a strong
//! reader is in it or in front of it; needed segments are thus always the last ones, and the rest
//! may be evicted, oldest first, when room is asked for. Each segment knows how much
//! was written before it, so what is held, and what is needed, is a difference of two numbers,
//! however many segments and readers there are.
//!
//! Invariants:
//! - what is held is within the limits, and what is needed is part of what is held;
//! - the place of a strong reader is never lower than `first`.

use std::collections::VecDeque;

use super::{
    After,
    amount::Amount,
    attached::Attached,
    holds::{Hold, Holds},
    segment::Segment,
};
use crate::{
    attachment::Attachment,
    batch::Parcel,
    frame::{Frame, Frames},
    native::{in_flight::InFlight, spent::Remains},
    options::{END_COST, Limits, cost},
};

/// The place of a reader: the next frame it will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Number of the segment. At the end it is the number of the next segment to be written.
    pub segment: u64,
    /// Which frame of the segment.
    frame: u32,
    /// Sequence number of the frame.
    seq: u64,
}

/// Frames that one read takes at most. Each gets an entry of its own in what is returned.
const READ_FRAMES: u32 = 1 << 16;

/// A read takes frames of at most so many writes. That holds the lock for less than a millisecond.
const READ_WRITES: usize = 1 << 12;

/// Bytes that one read takes at most, unless a single frame is larger. A reader that wants them in one piece copies most of them.
const READ_BYTES: u64 = 16 << 20;

/// Segments that a channel has places for once there is one.
const FIRST_PLACES: usize = 4;

#[derive(Debug)]
pub(super) struct Ring {
    limits: Limits,
    segments: VecDeque<Segment>,
    /// Number of the oldest segment retained.
    first: u64,
    /// All that was ever written. Sequence numbers of frames count from 0.
    written: Amount,
    /// Where strong readers are.
    holds: Holds,
    attached: Attached,
    /// How often a segment was looked up.
    #[cfg(test)]
    looks: std::cell::Cell<u64>,
}

impl Ring {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            segments: VecDeque::new(),
            first: 0,
            written: Amount::default(),
            holds: Holds::default(),
            attached: Attached::default(),
            #[cfg(test)]
            looks: std::cell::Cell::default(),
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    #[inline]
    pub fn held(&self) -> Amount {
        self.since(self.segments.front())
    }

    pub fn frames_written(&self) -> u64 {
        self.written.frames
    }

    #[cfg(not(weft_model))]
    pub fn bytes_written(&self) -> u64 {
        self.written.bytes
    }

    /// Frames written since `cursor`, those that are lost among them.
    #[cfg(not(weft_model))]
    pub fn unread(&self, cursor: Cursor) -> u64 {
        self.written.frames.saturating_sub(cursor.seq)
    }

    /// Segments from this number on are needed.
    #[inline]
    fn needed_from(&self) -> u64 {
        self.holds.lowest().unwrap_or_else(|| self.end())
    }

    /// This segment and all after it.
    #[inline]
    fn since(&self, segment: Option<&Segment>) -> Amount {
        segment.map_or_else(Amount::default, |segment| {
            self.written.minus(segment.before)
        })
    }

    /// Number of the next segment written.
    #[inline]
    fn end(&self) -> u64 {
        self.first + self.segments.len() as u64
    }

    #[inline]
    fn segment(&self, number: u64) -> Option<&Segment> {
        #[cfg(test)]
        self.looks.update(|looks| looks + 1);
        let index = number.checked_sub(self.first)?;
        self.segments.get(usize::try_from(index).ok()?)
    }

    pub fn attached(&self) -> &Attached {
        &self.attached
    }

    /// Room that a write could have now.
    #[inline]
    pub fn room(&self) -> Amount {
        let needed_from = self.needed_from();
        let needed = self.since(self.segment(needed_from));
        let writes = self.end() - needed_from;
        // With one more write; so much of the rest is for frames.
        let cost = cost(writes + 1, needed.frames);
        let frames = self.limits.cost.saturating_sub(cost) / END_COST;
        Amount {
            frames: frames.min(self.limits.frames - needed.frames),
            bytes: self.limits.bytes - needed.bytes,
        }
    }

    #[inline]
    pub fn has_room(&self, need: Amount) -> bool {
        let room = self.room();
        need.frames <= room.frames && need.bytes <= room.bytes
    }

    /// Adds a segment, evicting what stands in its way. The caller has seen that there is room.
    #[inline]
    pub fn push(&mut self, mut parcel: Parcel, writer: u32, after: &mut After) {
        let size = Amount::of(&parcel);
        let needed_from = self.needed_from();
        while self.first < needed_from && !self.fits(size) {
            let Some(evicted) = self.segments.pop_front() else {
                break;
            };
            if let Some(attached) = self.attached.take(self.first) {
                after.drop_attached(attached);
            }
            self.first += 1;
            after.drop_segment(evicted);
        }
        if let Some(attached) = parcel.attached.take() {
            self.attached.put(self.end(), InFlight::new(attached));
        }
        if self.segments.len() == self.segments.capacity() {
            self.grow();
        }
        let segment = Segment::new(parcel, writer, self.written);
        self.segments.push_back(segment);
        self.written.add(size);
    }

    /// Whether a write of so much fits beside all that is held.
    #[inline]
    fn fits(&self, size: Amount) -> bool {
        let held = self.held();
        let frames = held.frames + size.frames;
        frames <= self.limits.frames
            && held.bytes + size.bytes <= self.limits.bytes
            && cost(self.segments.len() as u64 + 1, frames) <= self.limits.cost
    }

    /// Makes places for as many segments again, but for no more than may be retained.
    #[cold]
    fn grow(&mut self) {
        let len = self.segments.len();
        let most = self.limits.single_frames() as usize;
        let more = len.max(FIRST_PLACES).min(most.saturating_sub(len));
        self.segments.reserve_exact(more.max(1));
    }

    /// A strong reader comes, at the oldest frame.
    pub fn hold_all(&mut self) -> Hold {
        self.holds.come(self.first)
    }

    /// A strong reader moves on. Whether that made room.
    #[inline]
    pub fn hold_from(&mut self, hold: &mut Hold, to: Cursor) -> bool {
        self.holds.go_on(hold, to.segment)
    }

    /// A strong reader goes. Whether that made room.
    #[inline]
    pub fn let_go(&mut self, hold: Hold) -> bool {
        self.holds.go(hold)
    }

    #[inline]
    pub fn oldest(&self) -> Cursor {
        let front = self.segments.front();
        Cursor {
            segment: self.first,
            frame: 0,
            seq: front.map_or(self.written, |segment| segment.before).frames,
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
        let attached = self.take_attached(cursor.segment, after);
        let segment = self.segment(cursor.segment)?;
        Some(Frame {
            writer: segment.writer(),
            payload: segment.payload(cursor.frame),
            attached: attached.unwrap_or_default(),
            kept: segment.bytes() as u32,
        })
    }

    #[inline]
    fn take_attached(&mut self, segment: u64, after: &mut After) -> Option<Vec<Attachment>> {
        let (attached, charge) = self.attached.take(segment)?.land().into_parts();
        if let Some(charge) = charge {
            after.drop_charge(charge);
        }
        Some(attached)
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
        let mut frames_left = max_frames.clamp(1, READ_FRAMES);
        let mut bytes_left = max_bytes.clamp(1, READ_BYTES);
        while frames_left > 0
            && frames.slices() < READ_WRITES
            && let Some(segment) = self.segment(cursor.segment)
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
            if let Some(attached) = self.take_attached(number, after) {
                frames.attach(attached);
            }
            // Stopped within a segment, or by a first frame beyond the limit, which comes alone.
            if cursor.segment == number || within == 0 {
                break;
            }
        }
        (frames, cursor)
    }

    /// The payloads of at most `most` frames, from the frame with this sequence number on, or from the oldest if that
    /// one is gone; and the sequence number of the first. It takes nothing: what is attached stays.
    #[cfg(not(weft_model))]
    pub fn payloads_from(&self, from: u64, most: usize) -> (u64, Vec<bytes::Bytes>) {
        let first = from.max(self.oldest().seq);
        let before = |segment: &Segment| segment.before.frames <= first;
        let index = self.segments.partition_point(before).saturating_sub(1);
        let segments = self.segments.iter().skip(index);
        let payloads = segments.flat_map(|segment| {
            let skipped = first.saturating_sub(segment.before.frames);
            // No more than the frames of a segment, so it fits.
            let skipped = skipped.min(u64::from(segment.frames())) as u32;
            (skipped..segment.frames()).map(|frame| segment.payload(frame))
        });
        (first, payloads.take(most).collect())
    }

    /// Gives up all that is retained, if there is anything. Places of readers mean nothing afterwards.
    pub fn clear(&mut self) -> Option<Remains> {
        self.first = self.end();
        let remains = Remains {
            segments: std::mem::take(&mut self.segments),
            attached: self.attached.take_all(),
            _charge: None,
        };
        (!remains.segments.is_empty()).then_some(remains)
    }

    /// In bytes.
    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.segments.capacity() * size_of::<Segment>() + self.holds.allocated()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::options::Options;

    #[test]
    fn a_strong_reader_that_comes_and_goes_looks_at_no_more_segments_than_one() {
        const FRAMES: u64 = 16_384;
        let capacity = FRAMES * 512;
        let options = Options::new(capacity);
        let mut ring = Ring::new(Limits::new(options).unwrap());
        let mut after = After::default();
        let mut hold = ring.hold_all();
        for _ in 0..FRAMES {
            let frame = Parcel::single(vec![0; 512].into());
            ring.push(frame, 1, &mut after);
        }
        let full = ring.room();
        assert_eq!(full.bytes, 0);
        let mut cursor = ring.oldest();
        for _ in 0..FRAMES {
            cursor = ring.next(cursor).unwrap();
            ring.hold_from(&mut hold, cursor);
        }
        let looks = ring.looks.get();
        for _ in 0..10 {
            let other = ring.hold_all();
            assert_eq!(ring.room(), full);
            assert!(ring.let_go(other), "made room");
            assert_eq!(ring.room().bytes, capacity);
        }
        assert!(ring.looks.get() - looks <= 20);
        assert_eq!(ring.held().bytes, capacity);
    }
}
