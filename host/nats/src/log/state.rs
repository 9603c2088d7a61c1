//! What follows from the records: who has the channel open, what is retained, and where it lies.
//!
//! Invariants:
//! - Records are applied in the order of the stream, each once.
//! - What is retained, from the floor on, is at most the capacity, as every record that adds frames says which ones make room.
//! - The index has a bounded number of places, however much is retained. The cache has a bounded number of bytes.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use weft_channel::Glance;

use super::{
    control::{Context, Ending, Snapshot},
    record::{Body, Counts, Floor, Piece, Record},
    unit::Unit,
};
use crate::config::{BYTES_PER_FRAME, INDEX_PLACES, MIN_FRAMES};

/// Messages that lie together, oldest first.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where the first of them is.
    start: Floor,
    /// When the newest of them was written.
    time: u64,
}

/// What there is room for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub frames: u64,
    pub bytes: u64,
}

/// Parts of a write whose other parts are still to come.
#[derive(Debug)]
struct Assembly {
    piece: Piece,
    start: Floor,
    next: u32,
    /// None where only headers come.
    payload: Option<BytesMut>,
}

#[derive(Debug)]
pub(crate) struct Log {
    capacity: Room,
    /// Sequence of the next record.
    next: u64,
    frames: u64,
    bytes: u64,
    floor: Floor,
    control: Snapshot,
    control_seq: u64,
    control_records: u64,
    index: VecDeque<Entry>,
    grain: Room,
    cache: VecDeque<Unit>,
    cached: u64,
    cache_limit: u64,
    assembly: Option<Assembly>,
}

impl Log {
    /// A log whose first record is the one at the floor.
    pub fn new(capacity: u64, cache_limit: u64, floor: Floor, control: (u64, Snapshot)) -> Self {
        let most_frames = (capacity / BYTES_PER_FRAME).max(MIN_FRAMES);
        Self {
            capacity: Room {
                frames: most_frames,
                bytes: capacity,
            },
            next: floor.seq,
            frames: floor.frames,
            bytes: floor.bytes,
            floor,
            control_seq: control.0,
            control: control.1,
            control_records: 0,
            index: VecDeque::new(),
            grain: Room {
                frames: most_frames / INDEX_PLACES,
                bytes: capacity / INDEX_PLACES,
            },
            cache: VecDeque::new(),
            cached: 0,
            cache_limit,
            assembly: None,
        }
    }

    pub fn next(&self) -> u64 {
        self.next
    }

