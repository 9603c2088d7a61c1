//! The world of one test: its processes, its tasks, its clock, and the handles its processes hold.
//!
//! One thread runs everything, one task at a time and always in the same order. When no task can go on, the clock jumps to the next
//! timer; when there is none either, the test fails and says who waits for what.
//!
//! What the SDK keeps for a guest (`task::Locals`) is swapped when another process is polled, as each guest has a memory of its own.
//!
//! Invariants: a task is polled as its process. A process that waits on its own stack stands still: none of its other tasks is polled.
//! What belongs to a process is dropped as that process.

mod clock;

use super::engine;
use super::process::Proc;
use crate::task::Locals;
use futures::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// What a handle is a handle of.
pub(super) enum Held {
    /// A channel, and what it may be used for.
    Channel(Rc<engine::Channel>, u8),
    Reader(Rc<engine::Reader>),
    Writer(Rc<engine::Writer>),
    Process(Rc<Proc>),
    Monitor(Rc<super::process::Queue>),
    /// A name that is taken.
    Name(String),
    /// A span; its place in a trace.
    Span(crate::bindings::weft::fabric::log::TraceContext),
    /// A series of a metric.
    Series(Rc<super::series::Series>),
}

/// A channel that others can get at by a name or a token, and what they may use it for.
pub(super) type Shown = (engine::Channel, u8);

/// How a process ends in the middle of a call.
pub(super) struct Killed;

/// See the module.
#[derive(Default)]
pub(super) struct World {
    tasks: RefCell<BTreeMap<u64, Task>>,
    ready: Arc<Ready>,
    /// The processes that wait on their own stack.
    standing: RefCell<Vec<u64>>,
    next: Cell<u64>,
    now: Cell<u64>,
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    current: RefCell<Option<Rc<Proc>>>,
    table: RefCell<BTreeMap<u32, Held>>,
    waits: RefCell<BTreeMap<u64, (Rc<Proc>, &'static str)>>,
    pub(super) processes: RefCell<Vec<Rc<Proc>>>,
    pub(super) names: RefCell<BTreeMap<String, Shown>>,
    pub(super) tokens: RefCell<BTreeMap<String, Shown>>,
    /// Who waits for a name.
    pub(super) seekers: RefCell<Vec<Waker>>,
    /// Readers whose frames come again, and that the test still has.
    pub(super) kept: RefCell<Vec<Weak<engine::Reader>>>,
    /// Turns to write that were won in the poll under way.
    turns: RefCell<Vec<Weak<engine::Writer>>>,
}

struct Task {
    process: Rc<Proc>,
    future: LocalBoxFuture<'static, ()>,
}

/// The tasks that were woken, in order.
#[derive(Default)]
struct Ready(Mutex<VecDeque<u64>>);

impl Ready {
    fn list(&self) -> std::sync::MutexGuard<'_, VecDeque<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, task: u64) {
        let mut list = self.list();
        if !list.contains(&task) {
            list.push_back(task);
        }
    }
}

struct TaskWaker(Arc<Ready>, u64);

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.0.add(self.1);
    }
}

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// The world of the test that runs on this thread.
pub(super) fn try_world() -> Option<Rc<World>> {
    // Handles may be dropped when the thread ends.
    WORLD
        .try_with(|world| world.borrow().clone())
        .ok()
        .flatten()
}

/// The same.
#[allow(clippy::panic, reason = "a test says no by panicking")]
pub(super) fn world() -> Rc<World> {
    match try_world() {
        Some(world) => world,
        None => panic!(
            "outside of a guest there is no host to call: wrap the test in `weft_guest::testing::run`"
        ),
    }
}

/// Makes a world for this thread until this is dropped.
pub(super) struct Made(Rc<World>);

impl Made {
    #[allow(clippy::panic, reason = "a test says no by panicking")]
    pub(super) fn new() -> Self {
        let world = Rc::new(World::default());
        if WORLD.replace(Some(Rc::clone(&world))).is_some() {
            panic!("`testing::run` cannot be called within itself");
        }
        Made(world)
    }

    pub(super) fn world(&self) -> &Rc<World> {
        &self.0
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let processes = self.0.processes.borrow().clone();
        for process in processes {
            self.0.end_tasks(&process);
        }
        // Handles are dropped while their world is still there.
        let left = self.0.table.take();
        drop((left, self.0.names.take(), self.0.tokens.take()));
        WORLD.take();
    }
}

