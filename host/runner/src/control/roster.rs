//! The processes a runner knows: those of the manifest whatever became of them, those that live, and of the others the
//! last that ended, so that their logs can still be read.
//!
//! Invariant: of ended processes that no manifest names at most [`ENDED`] are kept, the last ones.

use super::protocol::{ChannelRow, ProcessRow, Snapshot, State};
use humantime::format_duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use weft_channel::{Channel, Observation, Observer};
use weft_host::{ChildEnd, Event, Host, Next, Process};

/// Ended processes that are kept for their logs: a log is a quarter of a megabyte at most.
const ENDED: usize = 64;

/// What one runner knows.
pub(crate) struct Roster {
    name: String,
    started: SystemTime,
    host: Host,
    /// Of the manifest, in its order.
    channels: Vec<(String, Observer)>,
    state: Mutex<Table>,
    /// Counts the changes.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Table {
    /// Of the manifest, in its order.
    children: Vec<Child>,
    /// Those that were started by guests and have ended, oldest first.
    ended: VecDeque<Process>,
    /// Those that were started by guests and were alive when last looked at.
    others: BTreeMap<u64, Process>,
}

struct Child {
    name: String,
    process: Option<Process>,
    state: State,
    starts: u64,
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
            state: State::Running,
            starts: 0,
        });
        let channels = channels.into_iter();
        Self {
            name,
            started: SystemTime::now(),
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

    /// Takes what a supervisor tells.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        let mut table = self.table();
        let (child, change): (_, Box<dyn FnOnce(&mut Child)>) = match event {
            Event::Started { child, process } => {
                let process = Process::clone(process);
                let change = move |child: &mut Child| {
                    child.process = Some(process);
                    child.state = State::Running;
                    child.starts += 1;
                };
                (*child, Box::new(change))
            }
            Event::Ended { child, end, next } => {
                let state = after(end, *next);
                (*child, Box::new(move |child: &mut Child| child.state = state))
            }
        };
        if let Some(child) = table.children.iter_mut().find(|it| it.name == child) {
            change(child);
        }
        drop(table);
        self.changed.send_modify(|changes| *changes += 1);
    }

    /// A process that a guest has started is about to run.
    pub(crate) fn started(&self, process: &Process) {
        if process.starter().is_some() {
            let mut table = self.table();
            table.others.insert(process.id(), process.clone());
            let gone = table.sweep();
            drop(table);
            drop(gone);
            self.changed.send_modify(|changes| *changes += 1);
        }
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

    /// The processes of a name, or the one of an id, oldest first; those that have ended too.
    pub(crate) fn find(&self, wanted: &str) -> Vec<Process> {
        let mut found: Vec<_> = self
            .all()
            .into_iter()
            .filter(|process| process.name() == wanted)
            .collect();
        if found.is_empty()
            && let Ok(id) = wanted.parse::<u64>()
        {
            found.extend(self.all().into_iter().find(|process| process.id() == id));
        }
        found.sort_by_key(Process::id);
        found
    }

    /// Whether a process of this name may still come.
    pub(crate) fn may_start(&self, name: &str) -> bool {
        let table = self.table();
        let child = table.children.iter().find(|child| child.name == name);
        child.is_some_and(|child| !matches!(child.state, State::Ended(_)))
    }

    /// Whether this is a process of the manifest.
    pub(crate) fn is_child(&self, name: &str) -> bool {
        self.table().children.iter().any(|child| child.name == name)
    }

    /// All names there are, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.all().iter().map(|it| it.name().to_owned()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn all(&self) -> Vec<Process> {
        let table = self.table();
        let children = table.children.iter().filter_map(|it| it.process.clone());
        let others = table.ended.iter().chain(table.others.values()).cloned();
        children.chain(others).collect()
    }

    /// Everything there is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut table = self.table();
        let gone = table.sweep();
        let children = table.children.iter().filter_map(|child| {
            let state = match &child.state {
                State::Running => running(child.process.as_ref()?),
                state => state.clone(),
            };
            Some(row(child.process.as_ref()?, state, child.starts))
        });
        let others = table.others.values().chain(&table.ended);
        let others = others.map(|process| row(process, running(process), 1));
        let processes = children.chain(others).collect();
        drop(table);
        drop(gone);
        let named = self.channels.iter().map(|(name, observer)| {
            // One that nobody holds any more has nothing left in it.
            channel_row(name.clone(), None, observer.observe().unwrap_or_default())
        });
        let made = self.host.channels().into_iter().map(|made| {
            let maker = format!("{} ({})", made.maker_name, made.maker);
            channel_row(format!("#{}", made.id), Some(maker), made.observation)
        });
        Snapshot {
            runner: self.name.clone(),
            pid: std::process::id(),
            taken: nanoseconds(SystemTime::now()),
            started: nanoseconds(self.started),
            processes,
            channels: named.chain(made).collect(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Moves those that have ended, and returns those that are let go.
    fn sweep(&mut self) -> Vec<Process> {
        let ended = |process: &Process| process.status().is_some();
        let over: Vec<_> = self.others.extract_if(.., |_, it| ended(it)).collect();
        self.ended.extend(over.into_iter().map(|(_, process)| process));
        let surplus = self.ended.len().saturating_sub(ENDED);
        self.ended.drain(..surplus).collect()
    }
}

fn after(end: &ChildEnd, next: Next) -> State {
    match next {
        Next::Nothing | Next::GiveUp => State::Ended(end.to_string()),
        Next::Restart { after, .. } => {
            State::Waiting(format!("{end}, restarts within {}", format_duration(after)))
        }
        Next::RestartWithSibling | Next::Reload => State::Waiting(end.to_string()),
    }
}

fn running(process: &Process) -> State {
    match process.status() {
        Some(status) => State::Ended(status.to_string()),
        None if process.stop_requested() => State::Stopping,
        None => State::Running,
    }
}

fn row(process: &Process, state: State, starts: u64) -> ProcessRow {
    let usage = process.usage();
    ProcessRow {
        id: process.id(),
        name: process.name().to_owned(),
        component: process.component().to_owned(),
        state,
        started: nanoseconds(process.started()),
        cpu_time: u64::try_from(usage.cpu_time.as_nanos()).unwrap_or(u64::MAX),
        memory: usage.memory,
        handles: usage.handles,
        channels: usage.channels,
        children: usage.children,
        restarts: starts.saturating_sub(1),
        starter: process.starter(),
    }
}

fn channel_row(name: String, maker: Option<String>, seen: Observation) -> ChannelRow {
    let stats = seen.stats;
    ChannelRow {
        name,
        maker,
        capacity: stats.capacity,
        frames_written: stats.frames_written,
        bytes_written: seen.bytes_written,
        frames_held: stats.frames_held,
        bytes_held: stats.bytes_held,
        dropped: stats.frames_dropped,
        lag: seen.lag,
        readers: stats.strong_readers + stats.weak_readers,
        writers: stats.strong_writers + stats.weak_writers,
    }
}

/// Nanoseconds since 1970.
fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
