//! Shares: the resources of a host for file calls, and how they are divided among guests.
//!
//! A program has a limited number of descriptors (`ulimit -n`) and of threads that may block. A *family* is a process that the
//! embedder started, and all its descendants.
//!
//! - Descriptors: some are reserved for the host. Of the others, a family may take one more only while it holds fewer than are
//!   free. So one family gets at most half of them, two get two thirds together, and a newcomer always finds some. In addition,
//!   the limit `open-files` bounds each process and its children.
//! - Running calls have places: a number for each process, for each family, and for the host. A call without a place waits for its
//!   turn.
//!
//! Files that the host opens for itself are not counted; the reserve is for those.
//!
//! Invariant: a [`Share`] is taken before its descriptor is opened, and given back after the descriptor is closed.

use crate::account::{Account, Charge, Exhausted, Good};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Most file calls of one process that run at once. Disks do not get faster with more, and a process is seldom the only
/// one.
pub(super) const CALLS_OF_PROCESS: usize = 4;

/// Most file calls of one family that run at once, so that a family with a hanging file system holds few
/// threads.
const CALLS_OF_FAMILY: usize = 16;

/// Most file calls of all guests that run at once: a quarter of tokio's blocking threads.
const CALLS_OF_HOST: usize = 128;

/// Descriptors reserved for the host: its runtime, sockets, components, the cache and core dumps; and two for each running
/// call, which opens folders on its way.
const RESERVE: u32 = 128 + 2 * CALLS_OF_HOST as u32;

/// The name of the bound on all guests.
pub(super) const OF_HOST: &str = "max-open-files";

/// Descriptors of a program without a limit: about as many as Linux allows any program.
const WITHOUT_BOUND: u32 = 1 << 20;

/// The resources of one host.
#[derive(Debug)]
pub(crate) struct HostShare {
    descriptors: u32,
    taken: Mutex<u32>,
    places: Arc<Semaphore>,
}

/// The resources that one family uses.
#[derive(Debug)]
pub(crate) struct FamilyShare {
    host: Arc<HostShare>,
    /// Descriptors in use; changed under the host's lock.
    held: AtomicU32,
    places: Arc<Semaphore>,
}

/// One descriptor, for one process.
#[derive(Debug)]
pub(crate) struct Share {
    _charge: Charge,
    family: Arc<FamilyShare>,
}

/// Why there is no descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoDescriptor {
    /// The limit of the process or of an ancestor.
    #[error(transparent)]
    Limit(#[from] Exhausted),
    /// The host has none left for this family.
    #[error(
        "this host can have {0} files, folders and sockets open for all guests, and has no more of them for this process and its family"
    )]
    Host(u32),
}

impl NoDescriptor {
    /// The name of the bound.
    pub(crate) fn limit(&self) -> &'static str {
        match self {
            NoDescriptor::Limit(exhausted) => exhausted.limit(),
            NoDescriptor::Host(_) => OF_HOST,
        }
    }
}

/// The place of a call: a thread may run the call while this is held.
pub(super) struct Place {
    _permits: [Option<tokio::sync::OwnedSemaphorePermit>; 3],
}

impl HostShare {
    /// With this many descriptors, or as many as the system allows.
    pub(crate) fn new(descriptors: Option<u32>) -> Arc<Self> {
        Arc::new(Self {
            descriptors: descriptors.unwrap_or_else(|| for_guests(system_limit())),
            taken: Mutex::new(0),
            places: Arc::new(Semaphore::new(CALLS_OF_HOST)),
        })
    }

    /// Descriptors that guests may have in all.
    pub(crate) fn descriptors(&self) -> u32 {
        self.descriptors
    }

