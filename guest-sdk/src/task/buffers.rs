//! What writers have collected, and who sends it when the guest waits.
//!
//! A buffer with frames in it is in the list `dirty`; the roots hand it over
//! when the guest is about to wait. What the channel has no room for then goes
//! on as an async call that one task of its own, the *flusher*, drives: whoever
//! filled the buffer may wait for something else, or be gone.
//!
//! Invariant: a buffer with frames in it is in `dirty` or has a call under way,
//! or both; so no frame is forgotten, and the last one closes the writer.

use crate::error::WriteError;
use crate::packed::Buffer;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

#[derive(Default)]
pub(super) struct Buffers {
    /// Buffers with frames that nobody is sending.
    dirty: RefCell<Vec<Rc<Buffer>>>,
    /// Buffers with an async call under way.
    sending: RefCell<Vec<Rc<Buffer>>>,
    /// The flusher's, while there is one.
    flusher: RefCell<Option<Waker>>,
    flushing: Cell<bool>,
    /// The first error of a buffer that was dropped before anyone took it.
    lost: RefCell<Option<WriteError>>,
}

thread_local! {
    static BUFFERS: Buffers = Buffers::default();
}

/// Adds a buffer that has just got its first frame.
pub(crate) fn add_dirty(buffer: Rc<Buffer>) {
    BUFFERS.with(|all| all.dirty.borrow_mut().push(buffer));
}

/// Keeps an error that the holder of a buffer has not lived to see.
pub(crate) fn keep_lost(error: WriteError) {
    BUFFERS.with(|all| {
        all.lost.borrow_mut().get_or_insert(error);
    });
}

/// Takes the first error that nobody saw.
pub(crate) fn take_lost() -> Option<WriteError> {
    BUFFERS.with(|all| all.lost.take())
}

/// Whether a call of a buffer is under way.
pub(crate) fn sending() -> bool {
    BUFFERS.with(|all| !all.sending.borrow().is_empty())
}

/// Sends what there is room for, and returns how many buffers are left for which
/// there is none.
#[inline]
pub(crate) fn flush() -> usize {
    BUFFERS.with(|all| {
        if all.dirty.borrow().is_empty() {
            return 0;
        }
        let dirty = all.dirty.take();
        let (blocked, sent): (Vec<_>, Vec<_>) = dirty.into_iter().partition(|b| b.flush_blocks());
        for buffer in &sent {
            buffer.unlist();
        }
        let count = blocked.len();
        all.dirty.replace(blocked);
        count
    })
}

/// Has what is left sent by calls, which the flusher drives.
pub(crate) fn start() {
    for buffer in BUFFERS.with(Buffers::take_dirty) {
        buffer.flush_or_start();
    }
}

/// Sends what was collected, waiting on the guest's own stack.
#[inline]
pub(crate) fn flush_and_wait() {
    for buffer in BUFFERS.with(Buffers::take_dirty) {
        buffer.flush_and_wait();
    }
}

/// Whether any buffer holds frames that nobody is sending.
#[inline]
pub(crate) fn any_dirty() -> bool {
    BUFFERS.with(|all| !all.dirty.borrow().is_empty())
}

/// Whether anything that was collected is not in its channel yet.
pub(crate) fn any_unsent() -> bool {
    BUFFERS.with(|all| {
        let holds = |buffer: &Rc<Buffer>| buffer.frames_held() > 0;
        !all.sending.borrow().is_empty() || all.dirty.borrow().iter().any(holds)
    })
}

/// Sends what was collected, and returns whether all of it is out. Also for a panic hook: it looks at no buffer at which the panic was.
pub(crate) fn flush_if_idle() -> bool {
    let idle = BUFFERS.with(|all| {
        let sending = all.sending.try_borrow();
        let dirty = all.dirty.try_borrow_mut();
        sending.is_ok_and(|sending| sending.is_empty())
            && dirty.is_ok_and(|dirty| dirty.iter().all(|buffer| buffer.is_idle()))
    });
    idle && flush() == 0
}

/// Waits until everything collected so far is sent, or has failed.
pub(crate) async fn settle() {
    let dirty = BUFFERS.with(Buffers::take_dirty);
    let sending = BUFFERS.with(|all| all.sending.borrow().clone());
    for buffer in dirty.into_iter().chain(sending) {
        poll_fn(|cx| buffer.poll_empty(cx)).await;
    }
}

/// Hands a buffer whose call has been made to the flusher.
pub(crate) fn drive(buffer: Rc<Buffer>) {
    BUFFERS.with(|all| {
        all.sending.borrow_mut().push(buffer);
        if let Some(waker) = all.flusher.take() {
            waker.wake();
        }
        if !all.flushing.replace(true) {
            super::spawn_local(poll_fn(|cx| BUFFERS.with(|all| all.poll_sending(cx))));
        }
    });
}

impl Buffers {
    /// Changes places with the buffers of the guest that runs.
    #[cfg(not(target_family = "wasm"))]
    pub(super) fn swap(&mut self) {
        BUFFERS.with(|all| {
            all.dirty.swap(&self.dirty);
            all.sending.swap(&self.sending);
            all.flusher.swap(&self.flusher);
            all.flushing.swap(&self.flushing);
            all.lost.swap(&self.lost);
        });
    }

    /// Empties the list of buffers to be sent.
    fn take_dirty(&self) -> Vec<Rc<Buffer>> {
        let dirty = self.dirty.take();
        for buffer in &dirty {
            buffer.unlist();
        }
        dirty
    }

    /// Goes on with all calls under way, until none is left.
    fn poll_sending(&self, cx: &mut Context<'_>) -> Poll<()> {
        // Buffers may be added meanwhile, as one call leads to the next.
        let mut left = Vec::new();
        while let Some(buffer) = self.next_sending() {
            if buffer.poll_sending(cx).is_pending() {
                left.push(buffer);
            }
        }
        let done = left.is_empty();
        self.sending.replace(left);
        self.flushing.set(!done);
        if done {
            return Poll::Ready(());
        }
        self.flusher.replace(Some(cx.waker().clone()));
        Poll::Pending
    }

    fn next_sending(&self) -> Option<Rc<Buffer>> {
        self.sending.borrow_mut().pop()
    }
}
