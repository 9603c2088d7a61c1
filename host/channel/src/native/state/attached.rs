//! What is attached to retained frames and was not taken yet, by the number of the segment.
//!
//! It is kept apart from the segments, because most have nothing. So a look for unreachable channels (see
//! `cycles`) costs what it finds and not what is retained.
//!
//! Invariant: `changes` grows whenever something comes or goes.

use std::collections::BTreeMap;

use crate::native::in_flight::InFlight;

#[derive(Debug, Default)]
pub(crate) struct Attached {
    by_segment: BTreeMap<u64, InFlight>,
    changes: u64,
}

impl Attached {
    /// How often something came or went.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn put(&mut self, segment: u64, attached: InFlight) {
        self.changes += 1;
        self.by_segment.insert(segment, attached);
    }

    /// What is attached to that segment, for the first who asks.
    #[inline]
    pub fn take(&mut self, segment: u64) -> Option<InFlight> {
        // Most channels have nothing; then no segment is looked up.
        if self.by_segment.is_empty() {
            return None;
        }
        let taken = self.by_segment.remove(&segment);
        self.changes += u64::from(taken.is_some());
        taken
    }

    pub fn take_all(&mut self) -> BTreeMap<u64, InFlight> {
        self.changes += u64::from(!self.by_segment.is_empty());
        std::mem::take(&mut self.by_segment)
    }

    /// What is attached to this segment and to those after it.
    pub fn from(&self, segment: u64) -> impl Iterator<Item = (u64, &InFlight)> {
        let rest = self.by_segment.range(segment..);
        rest.map(|(segment, attached)| (*segment, attached))
    }
}
