//! Supervision: processes that are started again when they end, and replaced while they run.
//!
//! ```text
//! spec     what a supervisor is told
//! event    what it tells
//! error    what can be wrong
//! keeper   what a child is started with, kept between its incarnations
//! child    one child: whether it runs, waits or has ended
//! budget   the limit of restarts in a window
//! task     the loop: ends, orders, time; stops in order
//! restart  whether, when and with whom a child is restarted
//! reload   a newer component in the place of one that runs
//! ```
//!
//! The supervisor of guests for guests is in the SDK; this one is for embedders.
//!
//! # What survives a restart
//!
//! The handles among a child's arguments, if it may be restarted. The supervisor keeps a share of each, so while
//! no process of the child runs its channels stay open, its strong readers hold writers back, and
//! the next incarnation reads on behind the last frame that was taken out. What the earlier one had taken
//! out and not finished is lost: each frame is handed out at most once. A writer keeps its
//! id. What an incarnation has done to its ends stays done: one that was made weak is weak. One
//! that it dropped is there again, and so closes only when the child has ended for good; a
//! process that wants its readers to see the end of a channel while it runs must be restarted
//! [`Never`](Restart::Never), or make a writer of its own. For the same reason such an end cannot be sent with a frame:
//! that is denied.
//!
//! Nothing else: neither memory, nor handles that the process came by later, nor its children.
//!
//! A child that is restarted [`Never`](Restart::Never) is started as if there were no supervisor: it alone holds
//! its ends.
//!
//! # Reload
//!
//! [`Supervisor::reload`] makes every check of a start of the newer component while the older process still
//! runs, asks that one to stop, and starts the newer on the same handles once it has ended. So no
//! frame is lost that the older one did not take out, and order holds. A process that heeds the
//! request finishes what it has in hand; one that does not is killed after the grace. They
//! do not overlap: two readers of one place would each get some of the frames.
//!
//! Invariants:
//! - When a child has ended for good what was kept for it is closed at once, so that its neighbours
//!   see end-of-channel and are not held back.
//! - A reload that fails in any check leaves the older process as it was, and what a later restart
//!   is made of too.

mod budget;
mod child;
mod error;
mod event;
mod keeper;
mod reload;
mod restart;
mod spec;
mod task;

pub use error::{ReloadError, SuperviseError};
pub use event::{Cause, ChildEnd, Event, Next, Outcome};
pub use spec::{Anew, Backoff, ChildSpec, Restart, StopOrder, Strategy, Supervision};

use crate::host::Host;
use crate::process::{Monitor, Prepared};
use budget::Budget;
use child::Child;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;
use task::{Down, ORDERS, Order, Task};
use tokio::sync::{mpsc, oneshot, watch};

/// Runs children, starts them again as they end, and stops them in order. Cheap to clone;
/// dropping it changes nothing for the children.
#[derive(Clone)]
pub struct Supervisor {
    orders: mpsc::Sender<Order>,
    downs: watch::Sender<Option<Down>>,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// A supervisor whose children have all passed every check, and none has run.
pub struct PreparedSupervisor {
    host: Host,
    settings: Supervision,
    children: Vec<(Child, Prepared)>,
}

impl Supervisor {
    /// Checks all children, in order, and lays their processes out.
    ///
    /// # Errors
    /// [`SuperviseError`] names the child that cannot be started, and why; nothing is left behind
    /// then.
    pub fn prepare(
        host: &Host,
        settings: Supervision,
        children: Vec<ChildSpec>,
    ) -> Result<PreparedSupervisor, SuperviseError> {
        let mut names = BTreeSet::new();
        let children = children
            .into_iter()
            .map(|spec| {
                let child = spec.name.clone();
                if !names.insert(child.clone()) {
                    return Err(SuperviseError::SameName(child));
                }
                Child::new(host, spec).map_err(|cause| SuperviseError::Start { child, cause })
            })
            .collect::<Result<_, _>>()?;
        Ok(PreparedSupervisor {
            host: host.clone(),
            settings,
            children,
        })
    }

