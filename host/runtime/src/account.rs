//! Accounts: the resources of the host that a process and its children hold together.
//!
//! A [`Charge`] is taken before the host holds something for a process. Dropping it gives the amount back, so
//! it is stored with what it pays for: a channel keeps its charge until nobody holds any part of the channel, a
//! handle in a frame until somebody reads the frame.
//!
//! Invariant: a charge counts against the process and all its ancestors, so any number of children together
//! hold no more than their parent may. The same applies to CPU time, which is spent and never given back.

use crate::limits::{Limit, LimitAmount, Limits};
use crate::usage::Counted;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A counted resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Good {
    /// Bytes of linear memories.
    Memory,
    /// Elements of tables.
    TableElements,
    /// Live processes started.
    Children,
    /// Channels made.
    Channels,
    /// Bytes of their capacities, and of frames that wait to be written.
    ChannelBytes,
    /// Handles sent with frames that nobody has read.
    SentHandles,
    /// Processes watched or linked, and queued ends of such processes.
    Watches,
    /// Bytes that the host keeps, outside of memories and channels.
    HostBytes,
    /// Descriptors of files and folders.
    OpenFiles,
    /// Bytes written to files; see [`Charge::spend`].
    DiskBytes,
}

/// A bound of the account was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit `{limit}` of {most} is reached")]
pub(crate) struct Exhausted {
    limit: Limit,
    most: u64,
}

/// The account of one process.
#[derive(Debug)]
pub(crate) struct Account {
    parent: Option<Arc<Account>>,
    /// Nanoseconds; unlimited unless the limit is set.
    cpu_time: Meter,
    memory: Meter,
    table_elements: Meter,
    children: Meter,
    channels: Meter,
    channel_bytes: Meter,
    sent_handles: Meter,
    watches: Meter,
    host_bytes: Meter,
    open_files: Meter,
    disk_bytes: Meter,
    _counted: Counted,
}

#[derive(Debug)]
struct Meter {
    limit: Limit,
    most: u64,
    used: AtomicU64,
    /// The part used by the process itself, without its children.
    own: AtomicU64,
}

/// An amount that is paid for until this is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    account: Arc<Account>,
    good: Good,
    amount: u64,
}

