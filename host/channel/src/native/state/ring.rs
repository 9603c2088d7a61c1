//! The retained frames, and how far strong readers hold them.
//!
//! Segments are numbered from 0 as they are written, and lie in [chunks](Chunk). A reader's place is a segment
//! number and a frame within it. A segment is *needed* while the place of a strong
//! reader is in it or in front of it; needed segments are thus always the last ones, and the rest
//! may be evicted, oldest first, when room is asked for. Each segment knows how much
//! was written before it, so what is held, and what is needed, is a difference of two numbers,
//! however many segments and readers there are.
//!
//! What a reader does with the frames is in `reading`.
//!
//! Strong readers move on without the lock, so what is needed may be less than is known here. Where that matters, whoever needs the
//! room calls [`Ring::settle`].
//!
//! Invariants:
//! - what is held is within the limits, and what is needed is part of what is held;
//! - the place of a strong reader is never lower than `first`;
//! - a chunk has a segment that is held, or it is the last one and has places left.

mod reading;

pub(super) use reading::Cursor;

use std::collections::VecDeque;

use super::{
    After,
    amount::Amount,
    attached::Attached,
    chunk::{Chunk, MOST_PLACES},
    holds::Holds,
    place::Place,
    segment::Segment,
};
use crate::{
    batch::Parcel,
    native::{in_flight::InFlight, spent::Remains},
    options::{END_COST, Limits, cost},
    sync::Arc,
};

/// A boundary between two segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Mark {
    /// Number of the segment behind it.
    segment: u64,
    /// All that was written before.
    before: Amount,
}

/// Segments that the first chunk has places for.
const FIRST_PLACES: usize = 4;

#[derive(Debug)]
pub(super) struct Ring {
    limits: Limits,
    chunks: VecDeque<Arc<Chunk>>,
    /// Number of the oldest chunk.
    first_chunk: u64,
    /// Bytes of payload in the newest chunk.
    newest_bytes: u64,
    /// In front of the oldest segment retained.
    first: Mark,
    /// In front of the oldest segment that is needed, as far as is known. None: no segment is.
    needed: Option<Mark>,
    /// Behind all that was ever written. Sequence numbers of frames count from 0.
    written: Mark,
    /// The strong readers.
    holds: Holds,
    attached: Attached,
    /// How often a segment was looked for.
    #[cfg(test)]
    looks: std::cell::Cell<u64>,
}

