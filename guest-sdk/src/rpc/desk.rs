//! What a server shares with its requests: the channel, and who waits for what comes from it.
//!
//! A task that waits for the next request, while nobody waits for a cancellation, reads the channel itself, on the guest's own stack
//! where it can. Once anybody waits for a cancellation, one task reads for all and watches the clients of those requests: the
//! *driver*. So a future that is held and not polled blocks nobody.
//!
//! Invariant: while anybody waits, either it is the only one and waits for the next request, or the driver is there.

use super::request::Request;
use super::sessions::{Incoming, Sessions, State, Waiter};
use crate::channel::Reader;
use crate::error::ReadError;
use crate::packed::{MAX_BYTES, MAX_FRAMES};
use crate::task::{Background, KeptWaker};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

/// Requests that may be read ahead only to see cancellations behind them.
const MAX_BACKLOG: usize = 4096;

/// What a server and its requests share.
pub(super) struct DeskState {
    requests: Reader,
    pub(super) sessions: Sessions,
    /// Who waits for the next request.
    next: Option<KeptWaker>,
    /// The end or the error that the driver found, for the next caller.
    end: Option<Result<bool, ReadError>>,
    driver: Driver,
}

/// The task that reads for all.
enum Driver {
    Absent,
    Running,
    Waiting(Waker),
}

impl DeskState {
    pub(super) fn new(mut requests: Reader, sessions: Sessions) -> Self {
        // Requests are answered in any order.
        requests.beside();
        DeskState {
            requests,
            sessions,
            next: None,
            end: None,
            driver: Driver::Absent,
        }
    }

    /// The next request.
    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        this: &Rc<RefCell<DeskState>>,
    ) -> Poll<Result<Option<Request>, ReadError>> {
        loop {
            if let Some(request) = self.take_request(this) {
                return Poll::Ready(Ok(Some(request)));
            }
            let read = match self.end.take() {
                Some(end) => Poll::Ready(end),
                None if matches!(self.driver, Driver::Absent) => self.poll_read(cx),
                None => {
                    self.wake_driver();
                    Poll::Pending
                }
            };
            match read {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => return Poll::Ready(Ok(None)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.next = Some(KeptWaker::new(cx));
                    return Poll::Pending;
                }
            }
        }
    }

    /// The next request that was read and not given up since.
    fn take_request(&mut self, this: &Rc<RefCell<DeskState>>) -> Option<Request> {
        while let Some(incoming) = self.sessions.backlog.pop_front() {
            let Incoming {
                key,
                payload,
                trace,
                state,
            } = incoming;
            if state.cancelled.get() {
                self.sessions.finish(key, &state);
                continue;
            }
            return Some(Request {
                server: Rc::clone(this),
                key,
                payload,
                trace,
                state,
                answered: false,
            });
        }
        None
    }

    /// Reads what there is; `false` is the end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, ReadError>> {
        let filled = ready!(self.requests.poll_fill(cx, MAX_FRAMES, MAX_BYTES))?;
        self.take_requests();
        Poll::Ready(Ok(filled))
    }

    /// Reads what there is, without waiting.
    pub(super) fn look(&mut self) {
        // An end or an error is for those who wait.
        if self.sessions.backlog.len() < MAX_BACKLOG && self.requests.try_fill() {
            self.take_requests();
            self.wake_next();
        }
    }

    fn take_requests(&mut self) {
        loop {
            let handles = self.requests.handles_of_next();
            let Some((writer, frame)) = self.requests.pop() else {
                break;
            };
            self.sessions.take(writer, frame, handles);
        }
    }

    /// Ready when the request is cancelled.
    pub(super) fn poll_cancelled(
        &mut self,
        cx: &mut Context<'_>,
        this: &Rc<RefCell<DeskState>>,
        waiter: Waiter,
        state: &Rc<State>,
    ) -> Poll<()> {
        if state.cancelled.get() {
            return Poll::Ready(());
        }
        self.sessions.wait(waiter, state, cx.waker().clone());
        self.drive(this);
        Poll::Pending
    }

    /// Somebody who waited waits no more: for a cancellation under this name, or for the next request.
    fn leave(&mut self, waiter: Option<Waiter>) {
        match waiter {
            Some(waiter) => self.sessions.wait_no_more(waiter),
            None => self.next = None,
        }
        match self.driver {
            Driver::Absent => self.requests.withdraw(),
            Driver::Running | Driver::Waiting(_) => self.wake_driver(),
        }
    }

    /// Wakes the waiter for the next request.
    fn wake_next(&mut self) {
        if let Some(next) = self.next.take() {
            next.wake();
        }
    }

    /// Wakes the driver, or starts it if there is none.
    fn drive(&mut self, this: &Rc<RefCell<DeskState>>) {
        if !matches!(self.driver, Driver::Absent) {
            return self.wake_driver();
        }
        self.driver = Driver::Running;
        let (shared, at_work) = (Rc::clone(this), Background::new());
        crate::task::spawn_local(async move {
            poll_fn(|cx| shared.borrow_mut().poll_driver(cx)).await;
            drop(at_work);
        });
    }

    fn wake_driver(&mut self) {
        if let Driver::Waiting(waker) = std::mem::replace(&mut self.driver, Driver::Running) {
            waker.wake();
        }
    }

    /// Reads for all until nobody waits for a cancellation.
    fn poll_driver(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver = Driver::Running;
        loop {
            if !self.sessions.is_anyone_waiting() {
                self.sessions.watch_nobody();
                self.driver = Driver::Absent;
                // The waiter for the next request is the only one again.
                self.wake_next();
                return Poll::Ready(());
            }
            self.sessions.poll_clients(cx);
            // At the bound nothing is read until somebody takes a request.
            let reads = self.end.is_none() && self.sessions.backlog.len() < MAX_BACKLOG;
            if reads && let Poll::Ready(read) = self.poll_read(cx) {
                if !matches!(read, Ok(true)) {
                    self.end = Some(read);
                }
                self.wake_next();
                continue;
            }
            if self.sessions.is_anyone_waiting() {
                self.driver = Driver::Waiting(cx.waker().clone());
                return Poll::Pending;
            }
        }
    }
}

/// Somebody who waits until they have what they want, or give up: for a cancellation under this name, or for the
/// next request.
pub(super) struct Reading<'a>(
    pub(super) &'a Rc<RefCell<DeskState>>,
    pub(super) Option<Waiter>,
);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().leave(self.1);
    }
}
