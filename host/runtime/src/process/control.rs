//! How a process is ended from outside: the request to stop, its grace period, and the kill.
//!
//! Only the driver waits, so whoever orders an end does not have to wait for it.
//!
//! Invariant: the first kill decides the status; a deadline only ever moves earlier.

use super::exit::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, SetOnce};
use tokio::time::Instant;

pub(super) struct Control {
    /// Set when the process is asked to stop.
    stop: SetOnce<()>,
    orders: Mutex<Orders>,
    /// Notified when the orders change. One permit is enough, as the driver reads all orders.
    changed: Notify,
}

#[derive(Default)]
struct Orders {
    /// The process is to end now, with this status.
    kill: Option<ExitStatus>,
    /// The process is killed then if it has not ended.
    deadline: Option<Instant>,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            stop: SetOnce::new(),
            orders: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Asks the process to stop.
    pub(super) fn request_stop(&self) {
        // It may have been asked before.
        let _ = self.stop.set(());
    }

    /// Asks the process to stop, and kills it when it has not ended after `grace`.
    pub(super) fn stop_within(&self, grace: Duration) {
        self.request_stop();
        // A grace period too long for the clock means no deadline.
        if let Some(deadline) = Instant::now().checked_add(grace) {
            let mut orders = self.orders();
            let earlier = orders.deadline.is_none_or(|before| deadline < before);
            if earlier {
                orders.deadline = Some(deadline);
            }
            drop(orders);
            if earlier {
                self.changed.notify_one();
            }
        }
    }

    /// Ends the process. The status counts unless the process has ended or was killed before.
    pub(super) fn kill(&self, status: ExitStatus) {
        self.orders().kill.get_or_insert(status);
        self.changed.notify_one();
    }

    /// Resolves when the process is to end now, with the status to end with.
    pub(super) async fn killed(&self) -> ExitStatus {
        loop {
            let deadline = {
                let mut orders = self.orders();
                if let Some(status) = orders.kill.take() {
                    return status;
                }
                orders.deadline
            };
            let changed = self.changed.notified();
            match deadline {
                None => changed.await,
                Some(deadline) => {
                    // Boxed: most processes never have a deadline, and all would keep its timer.
                    let timed = Box::pin(tokio::time::timeout_at(deadline, changed));
                    if timed.await.is_err() {
                        return ExitStatus::Killed;
                    }
                }
            }
        }
    }

    pub(super) fn stop_requested(&self) -> bool {
        self.stop.initialized()
    }

    /// Resolves when the process is asked to stop; at once if it was before.
    pub(super) async fn stop_request(&self) {
        self.stop.wait().await;
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