impl Meter {
    /// A meter for this limit.
    fn new(limit: Limit, limits: &Limits) -> Self {
        Self {
            limit,
            most: match limits.get(limit) {
                Some(LimitAmount::Number(most)) => most,
                Some(LimitAmount::Time(most)) => nanoseconds(most),
                None => u64::MAX,
            },
            used: AtomicU64::new(0),
            own: AtomicU64::new(0),
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

impl Exhausted {
    /// The limit's name.
    pub(crate) fn limit(&self) -> &'static str {
        self.limit.name()
    }
}

impl Account {
    /// The account of a process under these limits, started by the holder of `parent`.
    pub(crate) fn new(
        limits: &Limits,
        parent: Option<Arc<Account>>,
        counted: Counted,
    ) -> Arc<Self> {
        let meter = |limit| Meter::new(limit, limits);
        Arc::new(Self {
            parent,
            cpu_time: meter(Limit::CpuTime),
            memory: meter(Limit::Memory),
            table_elements: meter(Limit::TableElements),
            children: meter(Limit::Children),
            channels: meter(Limit::Channels),
            channel_bytes: meter(Limit::ChannelBytes),
            sent_handles: meter(Limit::Handles),
            watches: meter(Limit::Handles),
            host_bytes: meter(Limit::HostBytes),
            open_files: meter(Limit::OpenFiles),
            disk_bytes: meter(Limit::DiskBytes),
            _counted: counted,
        })
    }

    /// Takes the whole amount, or nothing.
    pub(crate) fn charge(self: &Arc<Self>, good: Good, amount: u64) -> Result<Charge, Exhausted> {
        let mut charge = Charge::nothing(self, good);
        charge.grow(amount)?;
        Ok(charge)
    }

    /// Spends CPU time. False when this process, or one of its ancestors, has used up its limit.
    pub(crate) fn spend(&self, time: Duration) -> bool {
        let time = nanoseconds(time);
        self.lineage().fold(true, |within, account| {
            let Meter { used, most, .. } = &account.cpu_time;
            let before = used.fetch_add(time, Ordering::Relaxed);
            within & (before.saturating_add(time) <= *most)
        })
    }

    /// The amount that the process itself holds now, without its children.
    pub(crate) fn own(&self, good: Good) -> u64 {
        self.meter(good).own.load(Ordering::Relaxed)
    }

    fn take(&self, good: Good, amount: u64) -> Result<(), Exhausted> {
        for (depth, account) in self.lineage().enumerate() {
            if let Err(exhausted) = account.meter(good).add(amount) {
                for paid in self.lineage().take(depth) {
                    paid.meter(good).subtract(amount);
                }
                return Err(exhausted);
            }
        }
        self.meter(good).own.fetch_add(amount, Ordering::Relaxed);
        Ok(())
    }

    fn give_back(&self, good: Good, amount: u64) {
        self.meter(good).own.fetch_sub(amount, Ordering::Relaxed);
        for account in self.lineage() {
            account.meter(good).subtract(amount);
        }
    }

    /// This account and those of all ancestors.
    fn lineage(&self) -> impl Iterator<Item = &Account> {
        std::iter::successors(Some(self), |account| account.parent.as_deref())
    }

    fn meter(&self, good: Good) -> &Meter {
        match good {
            Good::Memory => &self.memory,
            Good::TableElements => &self.table_elements,
            Good::Children => &self.children,
            Good::Channels => &self.channels,
            Good::ChannelBytes => &self.channel_bytes,
            Good::SentHandles => &self.sent_handles,
            Good::Watches => &self.watches,
            Good::HostBytes => &self.host_bytes,
            Good::OpenFiles => &self.open_files,
            Good::DiskBytes => &self.disk_bytes,
        }
    }
}

impl Charge {
    /// An empty charge, which can grow.
    pub(crate) fn nothing(account: &Arc<Account>, good: Good) -> Self {
        Self {
            account: account.clone(),
            good,
            amount: 0,
        }
    }

    /// Takes the whole additional amount, or nothing.
    pub(crate) fn grow(&mut self, amount: u64) -> Result<(), Exhausted> {
        self.account.take(self.good, amount)?;
        self.amount += amount;
        Ok(())
    }

    /// Gives back an amount.
    pub(crate) fn shrink(&mut self, amount: u64) {
        let amount = amount.min(self.amount);
        self.amount -= amount;
        self.account.give_back(self.good, amount);
    }

    /// Spends at most the whole charge: a spent amount is never given back. The rest is given back now.
    pub(crate) fn spend(mut self, amount: u64) {
        self.amount = self.amount.saturating_sub(amount);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.give_back(self.good, self.amount);
    }
}

/// A duration in nanoseconds; the maximum if it is too long.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::limits::OfChildren;
    use std::collections::BTreeSet;

    #[test]
    fn children_together_hold_no_more_than_their_parent_and_give_it_back() {
        let limits = Limits {
            channels: 3,
            ..Limits::default()
        };
        let parent = Account::new(&limits, None, Counted::default());
        let child = || Account::new(&limits, Some(parent.clone()), Counted::default());
        let children = [(); 2].map(|()| child());
        let first = children[0].charge(Good::Channels, 2).unwrap();
        let refused = children[1].charge(Good::Channels, 2).unwrap_err();
        assert_eq!(refused.to_string(), "the limit `channels` of 3 is reached");
        // A refused charge leaves no trace in the child's own account.
        let second = children[1].charge(Good::Channels, 1).unwrap();
        assert!(parent.charge(Good::Channels, 1).is_err());
        drop((first, second));
        assert!(parent.charge(Good::Channels, 3).is_ok());
        assert!(parent.charge(Good::Channels, u64::MAX).is_err());
    }

    #[test]
    fn what_counts_with_children_is_what_the_limits_say() {
        let account = Account::new(&Limits::default(), None, Counted::default());
        let goods = [
            Good::Memory,
            Good::TableElements,
            Good::Children,
            Good::Channels,
            Good::ChannelBytes,
            Good::HostBytes,
            Good::OpenFiles,
            Good::DiskBytes,
        ];
        let goods = goods.map(|good| account.meter(good).limit);
        let counted = goods.into_iter().chain([account.cpu_time.limit]);
        let declared = Limit::ALL.iter();
        let declared = declared.filter(|limit| limit.children() == OfChildren::Counted);
        let counted: BTreeSet<_> = counted.map(Limit::name).collect();
        assert_eq!(counted, declared.map(|limit| limit.name()).collect());
    }

    #[test]
    fn time_spent_by_children_counts_for_all_they_descend_from() {
        let limits = |millis| Limits {
            cpu_time: Some(Duration::from_millis(millis)),
            ..Limits::default()
        };
        let parent = Account::new(&limits(10), None, Counted::default());
        let child = Account::new(&limits(10), Some(parent.clone()), Counted::default());
        assert!(parent.spend(Duration::from_millis(6)));
        assert!(child.spend(Duration::from_millis(4)));
        assert!(!child.spend(Duration::from_nanos(1)));
        assert!(!parent.spend(Duration::ZERO));
        // A process without that parent still has its time.
        assert!(
            Account::new(&limits(10), None, Counted::default()).spend(Duration::from_millis(5))
        );
        assert!(Account::new(&Limits::default(), None, Counted::default()).spend(Duration::MAX));
    }
}
