//! Doing what is left once locks are released: without recursion, with one look for unreachable
//! channels for many handles, and in slices where others would have to wait.
//!
//! A frame may carry a reader whose channel has a frame that carries a reader, and so on, as
//! deep as memory allows. Dropping the first would drop them all, one inside the
//! other, and run out of stack. So what is released while something else is being
//! released on the same thread is put on a list, the [`Backlog`], which the outermost release works off.
//!
//! # In slices
//! How much there is to do is up to others: those who wrote frames, sent handles, or wait. One call may
//! have fifty thousand frames to free, or ten thousand tasks to wake. Usually the call does it all. Inside
//! [`in_slices`] it does [`SLICE`] of it, and the future does the rest before it goes on, a slice at each poll. So the
//! thread is given up in between, the work is done by whoever caused it, and none is left when the future is done or dropped.
//!
//! Invariant: the list of a thread is empty whenever no release and no poll of `in_slices` is under way on it
//! (unless one ended by a panic of foreign code; then the next takes over).
//!
//! [`in_slices`]: crate::in_slices

use std::{cell::RefCell, task::Waker};

use crate::{
    attachment::Attachments,
    native::{backlog::Backlog, cycles::Look, shared::ChannelCore, spent::Spent, steps::Steps},
    sync::{Arc, thread_local},
};

/// Steps that are done at a stretch, in slices: less than half a millisecond. Then the thread is given up.
#[cfg(not(weft_model))]
pub(crate) const SLICE: usize = 4096;
/// In a model things are small.
#[cfg(weft_model)]
pub(crate) const SLICE: usize = 2;

/// Up to so many steps are done without the list.
const FEW: usize = SLICE / 16;

#[derive(Default)]
struct Work {
    /// A caller further out on this thread works the list off.
    busy: bool,
    /// A caller further out on this thread does what is left, in slices.
    in_slices: bool,
    backlog: Backlog,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::default();
}

/// Drops something that holds many handles.
///
/// The effect is that of `drop`. But handles that are attached to frames too may leave channels that nobody can reach. The
/// engine looks for these once, and not once for each handle.
pub fn drop_together<T>(handles: T) {
    together(|| drop(handles));
}

/// Drops attachments, at once or when the release under way comes to them.
pub(crate) fn release(attached: Attachments) {
    let mut attached = Some(attached);
    // A thread that ends has no list any more: then the values are dropped here, one inside the other.
    let _ = with_work(|work| {
        if let Some(attached) = attached.take() {
            work.backlog.release(attached);
        }
    });
    drop(attached);
    together(|| ());
}

/// Looks whether this channel is unreachable, at once or when the release under way
/// comes to it.
pub(crate) fn suspect(shared: &Arc<ChannelCore>) {
    let mut suspect = Some(Arc::clone(shared));
    let _ = with_work(|work| {
        if let Some(suspect) = suspect.take() {
            work.backlog.suspect(suspect);
        }
    });
    if let Some(suspect) = suspect {
        Look::new(vec![suspect]).go_on(&mut Steps::without_end());
    }
    together(|| ());
}

/// Wakes and drops these.
pub(crate) fn settle(wake: Vec<Waker>, spent: Vec<Spent>) {
    let steps = |sum: usize, it: &Spent| sum.saturating_add(it.steps());
    let mut all = Some((wake, spent));
    if let Some((wake, spent)) = &all
        && spent.iter().fold(wake.len(), steps) > FEW
    {
        let _ = with_work(|work| {
            if let Some((wake, spent)) = all.take() {
                work.backlog.wake(wake);
                work.backlog.drop(spent);
            }
        });
    }
    match all {
        Some((wake, spent)) => {
            wake.into_iter().for_each(Waker::wake);
            drop(spent);
        }
        None => together(|| ()),
    }
}

/// Runs `body` and only then does what that leaves to do, or a slice of it.
pub(crate) fn together(body: impl FnOnce()) {
    let Some(_busy) = Busy::start() else {
        return body();
    };
    body();
    let in_slices = with_work(|work| work.in_slices) == Some(true);
    let mut steps = if in_slices {
        Steps::new(SLICE)
    } else {
        Steps::without_end()
    };
    while !steps.are_used_up()
        && let Some(Some(task)) = with_work(|work| work.backlog.next())
    {
        if let Some(rest) = task.run(&mut steps) {
            let _ = with_work(|work| work.backlog.put_back(rest));
        }
    }
}

/// Runs `body`, in which no release does more than a slice. `left` has what was left before, and gets what is left after.
pub(crate) fn leaving<R>(left: &mut Left, body: impl FnOnce() -> R) -> R {
    let _inside = Inside::begin(left);
    body()
}

/// What is left to do. Its owner does it; when this is dropped the rest is done there, unless a caller further out does
/// it. Nearly always there is nothing, which takes no room.
#[derive(Default)]
pub(crate) struct Left(Option<Box<Backlog>>);

impl Left {
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Puts it on the list of the thread.
    fn hand_back(&mut self) {
        if let Some(mut left) = self.0.take()
            && with_work(|work| work.backlog.absorb(&mut left)).is_none()
        {
            left.finish();
        }
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        if !self.is_empty() {
            self.hand_back();
            together(|| ());
        }
    }
}

/// Runs no foreign code. None: the thread ends and has no list any more.
fn with_work<R>(change: impl FnOnce(&mut Work) -> R) -> Option<R> {
    WORK.try_with(|work| change(&mut work.borrow_mut())).ok()
}

/// Marks the release under way; also ends it when foreign code panics.
struct Busy;

impl Busy {
    /// None: there is one under way.
    fn start() -> Option<Self> {
        let was_busy = with_work(|work| std::mem::replace(&mut work.busy, true));
        // Not `then_some`: a `Busy` made in vain would end the release under way.
        (was_busy == Some(false)).then(|| Self)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = with_work(|work| work.busy = false);
    }
}

/// Marks that what is left is done by the owner of `left`; also ends that when foreign code panics.
struct Inside<'a> {
    left: &'a mut Left,
    before: bool,
}

impl<'a> Inside<'a> {
    fn begin(left: &'a mut Left) -> Self {
        left.hand_back();
        let before = with_work(|work| std::mem::replace(&mut work.in_slices, true));
        let before = before.unwrap_or(false);
        Self { left, before }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let _ = with_work(|work| {
            work.in_slices = self.before;
            // Inside a release, that one does it.
            if !work.busy && !work.backlog.is_empty() {
                self.left.0 = Some(Box::new(std::mem::take(&mut work.backlog)));
            }
        });
    }
}
