//! The segments that strong readers are in, lowest first, each with how many.
//!
//! A list and not a tree, because readers are opened at the lowest place and only ever move up.
//! Opening and closing one costs O(1), and moving costs one step for each other place passed. A read
//! that passes a place takes at least a segment for it, so this is O(1) for each segment read.
//!
//! Invariants: along the list segments ascend, and none comes twice; each has a reader in it.
//! (Once the channel is terminated readers only go, or come and never move; then the order is lost,
//! and nobody asks for it.)

use super::slab::Slab;

/// Which place in the list a strong reader is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold(usize);

#[derive(Debug, Default)]
pub(super) struct Holds {
    places: Slab<Occupied>,
    lowest: Option<Hold>,
    /// The segment of the lowest place, kept here as well: a writer asks for it with each frame, and
    /// places are memory that the readers' threads change.
    lowest_segment: u64,
}

/// A segment with strong readers in it.
#[derive(Debug)]
struct Occupied {
    segment: u64,
    /// As many as there are keys of readers.
    readers: u32,
    below: Option<Hold>,
    above: Option<Hold>,
}

impl Occupied {
    /// Whether it is empty once one reader has left it.
    #[inline]
    fn is_left_by_one(&self) -> bool {
        self.readers == 1
    }
}

impl Holds {
    /// The lowest segment with a strong reader in it.
    #[inline]
    pub fn lowest(&self) -> Option<u64> {
        self.lowest.map(|_| self.lowest_segment)
    }

    /// A strong reader is opened, in a segment that no other is below.
    pub fn come(&mut self, segment: u64) -> Hold {
        if let Some(lowest) = self.lowest
            && self.join(lowest, segment)
        {
            return lowest;
        }
        self.insert(segment, None, self.lowest)
    }

    /// A strong reader moves up to another segment. Returns whether the lowest one has changed.
    #[inline]
    pub fn go_on(&mut self, hold: &mut Hold, segment: u64) -> bool {
        let Some(place) = self.places.get(hold.0) else {
            return false;
        };
        let was_lowest = place.is_left_by_one() && place.below.is_none();
        let passes_none = self.segment(place.above).is_none_or(|it| it > segment);
        if place.is_left_by_one()
            && passes_none
            && let Some(place) = self.places.get_mut(hold.0)
        {
            place.segment = segment;
            if was_lowest {
                self.lowest_segment = segment;
            }
        } else {
            *hold = self.pass(*hold, segment);
        }
        was_lowest
    }

    fn pass(&mut self, from: Hold, segment: u64) -> Hold {
        let mut below = from;
        let mut above = self.above(from);
        while let Some(next) = above
            && self.segment(above).is_some_and(|it| it < segment)
        {
            below = next;
            above = self.above(next);
        }
        let to = match above {
            Some(above) if self.join(above, segment) => above,
            _ => self.insert(segment, Some(below), above),
        };
        self.go(from);
        to
    }

    /// A strong reader is closed. Returns whether the lowest segment has changed, or none is left.
    pub fn go(&mut self, hold: Hold) -> bool {
        let Some(place) = self.places.get_mut(hold.0) else {
            return false;
        };
        if !place.is_left_by_one() {
            place.readers -= 1;
            return false;
        }
        let (below, above) = (place.below, place.above);
        self.places.remove(hold.0);
        self.link(below, above);
        below.is_none()
    }

    /// Adds a reader to this place, if the place is in that segment. Returns whether it is.
    fn join(&mut self, hold: Hold, segment: u64) -> bool {
        let place = self.places.get_mut(hold.0);
        let place = place.filter(|place| place.segment == segment);
        place.is_some_and(|place| {
            place.readers += 1;
            true
        })
    }

    fn insert(&mut self, segment: u64, below: Option<Hold>, above: Option<Hold>) -> Hold {
        let new = Hold(self.places.insert(Occupied {
            segment,
            readers: 1,
            below,
            above,
        }));
        self.link(below, Some(new));
        self.link(Some(new), above);
        new
    }

    /// Makes these neighbours. None: an end of the list.
    fn link(&mut self, below: Option<Hold>, above: Option<Hold>) {
        match below.and_then(|below| self.places.get_mut(below.0)) {
            Some(below) => below.above = above,
            None => {
                self.lowest = above;
                self.lowest_segment = self.segment(above).unwrap_or(0);
            }
        }
        if let Some(above) = above.and_then(|above| self.places.get_mut(above.0)) {
            above.below = below;
        }
    }

    #[inline]
    fn segment(&self, hold: Option<Hold>) -> Option<u64> {
        Some(self.places.get(hold?.0)?.segment)
    }

    fn above(&self, hold: Hold) -> Option<Hold> {
        self.places.get(hold.0)?.above
    }

    /// In bytes.
    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.places.allocated()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The segments along the list, and how many readers are in each.
    fn list(holds: &Holds) -> Vec<(u64, u32)> {
        let mut at = holds.lowest;
        let mut list = vec![];
        let mut below = None;
        while let Some(hold) = at {
            let place = holds.places.get(hold.0).unwrap();
            assert_eq!(place.below, below);
            list.push((place.segment, place.readers));
            (below, at) = (at, place.above);
        }
        assert_eq!(holds.lowest(), list.first().map(|place| place.0));
        list
    }

    #[test]
    fn readers_that_share_part_and_meet_again() {
        let mut holds = Holds::default();
        assert_eq!(holds.lowest(), None);
        let (mut a, mut b, mut c) = (holds.come(3), holds.come(3), holds.come(3));
        assert_eq!(list(&holds), [(3, 3)]);
        assert!(!holds.go_on(&mut a, 9));
        assert!(!holds.go_on(&mut b, 5));
        assert_eq!(list(&holds), [(3, 1), (5, 1), (9, 1)]);
        assert!(holds.go_on(&mut c, 4));
        assert_eq!(list(&holds), [(4, 1), (5, 1), (9, 1)]);
        assert!(holds.go_on(&mut c, 7));
        assert_eq!(list(&holds), [(5, 1), (7, 1), (9, 1)]);
        assert!(holds.go_on(&mut b, 9));
        assert_eq!(list(&holds), [(7, 1), (9, 2)]);
        let mut d = holds.come(1);
        assert!(holds.go_on(&mut d, 12));
        assert_eq!(list(&holds), [(7, 1), (9, 2), (12, 1)]);
        assert!(!holds.go(a));
        assert!(holds.go(c));
        assert_eq!(list(&holds), [(9, 1), (12, 1)]);
        assert!(!holds.go(d));
        assert!(holds.go(b));
        assert_eq!(list(&holds), []);
        assert_eq!(holds.lowest(), None);
    }
}
