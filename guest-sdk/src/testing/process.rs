//! The processes of a test: what the kit keeps of each.
//!
//! Invariant: a process that has a status does nothing any more: its writes send nothing and its reads take nothing.

use super::engine::Rejected;
use super::series::Series;
use super::world::{self, Killed, Made, World, world};
use crate::bindings::weft::fabric::{log as raw_log, process as raw};
use crate::task::Locals;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::rc::{Rc, Weak};
use std::task::Waker;

/// What happens to a process at a chosen frame.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    Stop,
    Kill,
}

/// When.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Read,
    Written,
}

/// A process.
pub(super) struct Proc {
    pub(super) id: u64,
    pub(super) name: RefCell<String>,
    status: RefCell<Option<raw::ExitStatus>>,
    stop: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
    pub(super) log: RefCell<Vec<raw_log::Entry>>,
    /// The series of its metrics, in the order in which they were opened.
    pub(super) metrics: RefCell<Vec<Rc<Series>>>,
    /// What the SDK keeps for it while others run.
    pub(super) locals: RefCell<Locals>,
    read: Cell<u64>,
    written: Cell<u64>,
    fates: RefCell<Vec<(Count, u64, Fate)>>,
    watchers: RefCell<Vec<(Weak<Queue>, u64)>>,
}

/// The ends that a monitor has to tell.
#[derive(Default)]
pub(super) struct Queue {
    exits: RefCell<VecDeque<raw::Exit>>,
    watched: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

impl Queue {
    pub(super) fn take(&self) -> Option<raw::Exit> {
        self.exits.borrow_mut().pop_front()
    }

    /// Whether there is an end to take; `None`: not yet.
    pub(super) fn look(&self, waker: &Waker) -> Option<bool> {
        if !self.exits.borrow().is_empty() {
            return Some(true);
        }
        if self.watched.get() == 0 {
            return Some(false);
        }
        self.waiting.borrow_mut().push(waker.clone());
        None
    }

    fn tell(&self, exit: raw::Exit) {
        self.watched.set(self.watched.get().saturating_sub(1));
        self.exits.borrow_mut().push_back(exit);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }
}

impl Proc {
    pub(super) fn new(world: &World, name: &str) -> Rc<Self> {
        let mut processes = world.processes.borrow_mut();
        let process = Rc::new(Proc {
            id: processes.len() as u64,
            name: RefCell::new(name.to_owned()),
            status: RefCell::default(),
            stop: Cell::new(false),
            waiting: RefCell::default(),
            log: RefCell::default(),
            metrics: RefCell::default(),
            locals: world::fresh(),
            read: Cell::new(0),
            written: Cell::new(0),
            fates: RefCell::default(),
            watchers: RefCell::default(),
        });
        processes.push(Rc::clone(&process));
        process
    }

    pub(super) fn describe(&self) -> String {
        match self.id {
            0 => "the test".to_owned(),
            id => format!("process {id} ({})", self.name.borrow()),
        }
    }

    pub(super) fn status(&self) -> Option<raw::ExitStatus> {
        self.status.borrow().clone()
    }

    pub(super) fn is_over(&self) -> bool {
        self.status.borrow().is_some()
    }

    pub(super) fn stop_requested(&self) -> bool {
        self.stop.get()
    }

    pub(super) fn request_stop(&self) {
        self.stop.set(true);
        self.wake();
    }

    /// Has this waker woken at the next change.
    pub(super) fn wait(&self, waker: &Waker) {
        self.waiting.borrow_mut().push(waker.clone());
    }

