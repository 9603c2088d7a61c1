//! A run of segments that is only ever appended to, so that readers need no lock to look at it.
//!
//! Writers append under the lock of the state. A strong reader that holds the chunk it is in goes from segment to segment without.
//!
//! Invariants:
//! - places are filled in order, each once, and what is in one never changes;
//! - the segments of a chunk have at most [`Limits::chunk_bytes`](crate::options::Limits::chunk_bytes) of payload, or there is only one. What
//!   is evicted stays in memory until all of its chunk is, so this is how much more a channel may keep than it retains.

use super::segment::Segment;
use crate::sync::Once;

/// Segments of a chunk at most. A reader takes the lock once for so many.
#[cfg(not(weft_model))]
pub(super) const MOST_PLACES: usize = 12;
/// In a model things are small.
#[cfg(weft_model)]
pub(super) const MOST_PLACES: usize = 3;

#[derive(Debug)]
pub(crate) struct Chunk {
    /// Number of its first segment.
    first: u64,
    places: Box<[Once<Segment>]>,
}

impl Chunk {
    pub fn new(first: u64, places: usize) -> Self {
        Self {
            first,
            places: (0..places).map(|_| Once::new()).collect(),
        }
    }

    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number after that of its last place.
    #[inline]
    pub fn end(&self) -> u64 {
        self.first + self.places.len() as u64
    }

    /// Whether there is a place for the segment with this number.
    #[inline]
    pub fn has_place(&self, number: u64) -> bool {
        (self.first..self.end()).contains(&number)
    }

    #[inline]
    pub fn put(&self, number: u64, segment: Segment) {
        if let Some(place) = self.place(number) {
            place.put(segment);
        }
    }

    /// The segment with this number; none if it is in another chunk, or not written yet.
    #[inline]
    pub fn get(&self, number: u64) -> Option<&Segment> {
        self.place(number)?.get()
    }

    #[inline]
    fn place(&self, number: u64) -> Option<&Once<Segment>> {
        let index = number.checked_sub(self.first)?;
        self.places.get(usize::try_from(index).ok()?)
    }

    /// Those that were written.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.places.iter().map_while(Once::get)
    }
}
