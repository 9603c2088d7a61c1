//! Places for clients: a fixed number are served at once. When all places are taken, a new client gets the place of the
//! client that has held one the longest.
//!
//! This suits requests that take milliseconds. The client that has held its place the longest is stuck or malicious,
//! and nobody can lock others out by coming first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Places of one kind. Clones share them.
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Ordered by number, so the oldest comes first. Dropping a sender tells its client that the place is lost.
    places: BTreeMap<u64, oneshot::Sender<()>>,
    next: u64,
}

/// A place. Dropping it frees the place.
#[derive(Debug)]
pub struct Place {
    number: u64,
    taken: Arc<Mutex<Taken>>,
    lost: oneshot::Receiver<()>,
}

impl Places {
    /// This many places; at least one.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            taken: Arc::default(),
        }
    }

    /// Takes a free place, or else the oldest client's.
    pub fn take(&self) -> Place {
        let (has_it, lost) = oneshot::channel();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while taken.places.len() >= self.most {
            taken.places.pop_first();
        }
        let number = taken.next;
        taken.next += 1;
        taken.places.insert(number, has_it);
        drop(taken);
        Place {
            number,
            taken: self.taken.clone(),
            lost,
        }
    }
}

impl Place {
    /// Resolves when another client has taken the place.
    pub async fn lost(&mut self) {
        let _ = (&mut self.lost).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.places.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn who_comes_when_all_are_taken_gets_that_of_the_oldest() {
        let places = Places::new(2);
        let is_lost = |place: &mut Place| place.lost().now_or_never().is_some();
        let (mut first, mut second) = (places.take(), places.take());
        assert!(!is_lost(&mut first) && !is_lost(&mut second));
        let mut third = places.take();
        assert!(is_lost(&mut first) && !is_lost(&mut second));
        // Dropping a held place makes room. Dropping a lost place frees nothing.
        drop((first, second));
        let mut fourth = places.take();
        assert!(!is_lost(&mut third) && !is_lost(&mut fourth));
        drop(places.take());
        assert!(is_lost(&mut third) && !is_lost(&mut fourth));
    }
}
