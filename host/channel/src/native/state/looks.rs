//! What others see of a channel: its counters, its handles, and frames for somebody who reads nothing.
//!
//! Invariant: looking changes nothing.

use super::{State, attached::Attached};
use crate::stats::Stats;

impl State {
    /// All handles there are.
    pub fn handles(&self) -> usize {
        let writers = self.strong_writers as usize + self.weak_writers as usize;
        let readers = self.strong_readers as usize + self.weak_readers as usize;
        self.channels + writers + readers
    }

    /// The handles attached to frames retained.
    pub fn attached(&self) -> &Attached {
        self.ring.attached()
    }

    /// A number that grows whenever a handle of the channel is made or dropped, and whenever a handle gets into its
    /// frames or out of them. While it stays the same, neither has happened.
    pub fn changes(&self) -> u64 {
        self.handles_changed + self.ring.attached().changes()
    }

    #[cfg(not(weft_model))]
    pub fn observe(&self) -> crate::Observation {
        let without_reader = match self.has_readers() {
            true => 0,
            false => self.ring.frames_written() - self.unread_from,
        };
        let places = self.readers.values();
        let unread = places.map(|place| self.ring.unread(place.seq()));
        crate::Observation {
            stats: self.stats(),
            without_reader,
            bytes_written: self.ring.bytes_written(),
            lag: unread.max().unwrap_or(0),
        }
    }

    /// Frames from this sequence number on, at most `most`, for somebody who reads nothing.
    #[cfg(not(weft_model))]
    pub fn glance(&self, from: u64, most: usize) -> crate::Glance {
        let (first, frames) = self.ring.payloads_from(from, most);
        crate::Glance {
            first,
            frames,
            ended: self.is_ending(),
        }
    }

    pub fn stats(&self) -> Stats {
        let held = self.ring.held();
        Stats {
            frames_written: self.ring.frames_written(),
            frames_dropped: self.frames_dropped,
            frames_held: held.frames,
            bytes_held: held.bytes,
            capacity: self.ring.limits().bytes,
            strong_writers: self.strong_writers,
            weak_writers: self.weak_writers,
            strong_readers: self.strong_readers,
            weak_readers: self.weak_readers,
        }
    }
}