impl Ring {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            chunks: VecDeque::new(),
            first_chunk: 0,
            newest_bytes: 0,
            first: Mark::default(),
            needed: None,
            written: Mark::default(),
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
        self.written.before.minus(self.first.before)
    }

    pub fn frames_written(&self) -> u64 {
        self.written.before.frames
    }

    #[cfg(not(weft_model))]
    pub fn bytes_written(&self) -> u64 {
        self.written.before.bytes
    }

    /// Frames written since the one with this sequence number, those that are lost among them.
    #[cfg(not(weft_model))]
    pub fn unread(&self, seq: u64) -> u64 {
        self.written.before.frames.saturating_sub(seq)
    }

    pub fn attached(&self) -> &Attached {
        &self.attached
    }

    /// Room that a write could have now, as far as is known.
    #[inline]
    pub fn room(&self) -> Amount {
        let needed_from = self.needed.unwrap_or(self.written);
        let needed = self.written.before.minus(needed_from.before);
        let writes = self.written.segment - needed_from.segment;
        // With one more write; so much of the rest is for frames.
        let cost = cost(writes + 1, needed.frames);
        let frames = self.limits.cost.saturating_sub(cost) / END_COST;
        Amount {
            frames: frames.min(self.limits.frames - needed.frames),
            bytes: self.limits.bytes - needed.bytes,
        }
    }

    /// The same, where that is enough for a write; else what there is wherever readers are now.
    #[inline]
    pub fn room_for(&mut self, need: Amount) -> Amount {
        let room = self.room();
        if !room.has(need) && self.settle() {
            return self.room();
        }
        room
    }

    /// Whether there is room for a write, wherever readers are now.
    #[inline]
    pub fn has_room(&mut self, need: Amount) -> bool {
        self.room_for(need).has(need)
    }

    /// The same. Where there is none, the reader that is furthest behind is to be asked to say when it leaves its segment.
    pub fn has_room_or_asks(&mut self, need: Amount, after: &mut After) -> bool {
        if self.has_room(need) {
            return true;
        }
        if let Some((segment, place)) = self.holds.front() {
            after.ask(Arc::clone(place), segment);
        }
        false
    }

    /// Looks where the strong readers are. Whether more is known to be no longer needed.
    pub fn settle(&mut self) -> bool {
        let lowest = self.holds.settle();
        if lowest == self.needed.map(|needed| needed.segment) {
            return false;
        }
        self.needed = lowest.map(|segment| self.mark(segment));
        true
    }

    /// The boundary in front of this segment.
    fn mark(&self, segment: u64) -> Mark {
        #[cfg(test)]
        self.looks.update(|looks| looks + 1);
        let after = self.chunks.partition_point(|it| it.first() <= segment);
        let chunk = after.checked_sub(1).and_then(|at| self.chunks.get(at));
        let before = chunk.and_then(|chunk| chunk.get(segment));
        Mark {
            segment,
            before: before.map_or(self.written.before, |segment| segment.before),
        }
    }

    /// Adds a segment, evicting what stands in its way. The caller has seen that there is room.
    #[inline]
    pub fn push(&mut self, mut parcel: Parcel, writer: u32, after: &mut After) {
        let size = Amount::of(&parcel);
        let needed_from = self.needed.unwrap_or(self.written).segment;
        while self.first.segment < needed_from && !self.fits(size) {
            self.evict(after);
        }
        let Mark { segment, before } = self.written;
        let attached = parcel.attached.take();
        let new = Segment::new(parcel, attached.is_some(), writer, before);
        if let Some(attached) = attached {
            self.attached.put(segment, InFlight::new(attached));
        }
        if let Some(chunk) = self.newest(size.bytes, after) {
            chunk.put(segment, new);
        }
        self.written.segment += 1;
        self.written.before.add(size);
    }

    /// Whether a write of so much fits beside all that is held.
    #[inline]
    fn fits(&self, size: Amount) -> bool {
        let held = self.held();
        let frames = held.frames + size.frames;
        let writes = self.written.segment - self.first.segment;
        frames <= self.limits.frames
            && held.bytes + size.bytes <= self.limits.bytes
            && cost(writes + 1, frames) <= self.limits.cost
    }

    /// Evicts the oldest segment. There is one.
    fn evict(&mut self, after: &mut After) {
        let number = self.first.segment;
        if let Some(attached) = self.attached.take(number) {
            after.drop_attached(attached);
        }
        let oldest = self.chunks.front().and_then(|chunk| chunk.get(number));
        if let Some(oldest) = oldest {
            self.first.before.add(oldest.amount());
        }
        self.first.segment += 1;
        self.drop_evicted_chunk(after);
    }

    /// The chunk that the next segment, of so many bytes, goes to.
    #[inline]
    fn newest(&mut self, bytes: u64, after: &mut After) -> Option<&Chunk> {
        let segment = self.written.segment;
        let all = self.newest_bytes + bytes;
        let last = self.chunks.back();
        let has_place = last.is_some_and(|chunk| chunk.has_place(segment));
        // A chunk with nothing in it takes a segment of any size.
        if has_place && (all <= self.limits.chunk_bytes || self.newest_bytes == 0) {
            self.newest_bytes = all;
        } else {
            self.begin_chunk(bytes, after);
        }
        self.chunks.back().map(|chunk| &**chunk)
    }

    /// Begins a chunk, for a segment of so many bytes first. It has twice as many places as were used in the last one, so no more than half
    /// of all places stay empty.
    #[cold]
    fn begin_chunk(&mut self, bytes: u64, after: &mut After) {
        let segment = self.written.segment;
        let last = self.chunks.back();
        let used = last.map(|chunk| segment - chunk.first());
        let as_before = used.map_or(FIRST_PLACES, |used| 2 * used as usize);
        let fit = self.limits.chunk_bytes / bytes.max(1);
        // No more than places of a chunk, so it fits.
        let fit = fit.clamp(1, MOST_PLACES as u64) as usize;
        let chunk = Chunk::new(segment, as_before.clamp(1, fit));
        self.chunks.push_back(Arc::new(chunk));
        self.newest_bytes = bytes;
        // The last one may have been kept for the places it had left.
        self.drop_evicted_chunk(after);
    }

    /// Drops the oldest chunk if none of its segments is held, and none will be.
    #[inline]
    fn drop_evicted_chunk(&mut self, after: &mut After) {
        let next = match self.chunks.get(1) {
            Some(next) => next.first(),
            None => self.chunks.front().map_or(0, |chunk| chunk.end()),
        };
        if next <= self.first.segment
            && let Some(chunk) = self.chunks.pop_front()
        {
            self.first_chunk += 1;
            after.drop_chunk(chunk);
        }
    }

    /// A strong reader comes, at the oldest frame.
    pub fn hold_all(&mut self, place: Arc<Place>) {
        self.holds.come(place);
        self.needed = Some(self.first);
    }

    /// A strong reader goes, or is weak from now on. Whether that made room.
    #[inline]
    pub fn let_go(&mut self) -> bool {
        self.holds.go();
        self.settle()
    }

    /// Gives up all that is retained, if there is anything. Places of readers mean nothing afterwards.
    pub fn clear(&mut self) -> Option<Remains> {
        self.first = self.written;
        self.first_chunk += self.chunks.len() as u64;
        let remains = Remains {
            chunks: std::mem::take(&mut self.chunks),
            attached: self.attached.take_all(),
            _charge: None,
        };
        (!remains.chunks.is_empty()).then_some(remains)
    }

    /// In bytes.
    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.chunks.capacity() * size_of::<Arc<Chunk>>() + self.holds.allocated()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::options::{Options, Strength};

    fn ring(capacity: u64) -> Ring {
        Ring::new(Limits::new(Options::new(capacity)).unwrap())
    }

    fn push(ring: &mut Ring, bytes: usize) {
        let frame = Parcel::single(vec![0; bytes].into());
        ring.push(frame, 1, &mut After::default());
    }

    fn reader(ring: &mut Ring) -> Arc<Place> {
        let place = Arc::new(Place::new(ring.oldest(), Strength::Strong));
        ring.hold_all(Arc::clone(&place));
        place
    }

    #[test]
    fn a_strong_reader_that_comes_and_goes_looks_at_no_more_segments_than_one() {
        const FRAMES: u64 = 16_384;
        let capacity = FRAMES * 512;
        let mut ring = ring(capacity);
        let place = reader(&mut ring);
        for _ in 0..FRAMES {
            push(&mut ring, 512);
        }
        let full = ring.room();
        assert_eq!(full.bytes, 0);
        let mut cursor = ring.oldest();
        while ring
            .take_frame(&mut cursor, &mut After::default())
            .is_some()
        {}
        assert_eq!((cursor.segment, cursor.seq), (FRAMES, FRAMES));
        let mut near = place.near();
        near.cursor = cursor;
        place.show(&near);
        let looks = ring.looks.get();
        for _ in 0..10 {
            let other = reader(&mut ring);
            assert_eq!(ring.room(), full);
            assert!(other.weaken(&mut other.near()));
            assert!(ring.let_go(), "made room");
            assert_eq!(ring.room().bytes, capacity);
        }
        assert!(ring.looks.get() - looks <= 20);
        assert_eq!(ring.held().bytes, capacity);
    }

    #[test]
    fn what_is_evicted_and_still_there_is_a_small_part_and_goes_with_its_chunk() {
        let mut ring = ring(1 << 16);
        let most = ring.limits.chunk_bytes;
        for bytes in (0..40_000).map(|round| [1, 100, 700, 5_000, 64, 0][round % 6]) {
            push(&mut ring, bytes);
            let chunks = ring.chunks.iter();
            let there: usize = chunks
                .flat_map(|it| it.segments())
                .map(Segment::bytes)
                .sum();
            assert!(there as u64 <= ring.held().bytes + most);
        }
        let segments = (ring.written.segment - ring.first.segment) as usize;
        let places: u64 = ring.chunks.iter().map(|it| it.end() - it.first()).sum();
        assert!(places as usize <= 3 * segments, "{places} for {segments}");
    }

    #[test]
    fn a_large_segment_has_a_chunk_of_its_own() {
        let mut ring = ring(1 << 20);
        for _ in 0..100 {
            push(&mut ring, 1 << 18);
            assert_eq!(
                ring.chunks.len() as u64,
                ring.written.segment - ring.first.segment
            );
        }
        assert_eq!(ring.held().bytes, 1 << 20);
    }
}
