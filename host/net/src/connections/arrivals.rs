//! Who has connected and was not accepted yet: brought by a task, taken by calls of the guest.
//!
//! Any number of calls may wait at once, and any may be given up: a wait takes nothing, the take does.
//!
//! Invariants:
//! - There are never more than there are places. The task waits for a place before it lets anybody in.
//! - The task ends when the last handle is gone, and with it what was not taken.

use super::Error;
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

/// Those who wait to be accepted.
pub(super) struct Arrivals<T> {
    shared: Arc<ArrivalQueue<T>>,
    task: AbortHandle,
}

/// What brings them.
pub(super) struct Bringer<T> {
    shared: Arc<ArrivalQueue<T>>,
    places: Arc<Semaphore>,
}

/// A place of one of them.
pub(super) type Place = OwnedSemaphorePermit;

struct ArrivalQueue<T> {
    queue: Mutex<Queue<T>>,
    arrived: Notify,
}

struct Queue<T> {
    ready: VecDeque<(T, Place)>,
    closed: bool,
}

impl<T: Send + 'static> Arrivals<T> {
    /// Begins to bring them, with so many places.
    pub(super) fn begin<F>(places: usize, bring: impl FnOnce(Bringer<T>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shared = Arc::new(ArrivalQueue {
            queue: Mutex::new(Queue {
                ready: VecDeque::new(),
                closed: false,
            }),
            arrived: Notify::new(),
        });
        let bringing = bring(Bringer {
            shared: shared.clone(),
            places: Arc::new(Semaphore::new(places)),
        });
        let closing = shared.clone();
        let task = tokio::spawn(async move {
            bringing.await;
            closing.close();
        });
        Self {
            shared,
            task: task.abort_handle(),
        }
    }

    /// The next one, if there is one. Those that arrived before the end can be taken after it.
    pub(super) fn try_take(&self) -> Result<T, Error> {
        let mut queue = self.shared.lock();
        match (queue.ready.pop_front(), queue.closed) {
            (Some((one, _place)), _) => Ok(one),
            (None, true) => Err(Error::Closed),
            (None, false) => Err(Error::WouldBlock),
        }
    }

    /// Waits until a take would not be for nothing.
    pub(super) async fn wait(&self) {
        loop {
            let mut arrived = pin!(self.shared.arrived.notified());
            arrived.as_mut().enable();
            {
                let queue = self.shared.lock();
                if queue.closed || !queue.ready.is_empty() {
                    return;
                }
            }
            arrived.await;
        }
    }

    /// The next one.
    pub(super) async fn take(&self) -> Result<T, Error> {
        loop {
            match self.try_take() {
                Err(Error::WouldBlock) => self.wait().await,
                taken => return taken,
            }
        }
    }
}

impl<T> Drop for Arrivals<T> {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.close();
        let left = std::mem::take(&mut self.shared.lock().ready);
        // Outside the lock: their ends tell others that they are gone.
        drop(left);
    }
}

impl<T> Bringer<T> {
    /// A place for one more, as soon as there is one.
    pub(super) async fn place(&self) -> Option<Place> {
        // Nobody closes it.
        self.places.clone().acquire_owned().await.ok()
    }

    /// One has arrived.
    pub(super) fn bring(&self, one: T, place: Place) {
        let mut queue = self.shared.lock();
        let late = match queue.closed {
            true => Some(one),
            false => {
                queue.ready.push_back((one, place));
                None
            }
        };
        drop(queue);
        drop(late);
        self.shared.arrived.notify_waiters();
    }
}

impl<T> Clone for Bringer<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            places: self.places.clone(),
        }
    }
}

impl<T> ArrivalQueue<T> {
    fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
