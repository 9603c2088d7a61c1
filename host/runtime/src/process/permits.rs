//! Permits to write: a guest has waited for each of them in a call of `channel-async`, and may use it now.
//!
//! The waiting call sends nothing, so a guest that abandons it has nothing to take back. The guest's next write that does not
//! wait uses the permit. Until then the permit blocks other writers of the channel, so it ends when the guest waits again.
//!
//! Invariant: no permit is left when the process's task gives its thread up. So no guest blocks others by not using its permit.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weft_channel::{Permit, Writer};

/// The permits of one process.
#[derive(Debug, Default)]
pub(crate) struct Permits {
    list: Mutex<Vec<Permit>>,
    /// The length of `list`, for a quick check: nearly always 0.
    count: AtomicUsize,
}

impl Permits {
    fn lock(&self) -> MutexGuard<'_, Vec<Permit>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a permit until it is used or the guest waits.
    pub(crate) fn put(&self, permit: Permit) {
        let mut list = self.lock();
        list.push(permit);
        self.count.store(list.len(), Ordering::Relaxed);
    }

    /// Takes the permit of this writer, if it has one.
    #[inline]
    pub(crate) fn take(&self, writer: &Arc<Writer>) -> Option<Permit> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut list = self.lock();
        let at = list
            .iter()
            .position(|it| Arc::ptr_eq(it.writer(), writer))?;
        let permit = list.remove(at);
        self.count.store(list.len(), Ordering::Relaxed);
        Some(permit)
    }

    /// Gives all permits up.
    pub(crate) fn clear(&self) {
        if self.count.load(Ordering::Relaxed) > 0 {
            let list = std::mem::take(&mut *self.lock());
            self.count.store(0, Ordering::Relaxed);
            // Outside the lock: this wakes other writers.
            drop(list);
        }
    }

    /// Runs the call of a guest, and gives up unused permits whenever it waits.
    pub(crate) fn within<T>(
        &self,
        mut call: impl Future<Output = T> + Unpin,
    ) -> impl Future<Output = T> + Unpin {
        poll_fn(move |cx| {
            let polled = Pin::new(&mut call).poll(cx);
            self.clear();
            polled
        })
    }
}
