//! The client side.
//!
//! Calls under way stand in a table under their numbers; see `calls` for how their requests leave and
//! their replies find them. The futures that callers hold only look into it.

use super::RpcError;
use super::calls::Table;
use crate::channel::Writer;
use crate::process::millis;
use crate::time;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Bytes of replies that may wait for the client to read them, unless told
/// otherwise.
const REPLIES: u64 = 1 << 20;

/// Sends requests and waits for their replies, several at once if asked to.
///
/// ```no_run
/// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
/// use std::time::Duration;
/// use weft_guest::{join, rpc::Client};
///
/// let client = Client::new(server);
/// let (one, other) = join!(client.call("one"), client.call("other"));
/// let third = client.call_within(Duration::from_secs(1), "third").await?;
/// # Ok(()) }
/// ```
pub struct Client {
    table: Rc<RefCell<Table>>,
}

impl Client {
    /// A client of the server that reads what this writer writes.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
    /// let client = weft_guest::rpc::Client::new(server);
    /// let reply = client.call("hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Writer) -> Self {
        Self::with_capacity(requests, REPLIES)
    }

    /// The same, with this many bytes for replies that wait to be read. Each reply takes 9 bytes for its
    /// envelope. A call whose reply is larger fails with [`RpcError::NoReply`]. [`Client::new`] gives 1 MiB.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
    /// // Replies of up to 16 MiB.
    /// let client = weft_guest::rpc::Client::with_capacity(server, 16 << 20);
    /// # Ok(()) }
    /// ```
    pub fn with_capacity(requests: Writer, bytes: u64) -> Self {
        Client {
            table: Rc::new(RefCell::new(Table::new(requests, bytes))),
        }
    }

    /// Sends a request and waits for its reply. Dropping the future gives the call up; the server is told as
    /// soon as the channel of requests has room. A future that is held and not polled does not block other
    /// calls.
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::Client) -> weft_guest::Result {
    /// let reply = client.call("what time is it?").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`RpcError`].
    pub async fn call(&self, request: impl Into<Vec<u8>>) -> Result<Vec<u8>, RpcError> {
        let call = self.begin(request.into());
        poll_fn(|cx| call.poll(cx, None)).await
    }

    /// The same, but waits at most this long (in whole milliseconds). Needs no clock. If replies to other calls
    /// come meanwhile, it may take up to twice as long.
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::Client) -> weft_guest::Result {
    /// use std::time::Duration;
    /// let reply = client.call_within(Duration::from_secs(1), "hello").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RpcError::TimedOut`], and as [`Client::call`].
    pub async fn call_within(
        &self,
        time: Duration,
        request: impl Into<Vec<u8>>,
    ) -> Result<Vec<u8>, RpcError> {
        let call = self.begin(request.into());
        let mut timer = pin!(time::sleep(time));
        poll_fn(|cx| {
            if let Poll::Ready(outcome) = call.poll(cx, Some(millis(time))) {
                return Poll::Ready(outcome);
            }
            if !self.table.borrow().keeps_time_of(call.number) {
                ready!(timer.as_mut().poll(cx));
                return Poll::Ready(Err(RpcError::TimedOut));
            }
            Poll::Pending
        })
        .await
    }

    /// Frames that were no reply to any call under way: malformed ones, and
    /// replies that came late.
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::Client) -> weft_guest::Result {
    /// println!("{} replies came late", client.ignored());
    /// # Ok(()) }
    /// ```
    pub fn ignored(&self) -> u64 {
        self.table.borrow().ignored
    }

    fn begin(&self, request: Vec<u8>) -> Running<'_> {
        Running {
            table: &self.table,
            number: self.table.borrow_mut().begin(request),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.table.borrow_mut().close();
    }
}

/// A call, until it has its outcome or is given up.
struct Running<'a> {
    table: &'a Rc<RefCell<Table>>,
    number: u64,
}

impl Running<'_> {
    fn poll(&self, cx: &mut Context<'_>, within: Option<u32>) -> Poll<Result<Vec<u8>, RpcError>> {
        let mut table = self.table.borrow_mut();
        table.poll(self.table, cx, self.number, within)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.table.borrow_mut().give_up(self.table, self.number);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("requests", self.table.borrow().requests())
            .field("calls", &self.table.borrow().len())
            .finish_non_exhaustive()
    }
}
