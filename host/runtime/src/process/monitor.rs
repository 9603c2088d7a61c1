//! Monitors: the ends of processes as messages.
//!
//! A monitor is a queue. What watches a process lies with that process (`family`) and
//! puts its end here; whoever holds the monitor takes it.
//!
//! Invariant: an end that was watched for is delivered once, however often it was watched for until it was taken, unless it is unwatched before; and
//! whatever is watched or waits to be taken is paid for by who watches.

use super::exit::ExitStatus;
use super::family;
use super::handle::{Process, Shared};
use crate::account::{Charge, Exhausted};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// The end of a process, as a [`Monitor`] tells it.
#[derive(Clone, Debug)]
pub struct Exit {
    /// The process.
    pub process: Process,
    /// What [`Monitor::watch`] was given; 0 for a process that was only linked.
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
    /// The monitor is gone: nobody takes anything from here.
    closed: bool,
}

#[derive(Debug)]
struct Watched {
    tag: u64,
    _charge: Option<Charge>,
}

/// An end in the queue. It holds the process and not its status, so that many monitors do
/// not multiply a long one.
#[derive(Debug)]
struct Ended {
    process: Process,
    tag: u64,
    _charge: Option<Charge>,
}

/// What lies with a process that is watched.
#[derive(Debug)]
pub(super) struct Watch(Weak<Queue>);

impl Watch {
    /// Whether its monitor is still there.
    pub(super) fn is_live(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(super) fn is_of(&self, queue: &Arc<Queue>) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(queue))
    }

    /// Puts the end into the queue, if that is still there and waits for it.
    pub(super) fn deliver(self, ended: &Arc<Shared>) {
        if let Some(queue) = self.0.upgrade() {
            queue.push(ended);
        }
    }
}

impl Queue {
    fn push(&self, ended: &Arc<Shared>) {
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

    /// The end of a linked process, unless it is watched here too and so told anyway.
    /// False when nobody takes it any more.
    pub(super) fn push_linked(&self, ended: &Arc<Shared>, _charge: Option<Charge>) -> bool {
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
        // Who waits may have nothing to wait for any more.
        self.arrived.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Option<Exit> {
        let Ended { process, tag, .. } = self.ended.pop_front()?;
        // It has ended, so there is one.
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
        // Whoever tells of an end just now holds the queue a moment longer, and has to know.
        self.queue.state().closed = true;
    }
}

impl Monitor {
    /// A monitor that watches nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Watches a process: its end comes here, at once if it has ended. Watching it again
    /// changes its tag, also of an end that nobody has taken yet.
    pub fn watch(&self, process: &Process, tag: u64) {
        // Nothing is charged, so nothing can be exhausted.
        let _ = self.watch_paid(process, tag, || Ok(None));
    }

    /// As `watch`; `pay` is asked for the charge of a process not watched yet.
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

    /// Watches it no longer. An end that is in the queue stays there.
    pub fn unwatch(&self, process: &Process) {
        process.shared.unwatch(&self.queue);
        let watched = self.queue.state().watched.remove(&process.id());
        drop(watched);
        self.queue.arrived.notify_waiters();
    }

    /// From now on the ends of all processes linked with `process` come here, those with
    /// success too, and no longer end it.
    pub fn trap_exits(&self, process: &Process) {
        process.shared.trap_exits(&self.queue);
    }

    /// The next end, waiting for one. `None` when nothing is watched and no exits are trapped.
    /// A wait that is dropped has taken nothing.
    pub async fn next(&self) -> Option<Exit> {
        self.waiter().next().await
    }

    /// The next end, or `None` if none is there now.
    pub fn try_next(&self) -> Option<Exit> {
        self.queue.state().take()
    }

    /// What can wait for the next end without borrowing the monitor.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.queue.clone())
    }
}

/// Waits for a monitor's next end.
pub(crate) struct Waiter(Arc<Queue>);

impl Waiter {
    /// The next end; `None` when nothing is watched.
    pub(crate) async fn next(self) -> Option<Exit> {
        self.first(State::take).await
    }

    /// Whether there is an end to take, as soon as there is one; false when nothing is watched. Takes none.
    pub(crate) async fn arrival(self) -> bool {
        let there = |state: &mut State| (!state.ended.is_empty()).then_some(());
        self.first(there).await.is_some()
    }

    /// What is found in the state as soon as there is something to find; `None` when nothing is watched.
    async fn first<T>(self, find: impl Fn(&mut State) -> Option<T>) -> Option<T> {
        loop {
            let mut arrived = std::pin::pin!(self.0.arrived.notified());
            // From here on no arrival is missed.
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
    /// Links two processes: when one of them ends without success the other ends as
    /// [`ExitStatus::Linked`] at once, unless a [`Monitor`] traps its exits. Of one that has
    /// ended already this happens now.
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
