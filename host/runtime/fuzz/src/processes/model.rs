//! The naive model: what the end of a process means for all others.
//!
//! Ends spread along several ways at once, and which of them reaches a process first is not fixed: one
//! that is linked with a process that failed and is a child of another that ended is either ended
//! or asked to stop. So the model is asked with the statuses that were seen: it says who else
//! must end, and whether what was seen has a cause.

use super::op::Tie;
use std::collections::BTreeMap;

/// The number of a process, or of a monitor.
pub(super) type Id = usize;

/// How a process ended, as far as others care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It returned or stopped when it was asked.
    Well,
    /// It did not: the reason that links pass on.
    Badly(String),
}

/// Why a process has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// It was asked to stop.
    Asked,
    /// A linked process ended for this reason.
    Linked(String),
    /// It was told to end, in this way.
    Told,
}

#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) ended: Option<Ended>,
    parent: Option<(Id, Tie)>,
    /// Whom it is linked with, and whether it ordered their end itself and so is not told of it.
    links: BTreeMap<Id, bool>,
    /// Whom it was linked with when it was seen to have ended, and would have been told of.
    had: Vec<Id>,
    /// The monitor that traps its exits.
    takes: Option<Id>,
}

#[derive(Debug, Default)]
struct Monitor {
    gone: bool,
    /// Tags by process.
    watched: BTreeMap<Id, u64>,
    /// What it must have been told: process and tag.
    told: Vec<(Id, u64)>,
    /// What it may have been told besides.
    perhaps: Vec<(Id, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) processes: Vec<Process>,
    monitors: Vec<Monitor>,
    /// Why those have to end that are about to.
    causes: BTreeMap<Id, Vec<Cause>>,
}

impl Model {
    /// A process is started, by another perhaps.
    pub(super) fn start(&mut self, parent: Option<(Id, Tie)>) -> Id {
        let id = self.processes.len();
        let process = Process {
            parent,
            ..Process::default()
        };
        self.processes.push(process);
        if let Some((parent, Tie::Linked)) = parent {
            self.link(parent, id);
        }
        id
    }

    pub(super) fn alive(&self, id: Id) -> bool {
        self.processes[id].ended.is_none()
    }

    /// The starter of a process that lives, and how they are tied.
    pub(super) fn parent(&self, id: Id) -> Option<(Id, Tie)> {
        self.processes[id]
            .parent
            .filter(|(parent, _)| self.alive(*parent))
    }

    pub(super) fn link(&mut self, one: Id, other: Id) {
        if one == other {
            return;
        }
        match (self.alive(one), self.alive(other)) {
            (true, true) => {
                self.processes[one].links.entry(other).or_insert(false);
                self.processes[other].links.entry(one).or_insert(false);
            }
            (true, false) => self.peer_ended(one, other),
            (false, true) => self.peer_ended(other, one),
            (false, false) => {}
        }
    }

    pub(super) fn unlink(&mut self, one: Id, other: Id) {
        self.processes[one].links.remove(&other);
        self.processes[other].links.remove(&one);
    }

    /// `starter` lets go of a child that was started linked.
    pub(super) fn let_go(&mut self, starter: Id, child: Id) {
        if let Some(ordered) = self.processes[starter].links.get_mut(&child) {
            *ordered = true;
        }
        self.cause(child, Cause::Asked);
    }

    pub(super) fn monitor(&mut self) {
        self.monitors.push(Monitor::default());
    }

    pub(super) fn drop_monitor(&mut self, monitor: Id) {
        self.monitors[monitor].gone = true;
    }

    pub(super) fn watch(&mut self, monitor: Id, process: Id, tag: u64) {
        let alive = self.alive(process);
        let monitor = &mut self.monitors[monitor];
        match alive {
            true => drop(monitor.watched.insert(process, tag)),
            false => monitor.told.push((process, tag)),
        }
    }

    pub(super) fn unwatch(&mut self, monitor: Id, process: Id) {
        self.monitors[monitor].watched.remove(&process);
    }

    pub(super) fn trap_exits(&mut self, monitor: Id, process: Id) {
        self.processes[process].takes = Some(monitor);
    }

