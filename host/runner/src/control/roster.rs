//! The processes a runner knows: those of the manifest whatever became of them, those that guests have
//! started, and of both the last that ended, so that their logs can still be read.
//!
//! Invariants:
//! - Ended processes are kept by the number: [`ENDED`] of those that guests started, [`FORMER`] that a
//!   process of the manifest was before its last restart.
//! - To note a start costs the same however many there are: starts are many and must stay cheap.

use super::protocol::State;
use humantime::format_duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};
use tokio::sync::watch;
use weft_channel::{Channel, Observer};
use weft_host::{ChildEnd, Event, Host, Next, Process, StartObserver};

/// Ended processes of guests that are kept for their logs: a log is a quarter of a megabyte at most.
const ENDED: usize = 64;

/// What a process of the manifest was before, kept for its logs: the last restarts are those that people ask about.
const FORMER: usize = 8;

/// Processes of guests that may be noted before the first look for ended ones.
const SWEEP_FROM: usize = 2 * ENDED;

/// What one runner knows.
pub(crate) struct Roster {
    pub(super) name: String,
    pub(super) started: SystemTime,
    /// The same by a clock that nobody sets.
    pub(super) since: Instant,
    pub(super) host: Host,
    /// Of the manifest, in its order.
    pub(super) channels: Vec<(String, Observer)>,
    state: Mutex<Table>,
    /// Counts the changes.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
pub(super) struct Table {
    /// Of the manifest, in its order.
    pub(super) children: Vec<Child>,
    /// Those that were started by guests and have ended, oldest first.
    pub(super) ended: VecDeque<Process>,
    /// Those that were started by guests and were alive when last looked at.
    pub(super) others: BTreeMap<u64, Process>,
    /// How many of those there may be until the next look.
    sweep_at: usize,
}

/// A process of the manifest.
pub(super) struct Child {
    name: String,
    /// None until it is first started.
    pub(super) process: Option<Process>,
    /// What it was before, oldest first.
    former: VecDeque<Process>,
    state: State,
    pub(super) starts: u64,
}

impl Roster {
    /// A runner of this name with these processes and channels, of which none has started.
    pub(crate) fn new<'a>(
        name: String,
        host: &Host,
        processes: impl IntoIterator<Item = &'a String>,
        channels: impl IntoIterator<Item = (&'a String, &'a Channel)>,
    ) -> Self {
        let children = processes.into_iter().map(|name| Child {
            name: name.clone(),
            process: None,
            former: VecDeque::new(),
            state: State::Running,
            starts: 0,
        });
        let channels = channels.into_iter();
        Self {
            name,
            started: SystemTime::now(),
            since: Instant::now(),
            host: host.clone(),
            channels: channels
                .map(|(name, channel)| (name.clone(), channel.observer()))
                .collect(),
            state: Mutex::new(Table {
                children: children.collect(),
                ..Table::default()
            }),
            changed: watch::Sender::new(0),
        }
    }

    /// Takes note of what guests start, for as long as what is returned is held.
    pub(crate) fn observe(self: &Arc<Self>) -> StartObserver {
        // The host keeps the observer, which must not keep the host.
        let roster = Arc::downgrade(self);
        self.host.observe_starts(move |process| {
            if let Some(roster) = roster.upgrade() {
                roster.started(process);
            }
        })
    }

    /// Takes what a supervisor tells.
    pub(crate) fn tell(&self, event: &Event<'_>) {
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
        if process.starter().is_none() {
            return;
        }
        let mut table = self.table();
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

    /// Resolves when something has changed since `seen`, and says up to where.
    pub(crate) async fn changed(&self, seen: u64) -> u64 {
        let mut changed = self.changed.subscribe();
        match changed.wait_for(|changes| *changes > seen).await {
            Ok(changes) => *changes,
            // The sender lives in `self`.
            Err(_) => seen,
        }
    }

    /// How many changes there were.
    pub(crate) fn changes(&self) -> u64 {
        *self.changed.borrow()
    }

    /// The processes that a word means, oldest first: those of the manifest by their name, else all that
    /// guests have given that name, else the one of this id. Ended ones too.
    pub(crate) fn find(&self, wanted: &str) -> Vec<Process> {
        let table = self.table();
        let child = table.children.iter().find(|child| child.name == wanted);
        if let Some(child) = child {
            return child.incarnations().cloned().collect();
        }
        let others = || table.ended.iter().chain(table.others.values());
        let named: Vec<_> = others().filter(|it| it.name() == wanted).cloned().collect();
        let (true, Ok(id)) = (named.is_empty(), wanted.parse::<u64>()) else {
            return named;
        };
        let children = table.children.iter().flat_map(Child::incarnations);
        let found = children.chain(others()).find(|it| it.id() == id);
        found.into_iter().cloned().collect()
    }

    /// Whether a process of the manifest of this name may still come.
    pub(crate) fn may_start(&self, name: &str) -> bool {
        let table = self.table();
        let child = table.children.iter().find(|child| child.name == name);
        child.is_some_and(|child| !matches!(child.state, State::Ended(_)))
    }

    /// The name in the manifest of what this process is the last incarnation of.
    pub(crate) fn child_of(&self, process: &Process) -> Option<String> {
        let table = self.table();
        let is_it = |child: &&Child| child.process.as_ref().map(Process::id) == Some(process.id());
        let child = table.children.iter().find(is_it);
        child.map(|child| child.name.clone())
    }

    /// All names there are, each once.
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

    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Child {
    /// Takes what a supervisor tells of it, and returns what is kept no longer.
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

    /// What it is doing.
    pub(super) fn state(&self) -> State {
        match (&self.state, &self.process) {
            // It may have ended, and the supervisor not have told yet.
            (State::Running, Some(process)) => running(process),
            (state, _) => state.clone(),
        }
    }
}

impl Table {
    /// Moves those that have ended, and returns those that are kept no longer.
    pub(super) fn sweep(&mut self) -> Vec<Process> {
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

/// What a process is doing, by itself.
pub(super) fn running(process: &Process) -> State {
    match process.status() {
        Some(status) => State::Ended(status.to_string()),
        None if process.stop_requested() => State::Stopping,
        None => State::Running,
    }
}
