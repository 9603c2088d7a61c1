//! The strong readers, the one that is furthest behind first.
//!
//! A strong reader moves on without telling the channel. So this knows where each was when it was last looked at, and looks again
//! at the one in front when a write finds no room: [`Holds::settle`]. Each look costs O(log n) and moves a
//! reader up by at least one segment, or ends the search. So this is O(log n) for each segment that each reader reads, at most.
//!
//! Invariants:
//! - no reader is further behind than it is known to be here;
//! - readers that are gone, or strong no more, are at most as many as the others, plus a few.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use super::place::Place;
use crate::sync::Arc;

/// Readers that may be gone before sweeping pays.
const SWEEP_AT_LEAST: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Holds {
    held: BinaryHeap<Held>,
    /// How many of them hold nothing any more.
    gone: usize,
}

/// A strong reader and the segment it was in when it was last looked at.
#[derive(Debug)]
struct Held {
    segment: u64,
    place: Arc<Place>,
}

impl Ord for Held {
    /// The lowest segment is the greatest, as the heap has the greatest in front.
    fn cmp(&self, other: &Self) -> Ordering {
        other.segment.cmp(&self.segment)
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.segment == other.segment
    }
}

impl Eq for Held {}

impl Holds {
    /// A strong reader is opened.
    pub fn come(&mut self, place: Arc<Place>) {
        if let Some(segment) = place.segment() {
            self.held.push(Held { segment, place });
        }
    }

    /// A strong reader is closed, or weak from now on.
    pub fn go(&mut self) {
        self.gone += 1;
        if self.gone >= SWEEP_AT_LEAST && self.gone > self.held.len() / 2 {
            self.held.retain(|held| held.place.segment().is_some());
            self.held.shrink_to(2 * self.held.len());
            self.gone = 0;
        }
    }

    /// The lowest segment with a strong reader in it, as it is now.
    pub fn settle(&mut self) -> Option<u64> {
        loop {
            let mut front = self.held.peek_mut()?;
            let Some(segment) = front.place.segment() else {
                PeekMut::pop(front);
                self.gone = self.gone.saturating_sub(1);
                continue;
            };
            if segment == front.segment {
                return Some(segment);
            }
            front.segment = segment;
        }
    }

    /// The reader in front, and the segment it was in when it was last looked at.
    pub fn front(&self) -> Option<(u64, &Arc<Place>)> {
        self.held.peek().map(|held| (held.segment, &held.place))
    }

    /// In bytes.
    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.held.capacity() * size_of::<Held>()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{native::state::ring::Cursor, options::Strength};

    fn at(segment: u64) -> Cursor {
        Cursor {
            segment,
            ..Cursor::default()
        }
    }

    fn come(holds: &mut Holds, segment: u64) -> Arc<Place> {
        let place = Arc::new(Place::new(at(segment), Strength::Strong));
        holds.come(Arc::clone(&place));
        place
    }

    fn go(holds: &mut Holds, place: &Place) {
        assert!(place.weaken(&mut place.near()));
        holds.go();
    }

    fn show(place: &Place, segment: u64) {
        let mut near = place.near();
        near.cursor = at(segment);
        place.show(&near);
    }

    #[test]
    fn the_one_furthest_behind_is_found_wherever_the_others_went() {
        let mut holds = Holds::default();
        assert_eq!(holds.settle(), None);
        let [a, b, c] = [3, 3, 3].map(|segment| come(&mut holds, segment));
        assert_eq!(holds.settle(), Some(3));
        show(&a, 9);
        show(&b, 5);
        assert_eq!(holds.settle(), Some(3));
        show(&c, 7);
        assert_eq!(holds.settle(), Some(5));
        let d = come(&mut holds, 1);
        assert_eq!(holds.settle(), Some(1));
        show(&d, 12);
        show(&b, 9);
        assert_eq!(holds.settle(), Some(7));
        go(&mut holds, &c);
        go(&mut holds, &a);
        assert_eq!(holds.settle(), Some(9));
        go(&mut holds, &b);
        assert_eq!(holds.settle(), Some(12));
        go(&mut holds, &d);
        assert_eq!(holds.settle(), None);
        assert_eq!((holds.gone, holds.held.len()), (0, 0));
    }

    #[test]
    fn readers_that_come_and_go_leave_nothing() {
        let mut holds = Holds::default();
        let first = come(&mut holds, 0);
        for segment in 1..10_000 {
            let other = come(&mut holds, segment);
            go(&mut holds, &other);
            assert!(holds.held.len() <= 2 * SWEEP_AT_LEAST);
        }
        assert_eq!(holds.settle(), Some(0));
        go(&mut holds, &first);
        assert_eq!(holds.settle(), None);
    }

    #[test]
    fn one_that_has_moved_cannot_be_asked() {
        let mut holds = Holds::default();
        assert!(holds.front().is_none());
        let place = come(&mut holds, 4);
        assert!(place.ask(4));
        assert!(place.near().take_wanted());
        place.near().cursor = at(5);
        let (segment, front) = holds.front().unwrap();
        assert!(!front.ask(segment));
        assert!(!place.near().take_wanted());
    }
}