    /// A process has to end.
    pub(super) fn cause(&mut self, id: Id, cause: Cause) {
        if self.alive(id) {
            self.causes.entry(id).or_default().push(cause);
        }
    }

    /// Somebody who has to end and of whom it is not known how he did.
    pub(super) fn ending(&self) -> Option<Id> {
        self.causes.keys().copied().find(|id| self.alive(*id))
    }

    /// A process was seen to have ended in this way.
    pub(super) fn end(&mut self, id: Id, ended: Ended) {
        if let Ended::Badly(reason) = &ended {
            // Those that were seen first may have ended because of it all the same.
            for (peer, causes) in &mut self.causes {
                if self.processes[*peer].had.contains(&id) {
                    causes.push(Cause::Linked(reason.clone()));
                }
            }
        }
        self.processes[id].ended = Some(ended);
        let links = std::mem::take(&mut self.processes[id].links);
        if self.takes(id).is_none() {
            let told = links.iter().filter(|(_, ordered)| !**ordered);
            self.processes[id].had = told.map(|(peer, _)| *peer).collect();
        }
        if let Some(monitor) = self.takes(id) {
            // Those that end at the same time may have told it before it ended, though they were seen after it.
            let peers = links.keys().filter(|peer| self.causes.contains_key(peer));
            let perhaps = peers.map(|peer| (*peer, 0)).collect::<Vec<_>>();
            self.monitors[monitor].perhaps.extend(perhaps);
        }
        for (peer, _) in links {
            if self.processes[peer].links.remove(&id) == Some(false) {
                self.peer_ended(peer, id);
            }
        }
        for monitor in &mut self.monitors {
            if let Some(tag) = monitor.watched.remove(&id) {
                // Its tag is that of the watch even if links tell of it too.
                monitor.told.push((id, tag));
            }
        }
        let children: Vec<Id> = (0..self.processes.len())
            .filter(|child| {
                let parent = self.processes[*child].parent;
                parent.is_some_and(|(parent, tie)| parent == id && tie != Tie::Detached)
            })
            .collect();
        for child in children {
            self.cause(child, Cause::Asked);
        }
    }

    /// The monitor that traps the exits of a process.
    fn takes(&self, id: Id) -> Option<Id> {
        let takes = self.processes[id].takes;
        takes.filter(|monitor| !self.monitors[*monitor].gone)
    }

    /// `told` is linked with one that has ended.
    fn peer_ended(&mut self, told: Id, ended: Id) {
        let how = self.processes[ended].ended.clone().expect("it has ended");
        match self.takes(told) {
            Some(monitor) => {
                // One that ends itself may have ended first, and then takes nothing.
                let ending = !self.alive(told) || self.causes.contains_key(&told);
                let monitor = &mut self.monitors[monitor];
                if !monitor.watched.contains_key(&ended) {
                    match ending {
                        true => monitor.perhaps.push((ended, 0)),
                        false => monitor.told.push((ended, 0)),
                    }
                }
            }
            None => {
                if let Ended::Badly(reason) = how {
                    self.cause(told, Cause::Linked(reason));
                }
            }
        }
    }

    /// All have ended who had to. Why each did.
    pub(super) fn settled(&mut self) -> BTreeMap<Id, Vec<Cause>> {
        std::mem::take(&mut self.causes)
    }

    /// Whether a monitor has yet to be told something.
    pub(super) fn is_due(&self, monitor: Id) -> bool {
        !self.monitors[monitor].told.is_empty()
    }

    /// A monitor was told of a process, with this tag. Whether that was due, or may be.
    pub(super) fn was_told(&mut self, monitor: Id, told: (Id, u64)) -> bool {
        let Monitor {
            told: must,
            perhaps,
            ..
        } = &mut self.monitors[monitor];
        for list in [must, perhaps] {
            if let Some(at) = list.iter().position(|other| *other == told) {
                list.remove(at);
                return true;
            }
        }
        false
    }

    pub(super) fn monitors(&self) -> usize {
        self.monitors.len()
    }

    pub(super) fn gone(&self, monitor: Id) -> bool {
        self.monitors[monitor].gone
    }
}
