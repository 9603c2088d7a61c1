//! The task of a supervisor: one loop that handles ends, orders and timers.
//!
//! The loop never waits for a child: a stop in progress is a list of children left to stop, and a back-off is a
//! deadline. So an order takes effect at once.
//!
//! Invariants:
//! - Each child has at most one running process. Each end is handled once, when the monitor reports it.
//! - Once the supervisor goes down, nothing is started any more.

use super::budget::Budget;
use super::child::{Child, Reply, Running, State};
use super::error::ReloadError;
use super::event::{Cause, ChildEnd, Event, Next, Outcome};
use super::spec::{StopOrder, Strategy, Supervision};
use crate::host::Host;
use crate::process::{Exit, ExitStatus, Monitor, Prepared};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

/// Capacity of the queue of orders for single children. They are handled at once, so a longer queue would help nobody.
pub(super) const ORDERS: usize = 64;

/// An order for one child.
pub(super) enum Order {
    StopChild {
        child: String,
        grace: Duration,
        reply: oneshot::Sender<ChildEnd>,
    },
    Reload {
        child: String,
        reply: Reply,
    },
}

/// The order to end all children. Of several such orders the earliest deadline counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Down {
    /// When the remaining children are killed; never if the clock cannot represent the time.
    deadline: Option<Instant>,
    /// Kills them without asking first.
    kill: bool,
}

impl Down {
    pub(super) fn within(grace: Duration) -> Self {
        Self {
            deadline: Instant::now().checked_add(grace),
            kill: false,
        }
    }

    pub(super) fn at_once() -> Self {
        Self {
            kill: true,
            ..Self::within(Duration::ZERO)
        }
    }

    /// This order combined with an earlier one.
    pub(super) fn and(self, before: Option<Self>) -> Self {
        let deadlines = before.and_then(|before| before.deadline);
        Self {
            deadline: deadlines.into_iter().chain(self.deadline).min(),
            kill: self.kill || before.is_some_and(|before| before.kill),
        }
    }
}

pub(super) type Observer = Box<dyn FnMut(Event<'_>) + Send>;

pub(super) struct Task {
    pub(super) host: Host,
    pub(super) settings: Supervision,
    /// In the order of their start.
    pub(super) children: Vec<Child>,
    pub(super) monitor: Monitor,
    pub(super) budget: Budget,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) downs: watch::Receiver<Option<Down>>,
    pub(super) observer: Observer,
    /// The stop in progress: of siblings that are restarted with a child, or of all children.
    pub(super) halt: Option<Halt>,
    /// Why it goes down, once it does.
    pub(super) down: Option<Cause>,
    pub(super) ended: Vec<(String, ChildEnd)>,
    pub(super) outcome: watch::Sender<Option<Outcome>>,
}

/// Children to stop, one after the other.
#[derive(Default)]
pub(super) struct Halt {
    children: BTreeSet<usize>,
    /// When the remaining children are killed; never if the clock cannot represent the time.
    deadline: Option<Instant>,
}

impl Task {
    /// Supervises until every child has ended for good and no reload can start one again.
    pub(super) async fn run(mut self) {
        let (mut orders_end, mut downs_end) = (false, false);
        loop {
            self.proceed();
            let goes_on = |child: &Child| {
                let waits = self.down.is_none() && !orders_end && child.can_be_mended();
                waits || !child.has_ended()
            };
            if !self.children.iter().any(goes_on) {
                break;
            }
            let due = self.due();
            let due = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let runs = self.children.iter().any(|child| child.running().is_some());
            // Ends first: an order should see the current state.
            tokio::select! {
                biased;
                Some(exit) = self.monitor.next(), if runs => self.exited(exit),
                // All supervisor handles and orders are gone. The children go on.
                changed = self.downs.changed(), if !downs_end => match changed {
                    Ok(()) => self.obey_all(),
                    Err(_) => downs_end = true,
                },
                order = self.orders.recv(), if !orders_end => match order {
                    Some(order) => self.obey(order).await,
                    None => orders_end = true,
                },
                () = due => {}
            }
        }
        let outcome = Outcome {
            cause: self.down.take().unwrap_or(Cause::Done),
            children: std::mem::take(&mut self.ended),
        };
        self.outcome.send_replace(Some(outcome));
    }

    /// Does what is due now: starts children, and asks the next one to stop.
    fn proceed(&mut self) {
        let now = Instant::now();
        // First, since a failed start may stop others.
        self.restart_due(now);
        while let Some(halt) = &mut self.halt {
            let children = &self.children;
            let place = |index: &&usize| (children.get(**index).map(|it| it.stop_rank), **index);
            let next = match self.settings.stop_order {
                StopOrder::LastFirst => halt.children.iter().max_by_key(place),
                StopOrder::FirstFirst => halt.children.iter().min_by_key(place),
            };
            let Some(index) = next.copied() else {
                self.halt = None;
                return;
            };
            match self.children.get_mut(index).and_then(Child::running_mut) {
                Some(running) => {
                    if !running.asked {
                        running.asked = true;
                        running.process.stop_within(halt.left(now));
                    }
                    return;
                }
                None => halt.children.remove(&index),
            };
        }
    }

