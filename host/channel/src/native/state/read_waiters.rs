//! The reads that wait for a frame. All of them are at the end of what was written, so all
//! are woken by a commit, and by the end of the channel.
//!
//! Invariant: a ticket counts only in the epoch it was given in. Waking everybody starts the
//! next epoch, which makes all tickets void without a visit to each.

use std::task::Waker;

use super::{After, Wait, slab::Slab};

#[derive(Debug, Default)]
pub(super) struct ReadWaiters {
    epoch: u64,
    wakers: Slab<Waker>,
}

/// The place of a waiting read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadTicket {
    epoch: u64,
    key: usize,
}

impl ReadWaiters {
    /// Registers a read, or renews its waker. False: the waker has to be cloned first.
    pub fn register(
        &mut self,
        ticket: &mut Option<ReadTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> bool {
        let valid = ticket.filter(|ticket| ticket.epoch == self.epoch);
        let stored = valid.and_then(|ticket| self.wakers.get_mut(ticket.key));
        if stored.as_deref().is_some_and(|waker| wait.is_for(waker)) {
            return true;
        }
        let Some(waker) = wait.take() else {
            return false;
        };
        match stored {
            Some(stored) => after.drop_waker(std::mem::replace(stored, waker)),
            None => {
                let key = self.wakers.insert(waker);
                let epoch = self.epoch;
                *ticket = Some(ReadTicket { epoch, key });
            }
        }
        true
    }

    pub fn remove(&mut self, ticket: ReadTicket, after: &mut After) {
        if ticket.epoch == self.epoch
            && let Some(waker) = self.wakers.remove(ticket.key)
        {
            after.drop_waker(waker);
        }
    }

    pub fn wake_all(&mut self, after: &mut After) {
        if self.wakers.is_empty() {
            return;
        }
        self.epoch += 1;
        match self.wakers.take_only() {
            Some(waker) => after.wake(waker),
            None => after.wake_many(self.wakers.drain()),
        }
    }
}
