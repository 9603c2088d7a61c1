//! The children of a supervisor as processes: started, awaited, stopped.
//!
//! What to do is decided in `plan`. Every wait and every timer is one future
//! in `events`, never given up and begun again, so that no end can be missed.
//!
//! Invariant: dropping a team kills what still runs.

use super::outcome::{ChildEnd, Ended, SupervisorError};
use super::plan::{Plan, Verdict};
use super::{ChildSpec, Supervisor};
use crate::error::Error;
use crate::process::{ExitStatus, Ownership, Process};
use crate::{log, time};
use futures::future::{Either, FutureExt, LocalBoxFuture, select};
use futures::stream::FuturesUnordered;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

pub(super) struct Team {
    plan: Plan,
    members: Vec<Member>,
    max_restarts: u32,
    within: Duration,
    grace: Duration,
    /// What is waited for. Never empty while the plan is not over.
    pub(super) events: FuturesUnordered<LocalBoxFuture<'static, Event>>,
}

struct Member {
    spec: ChildSpec,
    /// The incarnation that runs, as far as is known.
    process: Option<Rc<Process>>,
    /// How the last one ended.
    last: Option<ChildEnd>,
}

pub(super) enum Event {
    /// A child that was started in this round has ended.
    Ended {
        child: usize,
        round: u64,
        status: ExitStatus,
    },
    /// A back-off is over.
    Due { round: u64 },
    /// A restart counts no longer.
    Aged { child: usize, round: u64 },
}

impl Team {
    /// Starts all children in order, or none: those that run are stopped when
    /// one is refused.
    pub(super) async fn start(supervisor: Supervisor) -> Result<Self, SupervisorError> {
        let policies = supervisor.children.iter().map(|child| child.restart);
        let plan = Plan::new(
            supervisor.strategy,
            supervisor.backoff,
            supervisor.max_restarts,
            policies,
        );
        let members = supervisor.children.into_iter().map(|spec| Member {
            spec,
            process: None,
            last: None,
        });
        let mut team = Team {
            plan,
            members: members.collect(),
            max_restarts: supervisor.max_restarts,
            within: supervisor.within,
            grace: supervisor.grace,
            events: FuturesUnordered::new(),
        };
        for child in 0..team.members.len() {
            if let Err(cause) = team.start_one(child, 0) {
                let child = team.name(child);
                team.stop_all().await;
                return Err(SupervisorError::Start { child, cause });
            }
        }
        Ok(team)
    }

    pub(super) fn is_over(&self) -> bool {
        self.plan.is_over()
    }

    pub(super) async fn handle(&mut self, event: Event) -> Result<(), SupervisorError> {
        match event {
            Event::Ended {
                child,
                round,
                status,
            } => {
                let verdict = self.plan.ended(child, round, status.is_success());
                self.obey(child, ChildEnd::Exit(status), verdict).await
            }
            Event::Due { round } => {
                for child in self.plan.due(round) {
                    if let Err(error) = self.start_one(child, round) {
                        let end = ChildEnd::NotStarted(format!("{error:#}"));
                        let verdict = self.plan.ended(child, round, false);
                        // Those of the round that come after it are in the next.
                        return self.obey(child, end, verdict).await;
                    }
                }
                Ok(())
            }
            Event::Aged { child, round } => {
                self.plan.aged(child, round);
                Ok(())
            }
        }
    }

    /// Stops all that run, last first.
    pub(super) async fn stop_all(&mut self) {
        self.stop((0..self.members.len()).rev()).await;
    }

    /// How each child ended, in order.
    pub(super) fn ended(mut self) -> Vec<Ended> {
        let members = self.members.iter_mut();
        members
            .filter_map(|member| {
                Some(Ended {
                    name: std::mem::take(&mut member.spec.name),
                    end: member.last.take()?,
                })
            })
            .collect()
    }

    fn start_one(&mut self, child: usize, round: u64) -> Result<(), Error> {
        let Some(member) = self.members.get_mut(child) else {
            return Ok(());
        };
        let options = (member.spec.start)()?;
        // Not linked: a child's failure would end this process, unless a monitor took
        // its links, and those are the guest's own to take.
        let options = options.name(&member.spec.name).ownership(Ownership::Child);
        let process = Rc::new(Process::start(options)?);
        log::info!(child = member.spec.name.as_str(), process = process.id(); "child started");
        member.process = Some(Rc::clone(&process));
        self.events.push(Box::pin(async move {
            let status = process.wait().await;
            Event::Ended {
                child,
                round,
                status,
            }
        }));
        Ok(())
    }

    /// Does what was decided when this child had ended like this.
    async fn obey(
        &mut self,
        child: usize,
        end: ChildEnd,
        verdict: Verdict,
    ) -> Result<(), SupervisorError> {
        let Some(member) = self.members.get_mut(child) else {
            return Ok(());
        };
        if verdict == Verdict::Stale {
            return Ok(());
        }
        let name = member.spec.name.clone();
        member.process = None;
        member.last = Some(end.clone());
        match verdict {
            Verdict::Stale => {}
            Verdict::Ended => log::info!(child = name.as_str(); "child {end}"),
            Verdict::Restart { stop, after, round } => {
                log::warn!(child = name.as_str(); "child {end}; restart in {after:?}");
                self.stop(stop).await;
                self.events.push(Box::pin(async move {
                    time::sleep(after).await;
                    Event::Due { round }
                }));
                let window = after.saturating_add(self.within);
                self.events.push(Box::pin(async move {
                    time::sleep(window).await;
                    Event::Aged { child, round }
                }));
            }
            Verdict::GiveUp => {
                log::error!(child = name.as_str(); "child {end}; giving up");
                self.stop_all().await;
                return Err(SupervisorError::GaveUp {
                    child: name,
                    end,
                    max_restarts: self.max_restarts,
                    within: self.within,
                });
            }
        }
        Ok(())
    }

    /// Stops these one after the other, and kills those that have not ended when
    /// the grace has passed.
    async fn stop(&mut self, children: impl IntoIterator<Item = usize>) {
        let mut grace = self.grace;
        // Fused, as it is polled again after it has passed.
        let mut deadline = pin!(time::sleep(grace).fuse());
        for child in children {
            let Some(member) = self.members.get_mut(child) else {
                continue;
            };
            let Some(process) = member.process.take() else {
                continue;
            };
            let stopped = match select(pin!(process.stop(grace)), &mut deadline).await {
                Either::Left((stopped, _)) => stopped,
                Either::Right(_) => {
                    grace = Duration::ZERO;
                    process.stop(grace).await
                }
            };
            let name = member.spec.name.as_str();
            match stopped {
                Ok(status) => {
                    log::info!(child = name; "child {status}");
                    member.last = Some(ChildEnd::Exit(status));
                }
                Err(error) => log::error!(child = name; "child cannot be stopped: {error}"),
            }
        }
    }

    fn name(&self, child: usize) -> String {
        let member = self.members.get(child);
        member.map_or_else(String::new, |member| member.spec.name.clone())
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        for process in self.members.iter().filter_map(|m| m.process.as_ref()) {
            // It was started by this process, which may therefore kill it.
            let _ = process.kill();
        }
    }
}
