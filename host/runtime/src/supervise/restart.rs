//! Restarts: whether and when children are restarted, and which of them together.
//!
//! Strategies that restart several children start them together: none starts before all have been stopped and
//! every back-off is over, and all are laid out before the first runs.

use super::child::{Child, State};
use super::error::ReloadError;
use super::event::{Cause, ChildEnd, Next};
use super::spec::{Restart, Strategy};
use super::task::Task;
use crate::process::StartError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Stands for a back-off that the clock cannot add: a year.
const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Task {
    /// Restarts a child after its back-off, or gives up.
    pub(super) fn restart_later(&mut self, index: usize, ran: Duration) {
        let now = Instant::now();
        let Some(count) = self.budget.spend(now) else {
            return self.give_up(index);
        };
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        if ran >= self.settings.within {
            child.restarts = 0;
        }
        let after = self.settings.backoff.after(child.restarts);
        child.restarts = child.restarts.saturating_add(1);
        child.state = State::Waiting(now.checked_add(after).unwrap_or(now + FAR));
        self.tell(index, Next::Restart { after, count });
        self.stop_siblings(index);
    }

    /// A child was stopped for a sibling, or ended when it was about to be stopped.
    pub(super) fn wait_for_sibling(&mut self, index: usize) {
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        if child.restart == Restart::Never {
            return self.finish(index, Next::Nothing);
        }
        child.state = State::Waiting(Instant::now());
        self.tell(index, Next::RestartWithSibling);
    }

    fn give_up(&mut self, index: usize) {
        let Some(child) = self.children.get(index) else {
            return;
        };
        let Some(end) = child.last.clone() else {
            return;
        };
        let child = child.name.clone();
        self.finish(index, Next::GiveUp);
        self.go_down(Cause::GaveUp { child, end }, self.settings.grace);
    }

    /// The time of the next start.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.down.is_some() || self.halt.is_some() {
            return None;
        }
        let waiting = self.children.iter().filter_map(Child::waits_until);
        match self.settings.strategy {
            Strategy::OneForOne => waiting.min(),
            Strategy::OneForAll | Strategy::RestForOne => waiting.max(),
        }
    }

    /// Starts the children whose back-off is over.
    pub(super) fn restart_due(&mut self, now: Instant) {
        if self.due().is_none_or(|due| due > now) {
            return;
        }
        let waiting = self.children.iter().enumerate();
        let due: Vec<usize> = waiting
            .filter(|(_, child)| child.waits_until().is_some_and(|at| at <= now))
            .map(|(index, _)| index)
            .collect();
        match self.settings.strategy {
            Strategy::OneForOne => due.iter().for_each(|index| self.restart(&[*index])),
            Strategy::OneForAll | Strategy::RestForOne => self.restart(&due),
        }
    }

    /// Starts these children, all or none.
    fn restart(&mut self, children: &[usize]) {
        let mut laid_out = Vec::with_capacity(children.len());
        for &index in children {
            let Some(child) = self.children.get_mut(index) else {
                continue;
            };
            // It may have ended since, because the supervisor gave up on another child.
            if child.waits_until().is_none() {
                continue;
            }
            match child.prepare(&self.host, &child.image) {
                Ok(prepared) => laid_out.push((index, prepared)),
                Err(ReloadError::Start(StartError::ShuttingDown)) => {
                    return self.go_down(Cause::Stopped, self.settings.grace);
                }
                Err(ReloadError::Start(cause)) => {
                    child.last = Some(ChildEnd::NotStarted(Arc::new(cause)));
                    return self.restart_later(index, Duration::ZERO);
                }
                // This child is restarted `Never`, and its ends are gone. Children that may be restarted have
                // their ends kept.
                Err(_) => self.finish(index, Next::Nothing),
            }
        }
        for (index, prepared) in laid_out {
            self.launch(index, prepared);
        }
    }
}