    /// Descriptors that guests have now.
    pub(crate) fn taken(&self) -> u32 {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, u32> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FamilyShare {
    pub(crate) fn new(host: &Arc<HostShare>) -> Arc<Self> {
        Arc::new(Self {
            host: host.clone(),
            held: AtomicU32::new(0),
            places: Arc::new(Semaphore::new(CALLS_OF_FAMILY)),
        })
    }

    /// Takes a descriptor for a process of the family.
    pub(crate) fn take(self: &Arc<Self>, account: &Arc<Account>) -> Result<Share, NoDescriptor> {
        let charge = account.charge(Good::OpenFiles, 1)?;
        let mut taken = self.host.lock();
        let free = self.host.descriptors.saturating_sub(*taken);
        let held = self.held.load(Ordering::Relaxed);
        if held >= free {
            return Err(NoDescriptor::Host(self.host.descriptors));
        }
        *taken += 1;
        self.held.store(held + 1, Ordering::Relaxed);
        drop(taken);
        Ok(Share {
            _charge: charge,
            family: self.clone(),
        })
    }

    /// Waits for the turn of a call, of a process with these places.
    pub(super) async fn turn(&self, own: &Arc<Semaphore>) -> Place {
        // In this order, so that a call that waits for its process's place holds no other place.
        let of_process = own.clone().acquire_owned().await.ok();
        let of_family = self.places.clone().acquire_owned().await.ok();
        let of_host = self.host.places.clone().acquire_owned().await.ok();
        // `None` only for a closed semaphore, and nobody closes these.
        Place {
            _permits: [of_process, of_family, of_host],
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.family.host.lock();
        *taken = taken.saturating_sub(1);
        self.family.held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many descriptors this program may have; none if there is no limit.
fn system_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// How many of them guests may have: all but the reserve, but at least half.
fn for_guests(limit: Option<u64>) -> u32 {
    let limit = limit.map_or(WITHOUT_BOUND, |limit| {
        u32::try_from(limit)
            .unwrap_or(WITHOUT_BOUND)
            .min(WITHOUT_BOUND)
    });
    limit - RESERVE.min(limit / 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::limits::Limits;
    use crate::usage::Counted;

    fn account(open_files: u32) -> Arc<Account> {
        let limits = Limits {
            open_files,
            ..Limits::default()
        };
        Account::new(&limits, None, Counted::default())
    }

    /// Takes all that are free for this family.
    fn all(family: &Arc<FamilyShare>, account: &Arc<Account>) -> Vec<Share> {
        std::iter::from_fn(|| family.take(account).ok()).collect()
    }

    #[test]
    fn one_family_gets_half_and_a_newcomer_always_finds_some() {
        let host = HostShare::new(Some(100));
        let families = [(); 3].map(|()| FamilyShare::new(&host));
        let account = account(1_000);
        let first = all(&families[0], &account);
        assert_eq!(first.len(), 50);
        let second = all(&families[1], &account);
        assert_eq!(second.len(), 25);
        let third = all(&families[2], &account);
        assert!(third.len() > 10, "{}", third.len());
        // Shares that were given back can be taken again.
        drop(second);
        assert_eq!(all(&families[1], &account).len(), 19);
        drop((first, third));
        assert_eq!(host.taken(), 0);
        assert_eq!(all(&families[2], &account).len(), 50);
    }

    #[test]
    fn the_limit_of_a_process_holds_before_the_host_s_and_takes_nothing_when_it_refuses() {
        let host = HostShare::new(Some(100));
        let family = FamilyShare::new(&host);
        let account = account(2);
        let held = all(&family, &account);
        assert_eq!(held.len(), 2);
        let refused = family.take(&account).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the limit `open-files` of 2 is reached"
        );
        assert_eq!(host.taken(), 2);
        let nothing = FamilyShare::new(&HostShare::new(Some(0)));
        drop(held);
        assert_eq!(nothing.take(&account).unwrap_err(), NoDescriptor::Host(0));
        // The charge of the refused one was given back.
        assert_eq!(all(&family, &account).len(), 2);
    }

    #[test]
    fn a_reserve_stays_with_the_host() {
        assert_eq!(for_guests(Some(1_024)), 1_024 - RESERVE);
        assert_eq!(for_guests(Some(256)), 128);
        assert_eq!(for_guests(Some(0)), 0);
        assert_eq!(for_guests(None), WITHOUT_BOUND - RESERVE);
        assert_eq!(for_guests(Some(u64::MAX)), WITHOUT_BOUND - RESERVE);
    }
}
