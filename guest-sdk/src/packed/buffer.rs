//! Frames collected for one writer, and how they are sent.
//!
//! Shared by the writer that fills it, the list of buffers to be sent when the
//! guest waits, and the call under way. Everything here tries first: a batch
//! that finds room costs one call that takes it from where it lies.
//!
//! A channel smaller than a batch refuses it, and says how small it is: the
//! batch is then cut into parts, and later ones are made smaller.
//!
//! Invariant: `room` is not 0 only while the buffer is in the list of those to
//! be sent and no error waits to be taken, so that adding a frame has one thing
//! to check.

mod state;

use crate::bindings::weft::fabric::channel as raw;
use crate::error::WriteError;
use crate::packed::Batch;
use crate::task::{self, Want, buffers};
use state::{Progress, State, WEIGHT_OF_A_FRAME};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

/// Frames collected for one writer.
pub(crate) struct Buffer {
    raw: Rc<raw::Writer>,
    state: RefCell<State>,
    /// Bytes of the largest frame that the channel is known to be large enough for.
    proven: Cell<usize>,
}

impl Buffer {
    /// Collects up to this many bytes; 0 sends every frame at once.
    pub(crate) fn new(raw: Rc<raw::Writer>, limit: usize) -> Self {
        Buffer {
            raw,
            state: RefCell::new(State::new(limit)),
            proven: Cell::new(0),
        }
    }

    /// The same, for a receiver whose end is no error.
    pub(crate) fn quiet(raw: Rc<raw::Writer>, limit: usize) -> Self {
        let buffer = Self::new(raw, limit);
        buffer.state.borrow_mut().quiet = true;
        buffer
    }

    /// Adds a frame if no batch has to be sent for it; `false` if one has.
    #[inline]
    pub(crate) fn push(&self, frame: &[u8]) -> bool {
        let mut state = self.state.borrow_mut();
        let fits = state.weight() + WEIGHT_OF_A_FRAME + frame.len() <= state.room;
        if fits {
            state.batch.push(frame);
        }
        fits
    }

    /// Adds a frame, whether there is room or not.
    pub(crate) fn add(self: &Rc<Self>, frame: &[u8]) {
        let mut state = self.state.borrow_mut();
        state.batch.push(frame);
        state.list(self);
    }

    /// Adds a frame, or returns an error if the channel is too small for it: once it is in a batch, nobody could tell which frame
    /// was too large. So a frame that is larger than any before is tried alone; if there is room it leaves at once, before those
    /// collected.
    pub(crate) fn add_fitting(self: &Rc<Self>, frame: &[u8]) -> Result<(), WriteError> {
        if frame.len() > self.proven.get() {
            match self.raw.try_write(frame) {
                // The host checks the size before it looks for room.
                Err(raw::WriteError::WouldBlock) => self.proven.set(frame.len()),
                Ok(_) => {
                    self.proven.set(frame.len());
                    return Ok(());
                }
                Err(error) => return Err(WriteError::of(error, &self.raw)),
            }
        }
        self.add(frame);
        Ok(())
    }

    /// Adds the frame that `encode` appends, whatever its size, once there is
    /// room for more.
    #[inline]
    pub(crate) fn push_with<E>(
        self: &Rc<Self>,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = self.state.borrow_mut();
        state.batch.push_with(encode)?;
        state.list(self);
        Ok(())
    }

