//! Accounts: what a process and its children hold of the host together.
//!
//! A [`Charge`] is taken before the host holds something for a process and gives
//! itself back when it is dropped, so it travels with what it pays for: a channel keeps
//! its charge until nobody holds any part of it, a handle in a frame until somebody reads it.
//!
//! Invariant: a charge counts against the process and against all it descends
//! from, so no number of children holds more than their parent may.

use crate::limits::Limits;
use crate::usage::Counted;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Good {
    /// Channels made.
    Channels,
    /// Bytes of their capacities, and of frames that wait to be written.
    ChannelBytes,
    /// Handles sent with frames that nobody has read.
    SentHandles,
    /// Processes watched or linked, and ends of such that nobody has taken.
    Watches,
}

/// A bound of the account was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{limit}` of {most} is reached")]
pub(crate) struct Exhausted {
    limit: &'static str,
    most: u64,
}

/// The account of one process.
#[derive(Debug)]
pub(crate) struct Account {
    parent: Option<Arc<Account>>,
    channels: Meter,
    channel_bytes: Meter,
    sent_handles: Meter,
    watches: Meter,
    _counted: Counted,
}

#[derive(Debug)]
struct Meter {
    limit: &'static str,
    most: u64,
    used: AtomicU64,
}

/// Something paid for until this is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    account: Arc<Account>,
    good: Good,
    amount: u64,
}

impl Meter {
    fn new(limit: &'static str, most: u64) -> Self {
        Self {
            limit,
            most,
            used: AtomicU64::new(0),
        }
    }

    fn add(&self, amount: u64) -> Result<(), Exhausted> {
        let within = |used: u64| used.checked_add(amount).filter(|sum| *sum <= self.most);
        self.used
            .try_update(Ordering::Relaxed, Ordering::Relaxed, within)
            .map(|_| ())
            .map_err(|_| Exhausted {
                limit: self.limit,
                most: self.most,
            })
    }

    fn subtract(&self, amount: u64) {
        self.used.fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Account {
    /// The account of a process under these limits, started by the holder of `parent`.
    pub(crate) fn new(
        limits: &Limits,
        parent: Option<Arc<Account>>,
        counted: Counted,
    ) -> Arc<Self> {
        Arc::new(Self {
            parent,
            channels: Meter::new("channels", limits.channels.into()),
            channel_bytes: Meter::new("channel-bytes", limits.channel_bytes),
            sent_handles: Meter::new("handles", limits.handles.into()),
            watches: Meter::new("handles", limits.handles.into()),
            _counted: counted,
        })
    }

    /// Takes so much, or nothing.
    pub(crate) fn charge(self: &Arc<Self>, good: Good, amount: u64) -> Result<Charge, Exhausted> {
        for (depth, account) in self.lineage().enumerate() {
            if let Err(exhausted) = account.meter(good).add(amount) {
                for paid in self.lineage().take(depth) {
                    paid.meter(good).subtract(amount);
                }
                return Err(exhausted);
            }
        }
        Ok(Charge {
            account: self.clone(),
            good,
            amount,
        })
    }

    /// This account and all it descends from.
    fn lineage(&self) -> impl Iterator<Item = &Account> {
        std::iter::successors(Some(self), |account| account.parent.as_deref())
    }

    fn meter(&self, good: Good) -> &Meter {
        match good {
            Good::Channels => &self.channels,
            Good::ChannelBytes => &self.channel_bytes,
            Good::SentHandles => &self.sent_handles,
            Good::Watches => &self.watches,
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        for account in self.account.lineage() {
            account.meter(self.good).subtract(self.amount);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::usage::Counter;

    #[test]
    fn children_together_hold_no_more_than_their_parent_and_give_it_back() {
        let limits = Limits {
            channels: 3,
            ..Limits::default()
        };
        let counter = Counter::default();
        let parent = Account::new(&limits, None, counter.one());
        let child = || Account::new(&limits, Some(parent.clone()), counter.one());
        let children = [(); 2].map(|()| child());
        let first = children[0].charge(Good::Channels, 2).unwrap();
        let refused = children[1].charge(Good::Channels, 2).unwrap_err();
        assert_eq!(refused.to_string(), "the limit `channels` of 3 is reached");
        // A refused charge leaves nothing behind in the child's own account.
        let second = children[1].charge(Good::Channels, 1).unwrap();
        assert!(parent.charge(Good::Channels, 1).is_err());
        drop((first, second));
        assert!(parent.charge(Good::Channels, 3).is_ok());
        assert!(parent.charge(Good::Channels, u64::MAX).is_err());
    }
}
