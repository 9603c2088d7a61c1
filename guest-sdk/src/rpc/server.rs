//! The side that answers.
//!
//! Whoever waits, for the next request or for a cancellation, reads the channel
//! for all; see `sessions` for what becomes of what they read. Replies are
//! collected for each client and leave when the guest is about to wait.

use super::request::Request;
use super::sessions::{Incoming, Sessions, State, Waiter};
use crate::channel::Reader;
use crate::error::ReadError;
use crate::packed::{MAX_BYTES, MAX_FRAMES};
use crate::task::Parked;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Clients without a request under way that a server remembers, unless told
/// otherwise. Each is a handle of this process.
const MAX_IDLE: usize = 1024;

/// Requests that were read and not yet asked for, beyond which nobody reads on
/// only to see cancellations.
const MAX_BACKLOG: usize = 4096;

/// Replies up to this many bytes are taken to fit any channel for replies, and
/// leave with others. A larger one is sent by itself, so that it is known whether
/// it could be.
pub(super) const SMALL: usize = 1024;

/// Answers requests.
///
/// ```no_run
/// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::rpc::Server;
///
/// let mut server = Server::new(requests);
/// while let Some(request) = server.next().await? {
///     // Answered out of order, and given up when the client does.
///     weft_guest::spawn(async move {
///         let answer = request.payload().repeat(2);
///         let _ = request.reply(answer).await;
///     });
/// }
/// # Ok(()) }
/// ```
pub struct Server {
    shared: Rc<RefCell<Shared>>,
}

pub(super) struct Shared {
    requests: Reader,
    pub(super) sessions: Sessions,
    /// Who waits for the next request.
    next: Option<Parked>,
}

impl Server {
    /// A server for what is written to this channel.
    ///
    /// ```no_run
    /// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
    /// let mut server = weft_guest::rpc::Server::new(requests);
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Reader) -> Self {
        Server {
            shared: Rc::new(RefCell::new(Shared {
                requests,
                sessions: Sessions::new(MAX_IDLE),
                next: None,
            })),
        }
    }

    /// Remembers at most this many clients without a request under way, 1,024
    /// unless set. The one idle longest is forgotten first; it notices by itself.
    ///
    /// ```no_run
    /// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
    /// let server = weft_guest::rpc::Server::new(requests).max_idle(10_000);
    /// # Ok(()) }
    /// ```
    pub fn max_idle(self, clients: usize) -> Self {
        self.shared.borrow_mut().sessions.set_max_idle(clients);
        self
    }

    /// Takes the next request, waiting for one. `None`: the channel has ended.
    ///
    /// A call that is dropped while it waits loses no request.
    ///
    /// ```no_run
    /// # async fn f(mut server: weft_guest::rpc::Server) -> weft_guest::Result {
    /// while let Some(request) = server.next().await? {
    ///     request.reply("yes").await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`]; after [`ReadError::Lagged`] it goes on.
    pub async fn next(&mut self) -> Result<Option<Request>, ReadError> {
        let waiting = Reading(&self.shared, None);
        poll_fn(|cx| waiting.0.borrow_mut().poll_next(cx, &self.shared)).await
    }

    /// Clients it can answer now.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::rpc::Server) -> weft_guest::Result {
    /// println!("{} clients", server.clients());
    /// # Ok(()) }
    /// ```
    pub fn clients(&self) -> usize {
        self.shared.borrow().sessions.len()
    }

    /// Frames that were no request, or came from a client it has forgotten.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::rpc::Server) -> weft_guest::Result {
    /// println!("{} frames were no requests", server.ignored());
    /// # Ok(()) }
    /// ```
    pub fn ignored(&self) -> u64 {
        self.shared.borrow().sessions.ignored
    }
}

impl Shared {
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        shared: &Rc<RefCell<Shared>>,
    ) -> Poll<Result<Option<Request>, ReadError>> {
        loop {
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
                return Poll::Ready(Ok(Some(Request {
                    server: Rc::clone(shared),
                    key,
                    payload,
                    trace,
                    state,
                    answered: false,
                })));
            }
            match self.poll_read(cx) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => return Poll::Ready(Ok(None)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.next = Some(Parked::new(cx));
                    return Poll::Pending;
                }
            }
        }
    }

    /// Reads what there is; `false` is the end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, ReadError>> {
        let filled = ready!(self.requests.poll_fill(cx, MAX_FRAMES, MAX_BYTES))?;
        self.take_requests();
        Poll::Ready(Ok(filled))
    }

    /// Reads what there is, without waiting.
    pub(super) fn look(&mut self) {
        if self.sessions.backlog.len() >= MAX_BACKLOG {
            return;
        }
        let left_behind =
            self.requests.is_calling() && self.next.is_none() && !self.sessions.is_anyone_waiting();
        let found = if left_behind {
            // A call whose waiter has given up: nobody else asks what it brought.
            let mut cx = Context::from_waker(futures::task::noop_waker_ref());
            self.poll_read(&mut cx).is_ready()
        } else {
            // An end or an error is for those who wait.
            self.requests.try_fill()
        };
        if found {
            self.take_requests();
            self.wake_next();
        }
    }

    fn take_requests(&mut self) {
        loop {
            let ready = self.requests.ready();
            let handles = ready.handles_of_next();
            let Some((writer, frame)) = ready.pop() else {
                break;
            };
            self.sessions.take(writer, frame, handles);
        }
    }

    /// Ready when the request is cancelled.
    pub(super) fn poll_cancelled(
        &mut self,
        cx: &mut Context<'_>,
        waiter: Waiter,
        state: &State,
    ) -> Poll<()> {
        loop {
            if state.cancelled.get() {
                return Poll::Ready(());
            }
            // When too much was read, whoever takes requests reads on.
            let reads = self.sessions.backlog.len() < MAX_BACKLOG;
            let read = reads && matches!(self.poll_read(cx), Poll::Ready(Ok(true)));
            if !read {
                self.sessions.wait(waiter, Parked::new(cx));
                return Poll::Pending;
            }
            self.wake_next();
        }
    }

    /// Has whoever waits for a request look.
    fn wake_next(&mut self) {
        if let Some(next) = self.next.take() {
            next.wake();
        }
    }

    /// Whoever read the channel does so no longer: another must.
    fn hand_over(&mut self) {
        match self.next.take() {
            Some(next) => next.wake(),
            None if self.sessions.is_anyone_waiting() => self.sessions.wake_one(),
            None => self.requests.withdraw(),
        }
    }
}

/// Somebody who reads the channel until they have what they want, or give up.
///
/// They wait for a cancellation under this name, or for the next request.
pub(super) struct Reading<'a>(
    pub(super) &'a Rc<RefCell<Shared>>,
    pub(super) Option<Waiter>,
);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut server = self.0.borrow_mut();
        match self.1 {
            Some(waiter) => server.sessions.wait_no_more(waiter),
            None => server.next = None,
        }
        server.hand_over();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("clients", &self.clients())
            .finish_non_exhaustive()
    }
}
