//! The writes that wait for room, first come first served.
//!
//! Only the one in front is ever woken: those behind it could do nothing. Whoever leaves
//! the front passes the turn on, see `writes`.
//!
//! Invariants:
//! - tickets ascend along the queue and are never given twice;
//! - the front entry is not gone;
//! - entries that are gone are at most as many as those that wait, plus a few: a stuck front
//!   write cannot make the queue grow by the cancelled ones behind it.

use std::{collections::VecDeque, task::Waker};

use super::{After, Wait, amount::Amount};

/// Entries that may be gone before sweeping pays.
const SWEEP_AT_LEAST: usize = 16;

/// Entries that the queue keeps memory for, however few there are.
const KEPT: usize = 64;

/// The place of a waiting write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WriteTicket(u64);

#[derive(Debug, Default)]
pub(super) struct WriteQueue {
    queue: VecDeque<Entry>,
    next_ticket: u64,
    /// How many entries are gone.
    gone: usize,
}

#[derive(Debug)]
struct Entry {
    ticket: WriteTicket,
    need: Amount,
    waits: Waits,
}

#[derive(Debug)]
enum Waits {
    /// Not woken since its last poll.
    Waiting(Waker),
    /// Woken, and not polled since.
    Woken,
    /// Cancelled behind the front.
    Gone,
}

impl WriteQueue {
    /// Whether a write with this ticket, or a new one without, has nobody in front of it.
    #[inline]
    pub fn is_turn(&self, ticket: Option<WriteTicket>) -> bool {
        let front = self.queue.front();
        front.is_none_or(|front| Some(front.ticket) == ticket)
    }

    /// Registers a write at the back. One that is in the queue stays where it is and gets a new waker. False: the
    /// waker has to be cloned first.
    pub fn register(
        &mut self,
        ticket: &mut Option<WriteTicket>,
        need: Amount,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> bool {
        let index = ticket.and_then(|ticket| self.find(ticket));
        let entry = index.and_then(|index| self.queue.get_mut(index));
        if let Some(Entry {
            waits: Waits::Waiting(stored),
            ..
        }) = &entry
            && wait.is_for(stored)
        {
            return true;
        }
        let Some(waker) = wait.take() else {
            return false;
        };
        let waits = Waits::Waiting(waker);
        if let Some(entry) = entry {
            drop_waker(std::mem::replace(&mut entry.waits, waits), after);
        } else {
            let new = WriteTicket(self.next_ticket);
            self.next_ticket += 1;
            *ticket = Some(new);
            self.queue.push_back(Entry {
                ticket: new,
                need,
                waits,
            });
        }
        true
    }

    /// Keeps the front for a write whose turn it is, which the caller has checked. It is not woken while it is there.
    pub fn hold_front(
        &mut self,
        ticket: &mut Option<WriteTicket>,
        need: Amount,
        after: &mut After,
    ) {
        let index = ticket.and_then(|ticket| self.find(ticket));
        if let Some(entry) = index.and_then(|index| self.queue.get_mut(index)) {
            drop_waker(std::mem::replace(&mut entry.waits, Waits::Woken), after);
            return;
        }
        let new = WriteTicket(self.next_ticket);
        self.next_ticket += 1;
        *ticket = Some(new);
        self.queue.push_back(Entry {
            ticket: new,
            need,
            waits: Waits::Woken,
        });
    }

    pub fn remove(&mut self, ticket: WriteTicket, after: &mut After) {
        let Some(entry) = self.find(ticket).and_then(|at| self.queue.get_mut(at)) else {
            return;
        };
        drop_waker(std::mem::replace(&mut entry.waits, Waits::Gone), after);
        self.gone += 1;
        while let Some(front) = self.queue.front()
            && matches!(front.waits, Waits::Gone)
        {
            self.queue.pop_front();
            self.gone -= 1;
        }
        if self.gone >= SWEEP_AT_LEAST && self.gone > self.queue.len() / 2 {
            self.queue
                .retain(|entry| !matches!(entry.waits, Waits::Gone));
            self.gone = 0;
        }
        // A crowd that has gone leaves no memory behind.
        if self.queue.capacity() > KEPT.max(4 * self.queue.len()) {
            self.queue.shrink_to(KEPT.max(2 * self.queue.len()));
        }
    }

    /// Wakes the front write if it has room and was not woken yet.
    #[inline]
    pub fn wake_front(
        &mut self,
        has_room: impl FnOnce(Amount, &mut After) -> bool,
        after: &mut After,
    ) {
        if let Some(front) = self.queue.front_mut()
            && matches!(front.waits, Waits::Waiting(_))
            && has_room(front.need, after)
            && let Waits::Waiting(waker) = std::mem::replace(&mut front.waits, Waits::Woken)
        {
            after.wake(waker);
        }
    }

    /// Empties the queue and wakes everybody who was in it.
    pub fn wake_all(&mut self, after: &mut After) {
        self.gone = 0;
        for entry in std::mem::take(&mut self.queue) {
            if let Waits::Waiting(waker) = entry.waits {
                after.wake(waker);
            }
        }
    }

    fn find(&self, ticket: WriteTicket) -> Option<usize> {
        self.queue
            .binary_search_by_key(&ticket, |entry| entry.ticket)
            .ok()
    }
}

fn drop_waker(waits: Waits, after: &mut After) {
    if let Waits::Waiting(waker) = waits {
        after.drop_waker(waker);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn join(queue: &mut WriteQueue) -> WriteTicket {
        let (mut ticket, mut after) = (None, After::default());
        let mut wait = Wait::new(Waker::noop());
        wait.clone_waker();
        assert!(queue.register(&mut ticket, Amount::default(), &mut wait, &mut after));
        ticket.unwrap()
    }

    #[test]
    fn cancelled_writes_behind_a_stuck_one_leave_nothing() {
        let mut queue = WriteQueue::default();
        let first = join(&mut queue);
        let mut after = After::default();
        for _ in 0..10_000 {
            let ticket = join(&mut queue);
            queue.remove(ticket, &mut after);
            assert!(queue.queue.len() <= 2 * SWEEP_AT_LEAST);
        }
        let last = join(&mut queue);
        assert!(queue.is_turn(Some(first)) && !queue.is_turn(Some(last)));
        queue.remove(first, &mut after);
        assert!(queue.is_turn(Some(last)) && !queue.is_turn(None));
        queue.remove(last, &mut after);
        assert!(queue.is_turn(None) && queue.queue.is_empty() && queue.gone == 0);
    }

    #[test]
    fn a_crowd_leaves_no_memory_behind_though_the_last_of_it_stays() {
        let mut queue = WriteQueue::default();
        let mut after = After::default();
        let tickets: Vec<_> = (0..10_000).map(|_| join(&mut queue)).collect();
        for &ticket in &tickets[..9_999] {
            queue.remove(ticket, &mut after);
        }
        assert!(queue.queue.capacity() <= 2 * KEPT);
        assert!(queue.is_turn(Some(tickets[9_999])));
    }
}