    /// Stops or kills all children.
    fn obey_all(&mut self) {
        let Some(down) = *self.downs.borrow_and_update() else {
            return;
        };
        self.go_down_by(Cause::Stopped, down.deadline);
        if down.kill {
            for running in self.children.iter().filter_map(Child::running) {
                running.process.kill();
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::StopChild {
                child,
                grace,
                reply,
            } => self.stop_child(&child, grace, reply),
            Order::Reload { child, reply } => self.reload(&child, reply).await,
        }
    }

    /// A process has ended.
    fn exited(&mut self, Exit { tag, status, .. }: Exit) {
        let index = usize::try_from(tag).unwrap_or(usize::MAX);
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        let State::Running(running) = std::mem::replace(&mut child.state, State::Ended) else {
            return;
        };
        let Running {
            since,
            asked,
            successor,
            ..
        } = running;
        let applies = child.restart.applies(status.is_success());
        // It finished by itself, before it saw any request to stop.
        let done = matches!(status, ExitStatus::Returned(_)) && !applies;
        child.last = Some(ChildEnd::Exited(status));
        if self.down.is_some() || done || !child.stopping.is_empty() {
            let name = child.name.clone();
            if let Some(successor) = successor {
                successor.give_up(|| Err(ReloadError::Ended(name.clone())));
            }
            return self.finish(index, Next::Nothing);
        }
        if asked {
            // The next incarnation uses the newer component, so the reload is as good as done.
            if let Some(successor) = successor {
                successor.give_up(|| Ok(()));
            }
            return self.wait_for_sibling(index);
        }
        if let Some(successor) = successor {
            return self.succeed(index, successor);
        }
        if !applies {
            return self.finish(index, Next::Nothing);
        }
        if self
            .halt
            .as_ref()
            .is_some_and(|halt| halt.children.contains(&index))
        {
            return self.wait_for_sibling(index);
        }
        self.restart_later(index, since.elapsed());
    }

    /// Runs a process that has been laid out for a child.
    pub(super) fn launch(&mut self, index: usize, prepared: Prepared) {
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        (self.observer)(Event::Started {
            child: &child.name,
            process: prepared.process(),
        });
        let again = child.last.is_some();
        self.host.count_start_of(&child.name, again);
        let process = child.launch(prepared);
        self.monitor.watch(&process, index as u64);
    }

    /// Ends a child for good, and reports it.
    pub(super) fn finish(&mut self, index: usize, next: Next) {
        self.end(index);
        self.tell(index, next);
    }

    fn end(&mut self, index: usize) {
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        child.finish();
        if let Some(end) = child.last.clone() {
            self.ended.push((child.name.clone(), end));
        }
    }

    /// Stops one child for good.
    fn stop_child(&mut self, name: &str, grace: Duration, reply: oneshot::Sender<ChildEnd>) {
        let found = self.children.iter().position(|child| child.name == name);
        let Some((index, child)) =
            found.and_then(|index| Some((index, self.children.get_mut(index)?)))
        else {
            return;
        };
        child.stopping.push(reply);
        child.anew = None;
        match &mut child.state {
            State::Running(running) => {
                if let Some(successor) = running.successor.take() {
                    let name = name.to_owned();
                    successor.give_up(|| Err(ReloadError::Ended(name.clone())));
                }
                running.process.stop_within(grace);
            }
            State::Waiting(_) => self.finish(index, Next::Nothing),
            State::Ended => child.answer_stops(),
        }
    }

    /// Reports how a child ended and what follows.
    pub(super) fn tell(&mut self, index: usize, next: Next) {
        if let Some(child) = self.children.get(index)
            && let Some(end) = &child.last
        {
            let waits = self.down.is_none() && child.can_be_mended();
            let next = match next {
                Next::Nothing if waits => Next::Mend,
                next => next,
            };
            (self.observer)(Event::Ended {
                child: &child.name,
                end,
                next,
            });
        }
    }

    /// Stops all running children and starts none any more. Children that wait for a restart end here.
    pub(super) fn go_down(&mut self, cause: Cause, grace: Duration) {
        self.go_down_by(cause, Instant::now().checked_add(grace));
    }

    fn go_down_by(&mut self, cause: Cause, mut deadline: Option<Instant>) {
        if self.down.is_some() {
            // It is going down already; the deadline can only move earlier.
            let before = self.halt.as_ref().and_then(|halt| halt.deadline);
            deadline = deadline.into_iter().chain(before).min();
        }
        self.down.get_or_insert(cause);
        for index in 0..self.children.len() {
            let Some(child) = self.children.get_mut(index) else {
                continue;
            };
            match &mut child.state {
                State::Waiting(_) => self.end(index),
                State::Running(running) => {
                    // It will be asked again, with this deadline.
                    running.asked = false;
                    if let Some(successor) = running.successor.take() {
                        successor.give_up(|| Err(ReloadError::Stopping));
                    }
                }
                State::Ended => {}
            }
        }
        self.halt = None;
        self.stop_in_order(0..self.children.len(), deadline);
    }

    /// Adds these children to the stop in progress, and sets its deadline. Only running ones are stopped.
    fn stop_in_order(&mut self, children: impl Iterator<Item = usize>, deadline: Option<Instant>) {
        let halt = self.halt.get_or_insert_default();
        halt.children.extend(children);
        halt.deadline = deadline;
    }

    /// Stops the siblings that are restarted with a child.
    pub(super) fn stop_siblings(&mut self, index: usize) {
        let deadline = Instant::now().checked_add(self.settings.grace);
        let all = 0..self.children.len();
        match self.settings.strategy {
            Strategy::OneForOne => {}
            Strategy::OneForAll => {
                self.stop_in_order(all.filter(|other| *other != index), deadline);
            }
            Strategy::RestForOne => {
                self.stop_in_order(all.filter(|other| *other > index), deadline);
            }
        }
    }
}

impl Halt {
    fn left(&self, now: Instant) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(now)
        })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.outcome.borrow().is_some() {
            return;
        }
        for running in self.children.iter().filter_map(Child::running) {
            running.process.kill();
        }
        self.outcome.send_replace(Some(Outcome {
            cause: Cause::Interrupted,
            children: std::mem::take(&mut self.ended),
        }));
    }
}
