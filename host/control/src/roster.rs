//! The processes a runner knows: its children in any state, all other live processes of its host, mostly started by
//! guests, and the last ended ones of both, so that their logs can still be read.
//!
//! Children are what a [supervisor](weft_host::supervise::Supervisor) keeps, such as the processes of a manifest. A runner may have none.
//!
//! Invariants:
//! - The number of ended processes that are kept is bounded: [`ENDED`] of the others, and [`FORMER`] earlier
//!   incarnations of each child.
//! - Recording a start stays cheap however many processes there are, because starts are frequent.

use crate::looking::Lookers;
use crate::protocol::State;
use humantime::format_duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};
use tokio::sync::watch;
use weft_host::name::ProcessId;
use weft_host::{
    Host, HostChanges, Process,
    process::StartObserver,
    supervise::{ChildEnd, Event, Next},
};

/// Ended processes other than children that are kept for their logs. A log has at most a quarter of a megabyte.
const ENDED: usize = 64;

/// Earlier incarnations of a child that are kept for their logs: people ask about the last restarts.
const FORMER: usize = 8;

/// Processes that are recorded before the first sweep for ended ones.
const SWEEP_FROM: usize = 2 * ENDED;

/// Everything that one runner knows about its processes.
pub struct Roster {
    pub(crate) name: String,
    pub(crate) started: SystemTime,
    /// The same moment by a monotonic clock.
    pub(crate) since: Instant,
    pub(crate) host: Host,
    state: Mutex<Table>,
    pub(crate) lookers: Lookers,
    /// Counts the changes.
    changed: watch::Sender<u64>,
}

/// Reports changes in the roster and in the host.
pub(crate) struct Changes<'a> {
    roster: &'a Roster,
    seen: u64,
    host: HostChanges,
}

impl Changes<'_> {
    /// Resolves when something has changed since it last resolved, or since this was made.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            seen = self.roster.changed(self.seen) => self.seen = seen,
            true = self.host.next() => self.seen = self.roster.changes(),
        }
    }
}

#[derive(Default)]
pub(crate) struct Table {
    /// In the runner's order.
    pub(crate) children: Vec<Child>,
    /// Ended processes that are not children, oldest first.
    pub(crate) ended: VecDeque<Process>,
    /// Processes that are not children and were alive at the last sweep.
    pub(crate) others: BTreeMap<u64, Process>,
    /// The number of `others` at which the next sweep is due.
    sweep_at: usize,
}

/// A process that a supervisor keeps.
pub(crate) struct Child {
    name: String,
    /// None until the first start.
    pub(crate) process: Option<Process>,
    /// Its earlier incarnations, oldest first.
    former: VecDeque<Process>,
    state: State,
    pub(crate) starts: u64,
}

