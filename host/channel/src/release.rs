//! Dropping handles: without recursion, and with one look for unreachable channels for many.
//!
//! A frame may carry a reader whose channel has a frame that carries a reader, and so on, as
//! deep as memory allows. Dropping the first would drop them all, one inside the
//! other, and run out of stack. So attachments released while others are being
//! dropped on the same thread are put on a list, which the outermost release works off. The
//! channels that may have become unreachable meanwhile are looked at together, once the list is
//! empty: a look costs what it walks through, see `cycles`.
//!
//! Invariant: both lists are empty whenever no release is under way on their thread (unless one
//! ended by a panic of foreign code; then the next takes over).

use std::cell::RefCell;

use crate::{
    attachment::Attachments,
    cycles,
    shared::Shared,
    sync::{Arc, thread_local},
};

#[derive(Default)]
struct Work {
    /// Somebody further out works the lists off.
    busy: bool,
    attached: Vec<Attachments>,
    suspects: Vec<Arc<Shared>>,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::default();
}

/// Drops something that holds many handles.
///
/// The effect is that of `drop`. But where dropping handles that are attached to frames as
/// well may leave channels that nobody can reach, the engine looks for these once and
/// not for each handle.
pub fn drop_together<T>(handles: T) {
    together(|| drop(handles));
}

/// Drops attachments, at once or when the release under way comes to them.
pub(crate) fn release(attached: Attachments) {
    let mut attached = Some(attached);
    // A thread that ends has no list any more: then the values go as any value goes.
    let _ = with_work(|work| work.attached.extend(attached.take()));
    drop(attached);
    together(|| ());
}

/// Looks whether this channel is unreachable, at once or when the release under way
/// comes to it.
pub(crate) fn suspect(shared: &Arc<Shared>) {
    let mut suspect = Some(Arc::clone(shared));
    let _ = with_work(|work| work.suspects.extend(suspect.take()));
    if let Some(suspect) = suspect {
        return cycles::collect(vec![suspect]);
    }
    together(|| ());
}

/// Runs `body` and only then drops the attachments that it releases.
pub(crate) fn together(body: impl FnOnce()) {
    let Some(_busy) = Busy::start() else {
        return body();
    };
    body();
    loop {
        if let Some(Some(attached)) = with_work(|work| work.attached.pop()) {
            drop(attached);
            continue;
        }
        let suspects = with_work(|work| std::mem::take(&mut work.suspects));
        match suspects {
            Some(suspects) if !suspects.is_empty() => cycles::collect(suspects),
            _ => break,
        }
    }
}

/// Runs no foreign code. None: the thread ends and has no lists any more.
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