impl World {
    /// A number that no other has.
    pub(super) fn number(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    pub(super) fn hold(&self, held: Held) -> u32 {
        let handle = u32::try_from(self.number()).unwrap_or(u32::MAX);
        self.table.borrow_mut().insert(handle, held);
        handle
    }

    pub(super) fn release(&self, handle: u32) -> Option<Held> {
        self.table.borrow_mut().remove(&handle)
    }

    /// Looks a handle up.
    #[allow(clippy::panic, reason = "a test says no by panicking")]
    pub(super) fn held<T>(&self, handle: u32, pick: impl FnOnce(&Held) -> Option<T>) -> T {
        match self.table.borrow().get(&handle).and_then(pick) {
            Some(held) => held,
            None => panic!("a handle is of no use outside of the test that made it"),
        }
    }

    /// The process that runs.
    pub(super) fn process(&self) -> Option<Rc<Proc>> {
        self.current.borrow().clone()
    }

    /// Does something as this process.
    pub(super) fn enter<T>(&self, process: &Rc<Proc>, work: impl FnOnce() -> T) -> T {
        let before = self.process();
        if before.as_ref().is_some_and(|it| it.id == process.id) {
            return work();
        }
        let _leave = Entered(self, before, Rc::clone(process));
        process.locals.borrow_mut().swap();
        self.current.replace(Some(Rc::clone(process)));
        work()
    }

    /// Adds a task of the process that runs. One that has ended starts no more.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        if let Some(process) = self.process().filter(|process| !process.is_over()) {
            self.spawn_as(process, Box::pin(future));
        }
    }

    pub(super) fn spawn_as(&self, process: Rc<Proc>, future: LocalBoxFuture<'static, ()>) {
        let number = self.number();
        self.tasks
            .borrow_mut()
            .insert(number, Task { process, future });
        self.ready.add(number);
    }

    /// Drops all tasks of a process, and what the SDK keeps for it.
    pub(super) fn end_tasks(&self, process: &Rc<Proc>) {
        let numbers: Vec<u64> = {
            let tasks = self.tasks.borrow();
            let its = tasks
                .iter()
                .filter(|(_, task)| task.process.id == process.id);
            its.map(|(number, _)| *number).collect()
        };
        self.enter(process, || {
            for number in numbers {
                let task = self.tasks.borrow_mut().remove(&number);
                drop(task);
            }
            // Buffers that wait to be sent have ends too.
            let mut left = Locals::default();
            left.swap();
            drop(left);
        });
    }

    /// Runs until there is a result.
    pub(super) fn drive<T>(&self, mut result: impl FnMut() -> Option<T>) -> T {
        loop {
            if let Some(result) = result() {
                return result;
            }
            self.step();
        }
    }

    /// Waits on the stack of the process that runs.
    pub(super) fn block_on<T>(&self, what: &'static str, wait: impl Future<Output = T>) -> T {
        let process = self.process();
        let _note = self.note(what);
        let _standing = Standing::new(self, process.as_ref());
        let mut wait = std::pin::pin!(wait);
        let mut cx = Context::from_waker(Waker::noop());
        self.drive(|| {
            if let Some(process) = &process {
                process.unwind_if_killed();
            }
            match wait.as_mut().poll(&mut cx) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            }
        })
    }

    /// Polls one task, or lets time pass.
    #[allow(clippy::panic, reason = "a test says no by panicking")]
    fn step(&self) {
        if let Some((number, task)) = self.next_task() {
            self.poll(number, task);
        } else if !self.pass_time() {
            panic!("nobody can go on, and no timer runs:{}", self.standstill());
        }
    }

    /// The first task that was woken and whose process does not stand still.
    fn next_task(&self) -> Option<(u64, Task)> {
        let standing = self.standing.borrow();
        let mut tasks = self.tasks.borrow_mut();
        let mut ready = self.ready.list();
        // Those that have ended, or are polled further down the stack, are not in the table.
        ready.retain(|number| tasks.contains_key(number));
        let stands = |task: &Task| standing.contains(&task.process.id);
        let at = ready
            .iter()
            .position(|number| tasks.get(number).is_some_and(|task| !stands(task)))?;
        let number = ready.remove(at)?;
        Some((number, tasks.remove(&number)?))
    }

    fn poll(&self, number: u64, mut task: Task) {
        let process = Rc::clone(&task.process);
        self.enter(&process, || {
            let waker = Waker::from(Arc::new(TaskWaker(Arc::clone(&self.ready), number)));
            let mut cx = Context::from_waker(&waker);
            let poll = AssertUnwindSafe(|| task.future.as_mut().poll(&mut cx));
            let polled = catch_unwind(poll);
            for writer in self.turns.take() {
                if let Some(writer) = writer.upgrade() {
                    writer.leave_turn();
                }
            }
            match polled {
                Ok(Poll::Pending) if !process.is_over() => {
                    self.tasks.borrow_mut().insert(number, task);
                }
                Ok(_) => drop(task),
                Err(payload) if payload.is::<Killed>() => drop(task),
                Err(payload) => resume_unwind(payload),
            }
        });
        if process.is_over() {
            self.end_tasks(&process);
        }
    }

    /// A turn to write that ends with the poll under way.
    pub(super) fn add_turn(&self, writer: &Rc<engine::Writer>) {
        self.turns.borrow_mut().push(Rc::downgrade(writer));
    }

    /// Remembers what the process that runs waits for, until the note is dropped.
    pub(super) fn note(&self, what: &'static str) -> Note {
        let number = self.number();
        if let Some(process) = self.process() {
            self.waits.borrow_mut().insert(number, (process, what));
        }
        Note(number)
    }

    /// Who waits for what.
    fn standstill(&self) -> String {
        let waits = self.waits.borrow();
        let lines = waits.values();
        let text: String = lines
            .map(|(process, what)| format!("\n- {} waits {what}", process.describe()))
            .collect();
        if text.is_empty() {
            "\n- nobody waits for anything of Weft: a future was left without a waker".to_owned()
        } else {
            text
        }
    }
}

/// A wait that can be told of.
pub(super) struct Note(u64);

impl Drop for Note {
    fn drop(&mut self) {
        if let Some(world) = try_world() {
            let gone = world.waits.borrow_mut().remove(&self.0);
            drop(gone);
        }
    }
}

/// Goes back to the process that ran before.
struct Entered<'a>(&'a World, Option<Rc<Proc>>, Rc<Proc>);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.2.locals.borrow_mut().swap();
        self.0.current.replace(self.1.take());
    }
}

/// A process that waits on its own stack.
struct Standing<'a>(&'a World);

impl<'a> Standing<'a> {
    fn new(world: &'a World, process: Option<&Rc<Proc>>) -> Self {
        let id = process.map_or(u64::MAX, |process| process.id);
        world.standing.borrow_mut().push(id);
        Standing(world)
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.0.standing.borrow_mut().pop();
    }
}

/// Memory that a process starts with.
pub(super) fn fresh() -> RefCell<Locals> {
    RefCell::default()
}
