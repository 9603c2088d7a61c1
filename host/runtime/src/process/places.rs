//! The turns to write that a guest has waited for in calls of `channel-async` and may use now.
//!
//! The call that waits sends nothing: a guest that gives it up has nothing to take back. Its next write that does not wait has
//! the turn. Until then the turn holds up those who write to the same channel, so the guest has it for as long as it goes on
//! and no longer.
//!
//! Invariant: no turn is left when the process's task gives its thread up, so no guest holds others up by not coming back.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weft_channel::{Place, Writer};

/// The turns of one process.
#[derive(Debug, Default)]
pub(crate) struct Places {
    list: Mutex<Vec<Place>>,
    /// How many there are, for a quick look: nearly always none.
    count: AtomicUsize,
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Vec<Place>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a turn until it is used, or the guest waits.
    pub(crate) fn put(&self, place: Place) {
        let mut list = self.lock();
        list.push(place);
        self.count.store(list.len(), Ordering::Relaxed);
    }

    /// Takes the turn of this writer, if it has one.
    #[inline]
    pub(crate) fn take(&self, writer: &Arc<Writer>) -> Option<Place> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut list = self.lock();
        let at = list
            .iter()
            .position(|it| Arc::ptr_eq(it.writer(), writer))?;
        let place = list.remove(at);
        self.count.store(list.len(), Ordering::Relaxed);
        Some(place)
    }

    /// Gives all of them up.
    pub(crate) fn clear(&self) {
        if self.count.load(Ordering::Relaxed) > 0 {
            let list = std::mem::take(&mut *self.lock());
            self.count.store(0, Ordering::Relaxed);
            // Outside the lock: others are woken.
            drop(list);
        }
    }

    /// Runs the call of a guest, and gives up what is left whenever it waits.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = T>) -> T {
        let mut call = pin!(call);
        poll_fn(|cx| {
            let polled = call.as_mut().poll(cx);
            self.clear();
            polled
        })
        .await
    }
}
