//! Places for clients: so many are served at once, and who comes when there is none takes that of the one who has had it the longest.
//!
//! It is for those who should take milliseconds. The one who has had a place the longest is then the one who is stuck, or means no
//! good; nobody can keep others out by coming first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Places of one kind. A clone has the same ones.
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// By number, so the oldest is the first. Dropping one tells who has it.
    places: BTreeMap<u64, oneshot::Sender<()>>,
    next: u64,
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    number: u64,
    taken: Arc<Mutex<Taken>>,
    lost: oneshot::Receiver<()>,
}

impl Places {
    /// So many; at least one.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            taken: Arc::default(),
        }
    }

    /// Takes one, somebody else's if there is no other.
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
    /// Resolves when somebody else has it.
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
        // Who gives one back makes room, and who has lost it has none to give.
        drop((first, second));
        let mut fourth = places.take();
        assert!(!is_lost(&mut third) && !is_lost(&mut fourth));
        drop(places.take());
        assert!(is_lost(&mut third) && !is_lost(&mut fourth));
    }
}