impl Roster {
    /// The roster of a runner of this name. `processes` are the names of its children; none of them has started.
    pub fn new<'a>(
        name: String,
        host: &Host,
        processes: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let children = processes.into_iter().map(|name| Child {
            name: name.clone(),
            process: None,
            former: VecDeque::new(),
            state: State::Running,
            starts: 0,
        });
        Self {
            name,
            started: SystemTime::now(),
            since: Instant::now(),
            host: host.clone(),
            state: Mutex::new(Table {
                children: children.collect(),
                ..Table::default()
            }),
            lookers: Lookers::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Records every process that starts in the host from now on, until the returned observer is dropped.
    pub fn observe(self: &Arc<Self>) -> StartObserver {
        // The host holds the observer, so the observer must not hold the host.
        let roster = Arc::downgrade(self);
        self.host.observe_starts(move |process| {
            if let Some(roster) = roster.upgrade() {
                roster.started(process);
            }
        })
    }

    /// Records an event of the supervisor.
    pub fn tell(&self, event: &Event<'_>) {
        let (Event::Started { child: name, .. } | Event::Ended { child: name, .. }) = event;
        let mut table = self.table();
        let child = table.children.iter_mut().find(|it| it.name == *name);
        let gone = child.and_then(|child| child.tell(event));
        drop(table);
        drop(gone);
        self.change();
    }

    /// A process is about to run.
    fn started(&self, process: &Process) {
        let mut table = self.table();
        // The supervisor reports the starts of children.
        let is_child = |child: &Child| child.name == process.name();
        if process.starter().is_none() && table.children.iter().any(is_child) {
            return;
        }
        table.others.insert(process.id(), process.clone());
        let due = table.others.len() > table.sweep_at.max(SWEEP_FROM);
        let gone = due.then(|| table.sweep());
        drop(table);
        drop(gone);
        self.change();
    }

    fn change(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    /// Resolves when something has changed since `seen`, and returns the new count.
    pub(crate) async fn changed(&self, seen: u64) -> u64 {
        let mut changed = self.changed.subscribe();
        match changed.wait_for(|changes| *changes > seen).await {
            Ok(changes) => *changes,
            // The sender lives in `self`.
            Err(_) => seen,
        }
    }

    /// Reports changes from now on, those of the host too.
    pub(crate) fn watch(&self) -> Changes<'_> {
        Changes {
            roster: self,
            seen: self.changes(),
            host: self.host.changes(),
        }
    }

    /// The number of changes so far.
    pub(crate) fn changes(&self) -> u64 {
        *self.changed.borrow()
    }

    /// The processes that `wanted` names, oldest first, ended ones included: a child by its name, else the process with
    /// this id, else all other processes of this name. Guests choose the names of their processes, so an id takes
    /// precedence over those names. Every name and id may be given in full as well, as `DEPLOYMENT/NAME` and `HOST/ID`.
    pub(crate) fn find(&self, wanted: &str) -> Vec<Process> {
        let found = self.find_here(wanted);
        let in_full = || match (wanted.parse::<ProcessId>(), wanted.split_once('/')) {
            (Ok(id), _) if id.host == *self.host.name() => Some(id.id.to_string()),
            (_, Some((deployment, name))) if deployment == self.name => Some(name.to_owned()),
            _ => None,
        };
        match in_full() {
            Some(here) if found.is_empty() => self.find_here(&here),
            _ => found,
        }
    }

    fn find_here(&self, wanted: &str) -> Vec<Process> {
        let table = self.table();
        let child = table.children.iter().find(|child| child.name == wanted);
        if let Some(child) = child {
            return child.incarnations().cloned().collect();
        }
        let others = || table.ended.iter().chain(table.others.values());
        let children = table.children.iter().flat_map(Child::incarnations);
        // Compare with the id as it is printed, so that `01` is a name.
        let is_it = |it: &&Process| it.id().to_string() == wanted;
        match children.chain(others()).find(is_it) {
            Some(found) => vec![found.clone()],
            None => others().filter(|it| it.name() == wanted).cloned().collect(),
        }
    }

    /// All processes, ended ones included: those of each child, oldest first, and then the others.
    pub(crate) fn all(&self) -> Vec<Process> {
        let table = self.table();
        let children = table.children.iter().flat_map(Child::incarnations);
        let others = table.ended.iter().chain(table.others.values());
        children.chain(others).cloned().collect()
    }

    /// Whether a child of this name may still start.
    pub(crate) fn may_start(&self, name: &str) -> bool {
        let table = self.table();
        let child = table.children.iter().find(|child| child.name == name);
        child.is_some_and(|child| !matches!(child.state, State::Ended(_)))
    }

    /// The name of the child whose current process this is.
    pub(crate) fn child_of(&self, process: &Process) -> Option<String> {
        let table = self.table();
        let is_it = |child: &&Child| child.process.as_ref().map(Process::id) == Some(process.id());
        let child = table.children.iter().find(is_it);
        child.map(|child| child.name.clone())
    }

    /// The name of the child that this process is, or was before a restart.
    pub(crate) fn child_with(&self, process: &Process) -> Option<String> {
        let table = self.table();
        let has_it = |child: &&Child| child.incarnations().any(|it| it.id() == process.id());
        let child = table.children.iter().find(has_it);
        child.map(|child| child.name.clone())
    }

    /// All names, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let table = self.table();
        let children = table.children.iter().map(|child| child.name.clone());
        let others = table.ended.iter().chain(table.others.values());
        let mut names: Vec<_> = children
            .chain(others.map(|it| it.name().to_owned()))
            .collect();
        drop(table);
        names.sort();
        names.dedup();
        names
    }

    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Child {
    /// Records an event of the supervisor, and returns the process that is no longer kept.
    fn tell(&mut self, event: &Event<'_>) -> Option<Process> {
        match event {
            Event::Started { process, .. } => {
                self.former
                    .extend(self.process.replace(Process::clone(process)));
                self.state = State::Running;
                self.starts += 1;
            }
            Event::Ended { end, next, .. } => self.state = after(end, *next),
        }
        (self.former.len() > FORMER).then(|| self.former.pop_front())?
    }

    fn incarnations(&self) -> impl Iterator<Item = &Process> {
        self.former.iter().chain(&self.process)
    }

    /// The state of the child.
    pub(crate) fn state(&self) -> State {
        match (&self.state, &self.process) {
            // The process may have ended before the supervisor reported it.
            (State::Running, Some(process)) => running(process),
            (state, _) => state.clone(),
        }
    }
}

impl Table {
    /// Moves the ended processes to `ended`, and returns those that are no longer kept.
    pub(crate) fn sweep(&mut self) -> Vec<Process> {
        let ended = |process: &Process| process.status().is_some();
        let over = self.others.extract_if(.., |_, process| ended(process));
        self.ended.extend(over.map(|(_, process)| process));
        self.sweep_at = 2 * self.others.len();
        let surplus = self.ended.len().saturating_sub(ENDED);
        self.ended.drain(..surplus).collect()
    }
}

fn after(end: &ChildEnd, next: Next) -> State {
    match next {
        Next::Nothing | Next::GiveUp | Next::Mend => State::Ended(end.to_string()),
        Next::Restart { after, .. } => {
            State::Waiting(format!("{end}; restarts in {}", format_duration(after)))
        }
        Next::RestartWithSibling | Next::Reload => State::Waiting(end.to_string()),
    }
}

/// The state of a process, without what its supervisor plans.
pub(crate) fn running(process: &Process) -> State {
    match process.status() {
        Some(status) => State::Ended(status.to_string()),
        None if process.stop_requested() => State::Stopping,
        None => State::Running,
    }
}