    /// Whether a frame can be added without looking further.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        let state = self.state.borrow();
        state.weight() < state.room
    }

    /// Whether a frame of this many bytes makes no batch too large; one that is
    /// larger than a batch goes into an empty one.
    pub(crate) fn has_space(&self, bytes: usize) -> bool {
        self.state.borrow().has_space(bytes)
    }

    /// Whether the batch is as large as it may get.
    pub(crate) fn is_full(&self) -> bool {
        let state = self.state.borrow();
        state.weight() >= state.limit
    }

    /// Makes room for a frame of this many bytes, or gives an earlier error. A
    /// frame that is larger than a batch finds the batch empty.
    pub(crate) fn poll_room(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
        bytes: usize,
    ) -> Poll<Result<(), WriteError>> {
        let mut state = self.state.borrow_mut();
        if let Some(error) = state.error.take() {
            return Poll::Ready(Err(error));
        }
        if state.has_space(bytes) {
            return Poll::Ready(Ok(()));
        }
        // While one batch is being sent, the next may be collected.
        let busy = state.call.is_some();
        drop(state);
        if busy {
            self.poll_flush(cx)
        } else {
            self.poll_handed_over(cx)
        }
    }

    /// Sends what was collected and waits until it is in the channel, or gives
    /// the first error there was.
    pub(crate) fn poll_flush(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WriteError>> {
        ready!(self.poll_empty(cx));
        Poll::Ready(self.take_error())
    }

    /// As `poll_flush`, and leaves the error where it is.
    pub(crate) fn poll_empty(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<()> {
        let calling = |this: &Self| this.state.borrow().call.is_some();
        if !calling(self) {
            if self.send(false) == Progress::Empty || !task::want(self, cx) && self.start_call() {
                return Poll::Ready(());
            }
            if !calling(self) {
                return Poll::Pending;
            }
        }
        let mut state = self.state.borrow_mut();
        if !state
            .waiting
            .iter()
            .any(|waker| waker.will_wake(cx.waker()))
        {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Waits until the batch is sent or a call with it is under way.
    fn poll_handed_over(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        if self.send(false) == Progress::Blocked {
            if task::want(self, cx) {
                return Poll::Pending;
            }
            self.start_call();
        }
        Poll::Ready(self.take_error())
    }

    /// Sends what there is room for. `true`: some is left, and nobody sends it.
    pub(crate) fn flush_blocks(&self) -> bool {
        self.state.borrow().call.is_none() && self.send(false) == Progress::Blocked
    }

    /// Sends what there is room for and has the rest sent by a call.
    pub(crate) fn flush_or_start(self: &Rc<Self>) {
        if self.flush_blocks() {
            self.start_call();
        }
    }

    /// Sends everything, waiting on the guest's own stack.
    pub(crate) fn flush_and_wait(&self) {
        self.send(true);
    }

    /// Takes the first error that nobody has seen.
    pub(crate) fn take_error(&self) -> Result<(), WriteError> {
        match self.state.borrow_mut().error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Frames sent so far.
    pub(crate) fn frames_sent(&self) -> u64 {
        self.state.borrow().frames_sent
    }

    /// Whether nobody is at work with it.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.try_borrow_mut().is_ok()
    }

    /// Frames collected and not yet on their way.
    pub(crate) fn frames_held(&self) -> usize {
        let state = self.state.borrow();
        state.batch.len() + state.parts.iter().map(Batch::len).sum::<usize>()
    }

    /// The writer.
    pub(crate) fn raw(&self) -> &Rc<raw::Writer> {
        &self.raw
    }

    /// Records that it was removed from the list of buffers to be sent.
    pub(crate) fn unlist(&self) {
        let mut state = self.state.borrow_mut();
        state.listed = false;
        state.room = 0;
    }

    /// Goes on with the call under way, and with what has come together since.
    /// Ready when all is sent, or failed.
    pub(crate) fn poll_sending(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut state = self.state.borrow_mut();
            if let Some(call) = &mut state.call {
                let sent = ready!(call.as_mut().poll(cx));
                state.call = None;
                state.note(sent, &self.raw);
            }
            let blocked = state.send(&self.raw, false) == Progress::Blocked;
            if blocked {
                state.call = state.next_call(&self.raw);
            }
            for waker in state.waiting.drain(..) {
                waker.wake();
            }
            if !blocked {
                return Poll::Ready(());
            }
        }
    }

    /// Sends what is there. Where `wait` is false it stops when it would wait.
    fn send(&self, wait: bool) -> Progress {
        self.state.borrow_mut().send(&self.raw, wait)
    }

    /// Makes the async call for the first batch. `true`: there is none.
    fn start_call(self: &Rc<Self>) -> bool {
        let mut state = self.state.borrow_mut();
        state.call = state.next_call(&self.raw);
        let started = state.call.is_some();
        drop(state);
        if started {
            buffers::drive(Rc::clone(self));
        }
        !started
    }
}

impl Want for Buffer {
    fn is_wanted(&self) -> bool {
        // Also when it has become empty: whoever waits has to be told.
        true
    }

    fn sends(&self) -> bool {
        true
    }

    fn wait(&self) {
        self.flush_and_wait();
    }

    fn start(self: Rc<Self>, waker: Waker) {
        self.flush_or_start();
        waker.wake();
    }
}