    /// Frames written since the channel was made.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn floor(&self) -> Floor {
        self.floor
    }

    pub fn capacity(&self) -> Room {
        self.capacity
    }

    pub fn control(&self) -> &Snapshot {
        &self.control
    }

    pub fn ended(&self) -> Option<Ending> {
        self.control.ended
    }

    /// Records of control since the old ones were removed.
    pub fn control_records(&mut self) -> &mut u64 {
        &mut self.control_records
    }

    pub fn context(&self) -> Context {
        Context {
            snapshot: self.control.clone(),
            floor: self.floor,
            total: (self.frames, self.bytes),
            next: self.next,
        }
    }

    pub fn counts(&self) -> Counts {
        Counts {
            frames: self.frames,
            bytes: self.bytes,
            floor: self.floor,
        }
    }

    /// Applies a record. False: it was applied before.
    pub fn apply(&mut self, record: Record) -> bool {
        if record.seq < self.next {
            return false;
        }
        self.next = record.seq + 1;
        if let Some(counts) = record.counts {
            self.catch_up(counts, record.seq);
        }
        match record.body {
            Body::Control(snapshot) => {
                self.assembly = None;
                self.control_records += 1;
                if record.seq > self.control_seq {
                    self.control_seq = record.seq;
                    self.control = *snapshot;
                }
            }
            Body::Frames(piece) => {
                // What other programs send to a channel that has ended is not a part of it.
                if self.control.ended.is_none() || record.counts.is_some() {
                    self.frames_came(record.seq, record.time, piece, record.payload);
                }
            }
        }
        if let Some(counts) = record.counts {
            self.advance(counts.floor);
        }
        true
    }

    /// The server has no record before this sequence that is still to come.
    pub fn skip_to(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    /// Takes over what a record knows of those before it, where some have been removed by somebody else.
    fn catch_up(&mut self, counts: Counts, seq: u64) {
        if counts.frames > self.frames {
            self.frames = counts.frames;
            self.bytes = counts.bytes.max(self.bytes);
            if self.index.is_empty() {
                self.floor = Floor {
                    seq,
                    frames: counts.frames,
                    bytes: self.bytes,
                };
            }
        }
    }

    fn frames_came(&mut self, seq: u64, time: u64, piece: Piece, payload: Option<Bytes>) {
        let start = Floor {
            seq,
            frames: self.frames,
            bytes: self.bytes,
        };
        if piece.part == (1, 1) {
            self.assembly = None;
            self.whole(start, time, &piece, payload);
            return;
        }
        let (part, of) = piece.part;
        if part == 1 {
            self.assembly = Some(Assembly {
                piece: piece.clone(),
                start,
                next: 1,
                payload: payload.is_some().then(BytesMut::new),
            });
        }
        let Some(mut assembly) = self.assembly.take_if(|it| it.next == part) else {
            return;
        };
        assembly.next += 1;
        match (&mut assembly.payload, payload) {
            (Some(all), Some(payload)) if all.len() as u64 <= self.capacity.most() => {
                all.extend_from_slice(&payload);
            }
            (all, _) => *all = None,
        }
        if part == of {
            let payload = assembly.payload.map(BytesMut::freeze);
            self.whole(assembly.start, time, &assembly.piece, payload);
        } else {
            self.assembly = Some(assembly);
        }
    }

    fn whole(&mut self, start: Floor, time: u64, piece: &Piece, payload: Option<Bytes>) {
        // Anybody who may write to the stream may say anything.
        self.frames = self.frames.saturating_add(piece.frames.into());
        self.bytes = self.bytes.saturating_add(piece.bytes);
        match self.index.back_mut() {
            Some(last) if self.grain.takes(last.start, (self.frames, self.bytes)) => {
                last.time = time;
            }
            _ => self.index.push_back(Entry { start, time }),
        }
        let unit = payload.and_then(|payload| Unit::read(piece, payload, start.frames));
        let Some(unit) = unit else {
            // The cache has no holes.
            self.cache.clear();
            self.cached = 0;
            return;
        };
        self.cached += unit.weight();
        self.cache.push_back(unit);
        while self.cached > self.cache_limit && self.cache.len() > 1 {
            self.uncache();
        }
    }

    fn uncache(&mut self) {
        if let Some(gone) = self.cache.pop_front() {
            self.cached = self.cached.saturating_sub(gone.weight());
        }
    }

    fn advance(&mut self, floor: Floor) {
        let back = floor.frames < self.floor.frames || floor.seq < self.floor.seq;
        let ahead = floor.frames > self.frames || floor.bytes > self.bytes;
        if back || ahead || floor.bytes < self.floor.bytes {
            return;
        }
        self.floor = floor;
        while self.index.get(1).map_or(self.frames, |it| it.start.frames) <= floor.frames
            && !self.index.is_empty()
        {
            self.index.pop_front();
        }
        while self
            .cache
            .front()
            .is_some_and(|it| it.end() <= floor.frames)
        {
            self.uncache();
        }
    }

    /// Where the frames end that lie in this place of the index.
    fn end_of(&self, place: usize) -> Floor {
        let next = self.index.get(place + 1).map(|it| it.start);
        next.unwrap_or(Floor {
            seq: self.next,
            frames: self.frames,
            bytes: self.bytes,
        })
    }

    /// Places of the index.
    #[cfg(test)]
    pub fn places(&self) -> usize {
        self.index.len()
    }

    /// The floor that makes room for so much, if what is needed of it has been read up to the frame `read`.
    pub fn make_room(&self, need: Room, read: u64) -> Option<Floor> {
        let mut floor = self.floor;
        let mut places = 0..self.index.len();
        loop {
            let held = (self.frames - floor.frames, self.bytes - floor.bytes);
            let frames = held.0.saturating_add(need.frames) <= self.capacity.frames;
            if frames && held.1.saturating_add(need.bytes) <= self.capacity.bytes {
                return Some(floor);
            }
            floor = self.end_of(places.next()?);
            if floor.frames > read {
                return None;
            }
        }
    }

    /// What there is room for once everything that has been read up to the frame `read` is gone.
    pub fn most_room(&self, read: u64) -> Room {
        let ends = (0..self.index.len()).map(|place| self.end_of(place));
        let floor = ends.take_while(|end| end.frames <= read).last();
        let floor = floor.unwrap_or(self.floor);
        Room {
            frames: self.capacity.frames - (self.frames - floor.frames).min(self.capacity.frames),
            bytes: self.capacity.bytes - (self.bytes - floor.bytes).min(self.capacity.bytes),
        }
    }

    /// The floor above everything that is older than `before` and has been read up to the frame `read`.
    pub fn older(&self, before: u64, read: u64) -> Option<Floor> {
        let places = self.index.iter().enumerate();
        let old =
            places.take_while(|(place, it)| it.time < before && self.end_of(*place).frames <= read);
        old.last().map(|(place, _)| self.end_of(place))
    }

    /// The unit that has this frame, or the first one behind it. None: it is not in the cache.
    pub fn cached(&self, frame: u64) -> Option<&Unit> {
        let first = self.cache.front()?;
        if first.before > frame && first.before > self.floor.frames {
            return None;
        }
        let at = self.cache.partition_point(|it| it.end() <= frame);
        self.cache.get(at)
    }

    /// The frames of the cache from this one on, or from the oldest one there.
    pub fn glance(&self, from: u64, most: usize) -> Glance {
        let oldest = self.cache.front().map_or(self.frames(), |it| it.before);
        let first = from.max(oldest).max(self.floor.frames).min(self.frames());
        let mut frames = Vec::new();
        let mut next = first;
        while frames.len() < most
            && let Some(unit) = self.cached(next)
            && let Some(frame) = unit.frame(next)
        {
            frames.push(frame.payload);
            next += 1;
        }
        Glance {
            first,
            frames,
            ended: self.ended().is_some(),
        }
    }

    /// The units of the cache that end behind this frame. They leave it.
    pub fn take_cached(&mut self, frame: u64) -> Vec<Unit> {
        self.cached = 0;
        let units = std::mem::take(&mut self.cache).into_iter();
        units.filter(|it| it.end() > frame).collect()
    }

    /// Frames before the message of this sequence, or before one in front of it that shares its place in the index.
    pub fn lies_at_seq(&self, seq: u64) -> u64 {
        let at = self.index.partition_point(|it| it.start.seq <= seq);
        let entry = at.checked_sub(1).and_then(|it| self.index.get(it));
        entry.map_or(self.floor.frames, |it| it.start.frames)
    }

    /// Where to look for this frame in the stream.
    pub fn lies_at(&self, frame: u64) -> Floor {
        let at = self.index.partition_point(|it| it.start.frames <= frame);
        let entry = at.checked_sub(1).and_then(|it| self.index.get(it));
        entry.map_or(self.floor, |it| it.start)
    }
}

impl Room {
    /// Bytes of so many frames with their ends.
    fn most(&self) -> u64 {
        self.bytes.saturating_add(self.frames.saturating_mul(4))
    }

    /// Whether what began there and ends here is small enough for one place of the index.
    fn takes(&self, start: Floor, (frames, bytes): (u64, u64)) -> bool {
        frames - start.frames <= self.frames && bytes - start.bytes <= self.bytes
    }
}
