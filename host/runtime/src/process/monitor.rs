//! Monitors: the ends of processes as messages.
//!
//! A monitor is a queue. A watched process keeps a `Watch` (see `family`), which puts its end into the queue. The holder of the monitor takes it
//! out.
//!
//! Invariants:
//! - A watched end is delivered once, even if the process was watched several times before it was taken. It is not delivered if it is unwatched
//!   before.
//! - The watching process pays for each watch, and for each end until it is taken.

use super::exit::ExitStatus;
use super::family;
use super::handle::{Process, ProcessShared};
use crate::account::{Charge, Exhausted};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// The end of a process, as a [`Monitor`] reports it.
#[derive(Clone, Debug)]
pub struct Exit {
    /// The process.
    pub process: Process,
    /// The tag given to [`Monitor::watch`]; 0 for a process that was only linked.
    pub tag: u64,
    /// How it ended.
    pub status: ExitStatus,
}

/// A queue of the ends of processes, in the order in which they happened, each once.
#[derive(Debug, Default)]
pub struct Monitor {
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    ended: VecDeque<Ended>,
    /// By process id.
    watched: BTreeMap<u64, Watched>,
    traps_exits: bool,
    /// The monitor is dropped: nobody takes ends from this queue.
    closed: bool,
}

#[derive(Debug)]
struct Watched {
    tag: u64,
    _charge: Option<Charge>,
}

/// An end in the queue. It holds the process and not the status, so that a long status is not copied for each
/// monitor.
#[derive(Debug)]
struct Ended {
    process: Process,
    tag: u64,
    _charge: Option<Charge>,
}

/// What a watched process keeps for a monitor.
#[derive(Debug)]
pub(super) struct Watch(Weak<Queue>);

impl Watch {
    /// Whether its monitor still exists.
    pub(super) fn is_live(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(super) fn is_of(&self, queue: &Arc<Queue>) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(queue))
    }

    /// Puts the end into the queue, if the queue still exists and waits for it.
    pub(super) fn deliver(self, ended: &Arc<ProcessShared>) {
        if let Some(queue) = self.0.upgrade() {
            queue.push(ended);
        }
    }
}

impl Queue {
    fn push(&self, ended: &Arc<ProcessShared>) {
        let mut state = self.state();
        let Some(Watched { tag, _charge }) = state.watched.remove(&ended.id) else {
            return;
        };
        state.ended.push_back(Ended {
            process: Process::of(ended),
            tag,
            _charge,
        });
        drop(state);
        self.arrived.notify_waiters();
    }

    /// Queues the end of a linked process, unless that process is watched here too: then the watch delivers it.
    /// False if the monitor is dropped.
    pub(super) fn push_linked(&self, ended: &Arc<ProcessShared>, _charge: Option<Charge>) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        if state.watched.contains_key(&ended.id) {
            return true;
        }
        state.ended.push_back(Ended {
            process: Process::of(ended),
            tag: 0,
            _charge,
        });
        drop(state);
        self.arrived.notify_waiters();
        true
    }

    pub(super) fn set_traps_exits(&self, takes: bool) {
        self.state().traps_exits = takes;
        // A waiter may have nothing to wait for any more.
        self.arrived.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Option<Exit> {
        let Ended { process, tag, .. } = self.ended.pop_front()?;
        // The process has ended, so it has a status.
        let status = process.status().unwrap_or(ExitStatus::Killed);
        Some(Exit {
            process,
            tag,
            status,
        })
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        // A thread that reports an end at this moment still holds the queue, and must see that it is closed.
        self.queue.state().closed = true;
    }
}

impl Monitor {
    /// A monitor that watches nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Watches a process: its end is queued here, at once if it has ended. Watching a process again changes its
    /// tag, even for an end that is queued already.
    pub fn watch(&self, process: &Process, tag: u64) {
        // Nothing is charged, so this cannot fail.
        let _ = self.watch_paid(process, tag, || Ok(None));
    }

    /// Like `watch`; calls `pay` for a process that is not watched yet.
    pub(crate) fn watch_paid(
        &self,
        process: &Process,
        tag: u64,
        pay: impl FnOnce() -> Result<Option<Charge>, Exhausted>,
    ) -> Result<(), Exhausted> {
        let mut state = self.queue.state();
        if let Some(watched) = state.watched.get_mut(&process.id()) {
            watched.tag = tag;
            return Ok(());
        }
        let told = |ended: &&mut Ended| ended.process.id() == process.id();
        if let Some(ended) = state.ended.iter_mut().find(told) {
            ended.tag = tag;
            return Ok(());
        }
        let _charge = pay()?;
        state.watched.insert(process.id(), Watched { tag, _charge });
        drop(state);
        let watch = Watch(Arc::downgrade(&self.queue));
        if let Err(watch) = process.shared.watch(watch) {
            watch.deliver(&process.shared);
        }
        Ok(())
    }

    /// Stops watching a process. An end that is queued stays queued.
    pub fn unwatch(&self, process: &Process) {
        process.shared.unwatch(&self.queue);
        let watched = self.queue.state().watched.remove(&process.id());
        drop(watched);
        self.queue.arrived.notify_waiters();
    }

    /// From now on the ends of all processes linked with `process` are queued here, successful ends too, and no
    /// longer end it.
    pub fn trap_exits(&self, process: &Process) {
        process.shared.trap_exits(&self.queue);
    }

    /// Waits for the next end. `None` when nothing is watched and no exits are trapped. A dropped wait takes
    /// nothing.
    pub async fn next(&self) -> Option<Exit> {
        self.waiter().next().await
    }

    /// The next end; `None` if none is queued.
    pub fn try_next(&self) -> Option<Exit> {
        self.queue.state().take()
    }

    /// Waits for the next end without borrowing the monitor.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.queue.clone())
    }
}

/// Waits for a monitor's next end.
pub(crate) struct Waiter(Arc<Queue>);

impl Waiter {
    /// The next end; `None` when nothing is watched and no exits are trapped.
    pub(crate) async fn next(self) -> Option<Exit> {
        self.first(State::take).await
    }

    /// Waits until an end is queued, and takes none. False when nothing is watched and no exits are trapped.
    pub(crate) async fn arrival(self) -> bool {
        let there = |state: &mut State| (!state.ended.is_empty()).then_some(());
        self.first(there).await.is_some()
    }

    /// Waits until `find` finds something in the state. `None` when nothing is watched and no exits are
    /// trapped.
    async fn first<T>(self, find: impl Fn(&mut State) -> Option<T>) -> Option<T> {
        loop {
            let mut arrived = std::pin::pin!(self.0.arrived.notified());
            // Enabled before the look at the state, so that no arrival is missed.
            arrived.as_mut().enable();
            {
                let mut state = self.0.state();
                if let Some(found) = find(&mut state) {
                    return Some(found);
                }
                if state.watched.is_empty() && !state.traps_exits {
                    return None;
                }
            }
            arrived.await;
        }
    }
}

impl Process {
    /// Links two processes: when one ends without success, the other ends as [`ExitStatus::Linked`] at once,
    /// unless a [`Monitor`] traps its exits. If one has ended already, this happens now.
    pub fn link(&self, other: &Process) {
        family::link(&self.shared, &other.shared, None);
    }

    /// Undoes a link.
    pub fn unlink(&self, other: &Process) {
        family::unlink(&self.shared, &other.shared);
    }

    /// The live processes it has started, oldest first.
    pub fn children(&self) -> Vec<Process> {
        self.shared.children()
    }
}
