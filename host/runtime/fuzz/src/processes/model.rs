//! The naive model: what the end of a process means for all others.
//!
//! Ends spread along several paths at once, and the order is not fixed: a process that is linked with one that
//! failed and is a child of one that ended is either ended or asked to stop. So the model is given the observed
//! statuses. It says which others must end, and whether an observed status has a cause.

use super::op::Tie;
use std::collections::BTreeMap;

/// The number of a process or of a monitor.
pub(super) type Id = usize;

/// How a process ended, as far as other processes are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It returned, or stopped when asked.
    Well,
    /// It ended otherwise. The reason that links pass on.
    Badly(String),
}

/// Why a process has to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// It was asked to stop.
    Asked,
    /// A linked process ended for this reason.
    Linked(String),
    /// It was commanded to end in this way.
    Told,
}

#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) ended: Option<Ended>,
    parent: Option<(Id, Tie)>,
    /// The processes it is linked with. True if it ordered the peer's end, and so is not told of that end.
    links: BTreeMap<Id, bool>,
    /// The links it had when its end was observed, whose ends it would have been told of.
    had: Vec<Id>,
    /// The monitor that traps its exits.
    takes: Option<Id>,
}

#[derive(Debug, Default)]
struct Monitor {
    gone: bool,
    /// Tags by process.
    watched: BTreeMap<Id, u64>,
    /// Reports that are due: process and tag.
    told: Vec<(Id, u64)>,
    /// Reports that are possible but not required.
    perhaps: Vec<(Id, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) processes: Vec<Process>,
    monitors: Vec<Monitor>,
    /// The causes of the ends that are still to come.
    causes: BTreeMap<Id, Vec<Cause>>,
}

impl Model {
    /// A process is started, possibly by another process.
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

    /// The live starter of a process, and their tie.
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

    /// `starter` drops the handle of a child that was started linked.
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

    /// A process must end.
    pub(super) fn cause(&mut self, id: Id, cause: Cause) {
        if self.alive(id) {
            self.causes.entry(id).or_default().push(cause);
        }
    }

    /// A process that must end and whose end was not observed yet.
    pub(super) fn ending(&self) -> Option<Id> {
        self.causes.keys().copied().find(|id| self.alive(*id))
    }

    /// The end of a process was observed.
    pub(super) fn end(&mut self, id: Id, ended: Ended) {
        if let Ended::Badly(reason) = &ended {
            // Processes whose ends were observed first may still have ended because of this one.
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
            // A process that ends at the same time may have been reported before this one ended, though its end
            // was observed later.
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
                // The tag is that of the watch, even if a link reports the end too.
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

    /// `told` is linked with a process that has ended.
    fn peer_ended(&mut self, told: Id, ended: Id) {
        let how = self.processes[ended].ended.clone().expect("it has ended");
        match self.takes(told) {
            Some(monitor) => {
                // A process that is ending itself may have ended first; then its monitor gets no report.
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

    /// All ends have been observed. Returns their causes.
    pub(super) fn settled(&mut self) -> BTreeMap<Id, Vec<Cause>> {
        std::mem::take(&mut self.causes)
    }

    /// Whether a report of a monitor is still due.
    pub(super) fn is_due(&self, monitor: Id) -> bool {
        !self.monitors[monitor].told.is_empty()
    }

    /// A monitor reported a process, with this tag. Whether that was due or possible.
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
