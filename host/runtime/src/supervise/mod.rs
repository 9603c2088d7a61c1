//! Supervision: restarts processes when they end, and replaces them while they run.
//!
//! ```text
//! spec     the children and settings of a supervisor
//! event    what a supervisor reports
//! error    why a start or a reload fails
//! keeper   what a child is started with, kept between its incarnations
//! child    one child: running, waiting or ended
//! budget   the limit of restarts in a window
//! task     the loop: ends, orders, timers; stops in order
//! restart  whether and when children are restarted, and which of them together
//! reload   replaces a running process by one of a newer component
//! ```
//!
//! This supervisor is for embedders. The one for guests, written as a guest, is in the SDK.
//!
//! # What survives a restart
//!
//! The handles among a child's arguments survive, if the child may be restarted. The supervisor keeps a share of each.
//! So while no process of the child runs, its channels stay open, its strong readers hold writers back, and the next
//! incarnation reads on after the last frame that was taken. Frames that the earlier one had taken and not finished are
//! lost: each frame is delivered at most once. A writer keeps its id. Changes that an incarnation made to its ends
//! stay: a reader that was made weak is weak. If an incarnation dropped an end, the next one has it again; the end
//! closes only when the child has ended for good. A process whose readers are to see the end of a channel while it runs
//! must therefore be restarted [`Never`](Restart::Never), or make a writer of its own. For the same reason such an end
//! cannot be sent with a frame: that is denied.
//!
//! Nothing else survives: not memory, not handles that the process got later, not its children.
//!
//! A child that is restarted [`Never`](Restart::Never) is started as without a supervisor: it alone holds its ends.
//!
//! # Reload
//!
//! [`Supervisor::reload`] makes every check of a start for the newer component while the older process still
//! runs. Then it asks the older process to stop, and starts the newer one on the same handles once the older
//! has ended. So the newer process gets every frame that the older did not take, in order. A process that heeds
//! the request finishes its current work; one that does not is killed after the grace period. The two do not
//! overlap: two readers that share a position would each get some of the frames.
//!
//! Invariants:
//! - When a child has ended for good, its kept handles are closed at once, so that its neighbours see
//!   end-of-channel and are not held back.
//! - A reload that fails a check leaves the older process running, and later restarts use the older component.
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

/// Runs children, restarts them when they end, and stops them in order. Cheap to clone. Dropping it does not
/// affect the children.
#[derive(Clone)]
pub struct Supervisor {
    orders: mpsc::Sender<Order>,
    downs: watch::Sender<Option<Down>>,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// A supervisor whose children have passed every check and do not run yet.
pub struct PreparedSupervisor {
    host: Host,
    settings: Supervision,
    children: Vec<(Child, Prepared)>,
}

impl Supervisor {
    /// Checks all children, in order, and lays their processes out.
    ///
    /// # Errors
    /// [`SuperviseError`] names the child that cannot be started, and why. Nothing is left behind then.
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

    /// Waits until all children have ended for good. A child that has failed and can be started [anew](ChildSpec::anew) has not ended for
    /// good, as a reload starts it again. Every waiter gets the same answer.
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

    /// Stops the children one after the other in the chosen order, kills the rest when `grace` has passed,
    /// starts none any more, and returns when all have ended. Takes effect at once, even during a back-off or a
    /// restart. Dropping the future does not cancel the order. Of several such orders the earliest deadline
    /// counts.
    pub async fn stop(&self, grace: Duration) -> Outcome {
        self.go_down(Down::within(grace));
        self.wait().await
    }

    /// Kills all children and starts none any more, without waiting.
    pub fn kill(&self) {
        self.go_down(Down::at_once());
    }

    /// Stops one child for good, whatever its [`Restart`], kills it if it has not ended after `grace`, and returns how it
    /// ended. A child that waits for a restart ends at once. None when there is no such child or the supervisor has
    /// ended. Dropping the future does not cancel the order.
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

    /// Replaces the component of a child by the newest one with its name in the component store, and returns when the
    /// newer process has been started. A child that waits for a restart is started with it at once. So is a child that
    /// has failed for good, if it has [`ChildSpec::anew`]. Dropping the future does not cancel the order.
    ///
    /// # Errors
    /// [`ReloadError`] says why the child is unchanged.
    pub async fn reload(&self, child: &str) -> Result<(), ReloadError> {
        let (reply, answer) = oneshot::channel();
        let child = child.to_owned();
        self.order(Order::Reload { child, reply }).await;
        answer.await.unwrap_or(Err(ReloadError::Stopping))
    }

    // A supervisor that has ended ignores orders.

    async fn order(&self, order: Order) {
        let _ = self.orders.send(order).await;
    }

    fn go_down(&self, down: Down) {
        self.downs
            .send_modify(|before| *before = Some(down.and(*before)));
    }
}

impl PreparedSupervisor {
    /// Runs the children, in order. `observer` is called for each start and each end. This call calls it for
    /// the first starts; later the supervisor's own task does, so it must not block.
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
        // Sliced: the task drops what was kept for children, which can be a lot of work.
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
