//! Shares: what a host has for the file calls of all guests, and how it is divided among them.
//!
//! There are two things of which a program has only so many: descriptors (`ulimit -n`) and threads that may block. A *family*
//! is a process that the embedder started and all that descends from it.
//!
//! - Descriptors: of those that are not the host's own, a family may take one more only while it holds fewer than are free. So one
//!   family gets half of them at the most, two get two thirds together, and who comes later still finds some. The
//!   limit `open-files` bounds each process and its children beside that.
//! - Places of running calls: so many for a process, so many for a family, so many in all. Who finds none waits for its turn.
//!
//! Not counted is what the host opens for itself; that is what the reserve is for.
//!
//! Invariant: a [`Share`] is taken before the descriptor is opened that it pays for, and given back after it is closed.

use crate::account::{Account, Charge, Exhausted, Good};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// File calls of one process that run at once. Disks do not get faster with more, and one process is seldom the only one.
pub(super) const CALLS_OF_PROCESS: usize = 4;

/// File calls of one family that run at once, so that one whose file system hangs holds few threads.
const CALLS_OF_FAMILY: usize = 16;

/// File calls of all guests that run at once: a quarter of the threads that tokio has for work that blocks.
const CALLS_OF_HOST: usize = 128;

/// Descriptors that the host keeps for itself: its runtime, sockets, components and the cache, core dumps; and two for each
/// call that runs, which opens the folders on its way.
const RESERVE: u32 = 128 + 2 * CALLS_OF_HOST as u32;

/// Descriptors of a program that has no bound: about as many as Linux lets any program have.
const WITHOUT_BOUND: u32 = 1 << 20;

/// What one host has.
#[derive(Debug)]
pub(crate) struct HostShare {
    descriptors: u32,
    taken: Mutex<u32>,
    places: Arc<Semaphore>,
}

/// What one family has of it.
#[derive(Debug)]
pub(crate) struct FamilyShare {
    host: Arc<HostShare>,
    /// Descriptors; changed under the host's lock.
    held: AtomicU32,
    places: Arc<Semaphore>,
}

/// One descriptor, for one process.
#[derive(Debug)]
pub(super) struct Share {
    _charge: Charge,
    family: Arc<FamilyShare>,
}

/// There is no descriptor for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoDescriptor {
    /// The limit of the process, or of one it descends from.
    #[error(transparent)]
    Limit(#[from] Exhausted),
    /// What the host has is shared out.
    #[error(
        "this host can have {0} files and folders open for all guests, and has no more of them for this process and its family"
    )]
    Host(u32),
}

/// The turn of a call: a thread may run it for as long as this is held.
pub(super) struct Place {
    _permits: [Option<tokio::sync::OwnedSemaphorePermit>; 3],
}

impl HostShare {
    /// With so many descriptors, or with what the system gives.
    pub(crate) fn new(descriptors: Option<u32>) -> Arc<Self> {
        Arc::new(Self {
            descriptors: descriptors.unwrap_or_else(|| for_guests(system_limit())),
            taken: Mutex::new(0),
            places: Arc::new(Semaphore::new(CALLS_OF_HOST)),
        })
    }

    /// Descriptors that guests may have together.
    pub(crate) fn descriptors(&self) -> u32 {
        self.descriptors
    }

    /// Descriptors that guests have.
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
    pub(super) fn take(self: &Arc<Self>, account: &Arc<Account>) -> Result<Share, NoDescriptor> {
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

    /// Waits for the turn of a call of the process that has these places of its own.
    pub(super) async fn turn(&self, own: &Arc<Semaphore>) -> Place {
        // In this order, so that who waits for its own place keeps none from others.
        let of_process = own.clone().acquire_owned().await.ok();
        let of_family = self.places.clone().acquire_owned().await.ok();
        let of_host = self.host.places.clone().acquire_owned().await.ok();
        // They are none only for a semaphore that was closed, which nobody does.
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

/// How many descriptors this program may have; none when there is no bound.
fn system_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// How many of them guests may have: what the reserve leaves, and half where there are few.
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

    /// Takes as many as there are.
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
        // What is given back can be taken again.
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
        // The charge of the refused one is back.
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