    fn wake(&self) {
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Ends it, unless it has ended. Its tasks are dropped when none of them runs.
    pub(super) fn end(&self, status: raw::ExitStatus) {
        if self.is_over() {
            return;
        }
        self.settle(&status);
        self.status.replace(Some(status));
        for (queue, tag) in self.watchers.take() {
            self.tell(&queue, tag);
        }
        self.wake();
    }

    /// What it has read and not finished is its successor's.
    fn settle(&self, status: &raw::ExitStatus) {
        let Some(world) = world::try_world() else {
            return;
        };
        let kept = world.kept.borrow().clone();
        for reader in kept.iter().filter_map(Weak::upgrade) {
            if let Some(rejected) = reader.settle(self.id, status) {
                self.log.borrow_mut().push(told(&rejected));
            }
        }
    }

    /// Ends it from outside.
    pub(super) fn kill(self: &Rc<Self>) {
        self.end(raw::ExitStatus::Killed);
        let world = world();
        if world.process().is_some_and(|current| current.id == self.id) {
            self.unwind_if_killed();
        }
        world.end_tasks(self);
    }

    /// Leaves the code of a process that was killed in the middle of a call.
    pub(super) fn unwind_if_killed(&self) {
        let killed = matches!(*self.status.borrow(), Some(raw::ExitStatus::Killed));
        if killed && !std::thread::panicking() {
            resume_unwind(Box::new(Killed));
        }
    }

    pub(super) fn watch(self: &Rc<Self>, queue: &Rc<Queue>, tag: u64) {
        self.unwatch(queue);
        queue.watched.set(queue.watched.get() + 1);
        if self.is_over() {
            self.tell(&Rc::downgrade(queue), tag);
        } else {
            let watcher = (Rc::downgrade(queue), tag);
            self.watchers.borrow_mut().push(watcher);
        }
    }

    pub(super) fn unwatch(&self, queue: &Rc<Queue>) {
        let mut watchers = self.watchers.borrow_mut();
        let before = watchers.len();
        watchers.retain(|(known, _)| !std::ptr::eq(known.as_ptr(), Rc::as_ptr(queue)));
        let gone = before - watchers.len();
        queue.watched.set(queue.watched.get().saturating_sub(gone));
    }

    fn tell(&self, queue: &Weak<Queue>, tag: u64) {
        if let (Some(queue), Some(status)) = (queue.upgrade(), self.status()) {
            queue.tell(raw::Exit {
                process: self.id,
                name: self.name.borrow().clone(),
                tag,
                status,
            });
        }
    }

    pub(super) fn add_fate(&self, count: Count, frames: u64, fate: Fate) {
        self.fates.borrow_mut().push((count, frames, fate));
    }

    /// How many frames it may take in one call, so that a chosen frame comes in a call of its own.
    pub(super) fn most_frames(&self) -> usize {
        let fates = self.fates.borrow();
        let reads = fates.iter().filter(|(count, ..)| *count == Count::Read);
        let left = reads.filter_map(|(_, frames, _)| frames.checked_sub(self.read.get()));
        let nearest = left.filter(|left| *left > 0).min();
        let most = nearest.map(|left| left.saturating_sub(1).max(1));
        most.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        })
    }

    /// It has read or written so many more frames.
    pub(super) fn count(&self, count: Count, frames: usize) {
        let counter = match count {
            Count::Read => &self.read,
            Count::Written => &self.written,
        };
        let before = counter.get();
        let now = before + frames as u64;
        counter.set(now);
        let fates = self.fates.borrow().clone();
        for (of, at, fate) in fates {
            if of == count && before < at && at <= now {
                match fate {
                    Fate::Stop => self.request_stop(),
                    Fate::Kill => self.end(raw::ExitStatus::Killed),
                }
            }
        }
        self.unwind_if_killed();
    }
}

/// What the host says of a frame that is rejected.
fn told(rejected: &Rejected) -> raw_log::Entry {
    let Rejected {
        bytes,
        deliveries,
        sent,
    } = rejected;
    let then = match sent {
        true => "it went to the channel for rejected frames",
        false => "it is dropped",
    };
    raw_log::Entry {
        level: raw_log::Level::Error,
        target: "weft".to_owned(),
        message: format!(
            "a frame of {bytes} bytes is rejected, as {deliveries} processes ended while they handled it: {then}"
        ),
        fields: Vec::new(),
        context: None,
    }
}

/// Makes a world with the process of the test, which has id 0.
pub(super) fn made() -> (Made, Rc<Proc>) {
    let made = Made::new();
    let test = Proc::new(made.world(), "test");
    (made, test)
}
