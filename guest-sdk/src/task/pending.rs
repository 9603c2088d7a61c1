//! A wait for one call: a want first, then a result or an async call.
//!
//! Invariant: dropped while it is a want, it has made no call; dropped while its
//! async call is under way, that call is cancelled.

use super::Want;
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

/// A call that waits, in both flavours. It was tried before.
pub(crate) trait Call: 'static {
    /// What it gives.
    type Output: 'static;
    /// Waits on the guest's own stack.
    fn wait(self) -> Self::Output;
    /// Makes the async call.
    fn start(self) -> LocalBoxFuture<'static, Self::Output>;
    /// Whether the caller has to know when the async call was made.
    fn tells_start(&self) -> bool {
        false
    }
}

/// How far it is.
enum State<C: Call> {
    Wanted(C),
    Started(LocalBoxFuture<'static, C::Output>),
    Done(C::Output),
    /// Given up, or its result was taken.
    Over,
}

/// The part a root sees.
struct Slot<C: Call>(RefCell<State<C>>);

/// A wait for one call.
pub(crate) struct Pending<C: Call>(Rc<Slot<C>>);

impl<C: Call> Pending<C> {
    pub(crate) fn new(call: C) -> Self {
        Pending(Rc::new(Slot(RefCell::new(State::Wanted(call)))))
    }

    /// Whether the async call is under way.
    pub(crate) fn is_started(&self) -> bool {
        matches!(*self.0.0.borrow(), State::Started(_))
    }

    /// Whether no call has been made yet.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_wanted()
    }

    /// Takes the result of a call that was made on the guest's own stack and that nobody has asked for since.
    pub(crate) fn take_done(&mut self) -> Option<C::Output> {
        let mut state = self.0.0.borrow_mut();
        match std::mem::replace(&mut *state, State::Over) {
            State::Done(output) => Some(output),
            other => {
                *state = other;
                None
            }
        }
    }

    /// The result. Not to be polled again after it was ready.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<C::Output> {
        if self.is_wanted() && super::want(&self.0, cx) {
            return Poll::Pending;
        }
        let mut state = self.0.0.borrow_mut();
        loop {
            match std::mem::replace(&mut *state, State::Over) {
                State::Wanted(call) => *state = State::Started(call.start()),
                State::Started(mut call) => {
                    let polled = call.as_mut().poll(cx);
                    if polled.is_pending() {
                        *state = State::Started(call);
                    }
                    return Poll::Ready(ready!(polled));
                }
                State::Done(output) => return Poll::Ready(output),
                State::Over => return Poll::Pending,
            }
        }
    }
}

impl<C: Call> Drop for Pending<C> {
    fn drop(&mut self) {
        // A root may hold the slot a little longer.
        drop(self.0.0.replace(State::Over));
    }
}

impl<C: Call> Want for Slot<C> {
    fn is_wanted(&self) -> bool {
        matches!(*self.0.borrow(), State::Wanted(_))
    }

    fn wait(&self) {
        if let State::Wanted(call) = self.0.replace(State::Over) {
            self.0.replace(State::Done(call.wait()));
        }
    }

    fn start(self: Rc<Self>, waker: Waker) {
        if let State::Wanted(call) = self.0.replace(State::Over) {
            let tell = call.tells_start();
            let mut future = call.start();
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            let wake = tell || polled.is_ready();
            self.0.replace(match polled {
                Poll::Ready(output) => State::Done(output),
                Poll::Pending => State::Started(future),
            });
            if wake {
                waker.wake();
            }
        }
    }
}