    /// Waits until all children have ended for good. One that has failed and can be made [anew](ChildSpec::anew) has not: a reload starts it
    /// again. Every waiter gets the same answer.
    pub async fn wait(&self) -> Outcome {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        }
        .unwrap_or(Outcome {
            cause: Cause::Interrupted,
            children: Vec::new(),
        })
    }

    /// Stops the children one after the other in the order that was chosen, kills those that are
    /// left when `grace` has passed, starts none any more, and returns when all have ended. Takes
    /// effect at once, during a back-off and a restart too. Who no longer waits for it does
    /// not call it off; of several such orders the earliest end holds.
    pub async fn stop(&self, grace: Duration) -> Outcome {
        self.go_down(Down::within(grace));
        self.wait().await
    }

    /// Kills all children and starts none any more, without waiting.
    pub fn kill(&self) {
        self.go_down(Down::at_once());
    }

    /// Stops one child for good, whatever its [`Restart`] says, kills it when it has not ended after `grace`, and returns
    /// how it ended; one that waits for a restart ends at once. None when there is no such child or the supervisor
    /// has ended. Who no longer waits for it does not call it off.
    pub async fn stop_child(&self, child: &str, grace: Duration) -> Option<ChildEnd> {
        let (reply, answer) = oneshot::channel();
        let child = child.to_owned();
        let order = Order::StopChild {
            child,
            grace,
            reply,
        };
        self.order(order).await;
        answer.await.ok()
    }

    /// Replaces the component of a child by the newest that the component store has under its
    /// name, and returns when the newer process has been started. A child that waits for a restart
    /// is started with it at once, and so is one that has failed for good, if its [`ChildSpec::anew`] says how. Who no
    /// longer waits for it does not call it off.
    ///
    /// # Errors
    /// [`ReloadError`] says why the child goes on as it was.
    pub async fn reload(&self, child: &str) -> Result<(), ReloadError> {
        let (reply, answer) = oneshot::channel();
        let child = child.to_owned();
        self.order(Order::Reload { child, reply }).await;
        answer.await.unwrap_or(Err(ReloadError::Stopping))
    }

    // A supervisor that has ended has nothing to obey.

    async fn order(&self, order: Order) {
        let _ = self.orders.send(order).await;
    }

    fn go_down(&self, down: Down) {
        self.downs
            .send_modify(|before| *before = Some(down.and(*before)));
    }
}

impl PreparedSupervisor {
    /// Runs the children, in order. `observer` is told of each start and each end; it is
    /// called by the supervisor's own task, which it should not hold up, and for the first starts
    /// by this call.
    pub fn launch(self, observer: impl FnMut(Event<'_>) + Send + 'static) -> Supervisor {
        let (orders, received) = mpsc::channel(ORDERS);
        let (downs, told) = watch::channel(None);
        let (tell, outcome) = watch::channel(None);
        let (children, prepared): (Vec<_>, Vec<_>) = self.children.into_iter().unzip();
        let runtime = self.host.runtime();
        let mut task = Task {
            budget: Budget::new(self.settings.max_restarts, self.settings.within),
            host: self.host,
            settings: self.settings,
            children,
            monitor: Monitor::new(),
            orders: received,
            downs: told,
            observer: Box::new(observer),
            halt: None,
            down: None,
            ended: Vec::new(),
            outcome: tell,
        };
        for (index, prepared) in prepared.into_iter().enumerate() {
            task.launch(index, prepared);
        }
        // It drops what was kept for children, as much as that may be.
        runtime.spawn(weft_channel::in_slices(Box::pin(task.run())));
        Supervisor {
            orders,
            downs,
            outcome,
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("outcome", &*self.outcome.borrow())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PreparedSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedSupervisor")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
