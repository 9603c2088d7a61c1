//! The server side.
//!
//! See `desk` for who reads the channel, and `sessions` for what becomes of what is read. Replies are
//! collected for each client and leave when the guest is about to wait.

use super::desk::{DeskState, Reading};
use super::request::Request;
use super::sessions::Sessions;
use crate::channel::Reader;
use crate::error::ReadError;
use futures::stream::Stream;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Clients without a request under way that a server remembers, unless told
/// otherwise. Each is a handle of this process.
const MAX_IDLE: usize = 1024;

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
    shared: Rc<RefCell<DeskState>>,
}

impl Server {
    /// A server for the requests in this channel.
    ///
    /// ```no_run
    /// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
    /// let mut server = weft_guest::rpc::Server::new(requests);
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Reader) -> Self {
        Server {
            shared: Rc::new(RefCell::new(DeskState::new(
                requests,
                Sessions::new(MAX_IDLE),
            ))),
        }
    }

    /// Remembers at most this many clients without a request under way, 1,024
    /// unless set. The client that was idle longest is forgotten first; it notices that by itself.
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

/// The requests, until the channel ends or fails. As a stream it waits for the next one from one poll to the next; a stream
/// that is not polled any more keeps nobody from reading.
impl Stream for Server {
    type Item = Result<Request, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.shared.borrow_mut().poll_next(cx, &self.shared);
        next.map(Result::transpose)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("clients", &self.clients())
            .finish_non_exhaustive()
    }
}
