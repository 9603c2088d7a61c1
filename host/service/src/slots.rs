//! Slots for clients: a fixed number are served at once. When all slots are taken, a new client gets the slot of the
//! client that has held one the longest.
//!
//! This suits requests that take milliseconds. The client that has held its slot the longest is stuck or malicious,
//! and nobody can lock others out by coming first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Slots of one kind. Clones share them.
#[derive(Clone, Debug)]
pub struct Slots {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Ordered by number, so the oldest comes first. Dropping a sender tells its client that the slot is lost.
    slots: BTreeMap<u64, oneshot::Sender<()>>,
    next: u64,
}

/// A slot. Dropping it frees the slot.
#[derive(Debug)]
pub struct Slot {
    number: u64,
    taken: Arc<Mutex<Taken>>,
    lost: oneshot::Receiver<()>,
}

impl Slots {
    /// This many slots; at least one.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            taken: Arc::default(),
        }
    }

    /// Takes a free slot, or else the oldest client's.
    pub fn take(&self) -> Slot {
        let (has_it, lost) = oneshot::channel();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while taken.slots.len() >= self.most {
            taken.slots.pop_first();
        }
        let number = taken.next;
        taken.next += 1;
        taken.slots.insert(number, has_it);
        drop(taken);
        Slot {
            number,
            taken: self.taken.clone(),
            lost,
        }
    }
}

impl Slot {
    /// Resolves when another client has taken the slot.
    pub async fn lost(&mut self) {
        let _ = (&mut self.lost).await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.slots.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn who_comes_when_all_are_taken_gets_that_of_the_oldest() {
        let slots = Slots::new(2);
        let is_lost = |slot: &mut Slot| slot.lost().now_or_never().is_some();
        let (mut first, mut second) = (slots.take(), slots.take());
        assert!(!is_lost(&mut first) && !is_lost(&mut second));
        let mut third = slots.take();
        assert!(is_lost(&mut first) && !is_lost(&mut second));
        // Dropping a held slot makes room. Dropping a lost slot frees nothing.
        drop((first, second));
        let mut fourth = slots.take();
        assert!(!is_lost(&mut third) && !is_lost(&mut fourth));
        drop(slots.take());
        assert!(is_lost(&mut third) && !is_lost(&mut fourth));
    }
}
