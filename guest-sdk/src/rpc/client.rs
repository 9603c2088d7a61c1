//! The side that asks.
//!
//! Calls under way stand in a table under their numbers; see `calls` for how
//! their replies find them.
//!
//! Invariant: requests and the opening of a reply channel leave one after the
//! other (`gate`), so that the server sees the writer for the replies first.

use super::RpcError;
use super::calls::{Call, Table};
use super::wire::{self, Kind};
use crate::channel::{Channel, Writer};
use crate::error::WriteError;
use crate::process::millis;
use crate::time;
use futures::lock::Mutex;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, ready};
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
    requests: Writer,
    capacity: u64,
    gate: Mutex<()>,
    table: RefCell<Table>,
}

/// What it takes to send a request.
enum Sending {
    /// It is sent, or was dropped.
    Done(bool),
    /// There is no room yet.
    Wait(Vec<u8>),
    /// The server has no way to reply.
    Open(Vec<u8>),
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

    /// The same, with so many bytes for replies that wait to be read: no reply
    /// can be larger. [`Client::new`] gives 1 MiB.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
    /// // Replies of up to 16 MiB.
    /// let client = weft_guest::rpc::Client::with_capacity(server, 16 << 20);
    /// # Ok(()) }
    /// ```
    pub fn with_capacity(requests: Writer, bytes: u64) -> Self {
        Client {
            requests,
            capacity: bytes,
            gate: Mutex::new(()),
            table: RefCell::default(),
        }
    }

    /// Sends a request and waits for its reply. Dropping the future gives up,
    /// and tells the server.
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
        call.run(None).await
    }

    /// The same, no longer than this (in whole milliseconds). Needs no clock;
    /// where replies to other calls come meanwhile, it may take up to twice as
    /// long.
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
        let mut running = pin!(call.run(Some(millis(time))));
        let mut timer = pin!(time::sleep(time));
        poll_fn(|cx| {
            if let Poll::Ready(outcome) = running.as_mut().poll(cx) {
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
        let mut table = self.table.borrow_mut();
        table.last += 1;
        let number = table.last;
        let call = Call {
            request: wire::call(request, number),
            sent: false,
            bounded: false,
            outcome: None,
            waker: None,
        };
        table.calls.insert(number, call);
        Running {
            client: self,
            number,
        }
    }

    /// Sends a request, with a writer for replies if the server has none.
    async fn send(&self, number: u64) -> Result<(), RpcError> {
        let _gate = self.gate.lock().await;
        self.tell_given_up();
        let sent = match self.try_send(number)? {
            Sending::Done(sent) => sent,
            Sending::Wait(request) => self.requests.write(request).await?,
            Sending::Open(request) => self.open(request).await?,
        };
        if sent { Ok(()) } else { Err(RpcError::Dropped) }
    }

    fn try_send(&self, number: u64) -> Result<Sending, RpcError> {
        let mut table = self.table.borrow_mut();
        let opened = table.replies.is_some();
        let Some(call) = table.calls.get_mut(&number) else {
            return Ok(Sending::Done(true));
        };
        call.sent = true;
        if !opened {
            return Ok(Sending::Open(call.request.clone()));
        }
        match self.requests.try_write(&call.request) {
            Err(WriteError::WouldBlock) => Ok(Sending::Wait(call.request.clone())),
            sent => Ok(Sending::Done(sent?)),
        }
    }

    /// Sends a request with the writer of a new channel for replies.
    async fn open(&self, request: Vec<u8>) -> Result<bool, RpcError> {
        let channel = Channel::bounded(self.capacity)?;
        let (reader, writer) = (channel.strong_reader()?, channel.strong_writer()?);
        // The server's writer must be the only one, or its end goes unnoticed.
        drop(channel);
        let sent = self.requests.write_with(request, [writer.into()]).await?;
        if sent {
            let mut table = self.table.borrow_mut();
            table.replies = Some(reader);
            table.forgotten = false;
        }
        Ok(sent)
    }

    /// Tells the server of calls given up, as far as there is room.
    fn tell_given_up(&self) {
        let mut table = self.table.borrow_mut();
        while let Some(number) = table.given_up.pop() {
            let frame = wire::seal(Vec::new(), Kind::Cancel, number);
            if let Err(WriteError::WouldBlock) = self.requests.try_write(&frame) {
                table.given_up.push(number);
                return;
            }
        }
    }
}

/// A call, until it has its outcome or is given up.
struct Running<'a> {
    client: &'a Client,
    number: u64,
}

impl Running<'_> {
    async fn run(&self, within: Option<u32>) -> Result<Vec<u8>, RpcError> {
        let Running { client, number } = *self;
        loop {
            if let Err(error) = client.send(number).await {
                self.settle();
                return Err(error);
            }
            let outcome = poll_fn(|cx| {
                let mut table = client.table.borrow_mut();
                table.poll_outcome(cx, number, within)
            });
            if let Some(outcome) = outcome.await {
                if outcome != Err(RpcError::TimedOut) {
                    self.settle();
                }
                return outcome;
            }
        }
    }

    /// Nobody has to be told that this call is over.
    fn settle(&self) {
        if let Some(call) = self.client.table.borrow_mut().calls.get_mut(&self.number) {
            call.sent = false;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut table = self.client.table.borrow_mut();
        let call = table.calls.remove(&self.number);
        if call.is_some_and(|call| call.sent && call.outcome.is_none()) {
            table.given_up.push(self.number);
        }
        if table.bounded == Some(self.number) {
            table.bounded = None;
        }
        if table.reading == Some(self.number) {
            table.hand_over();
        }
        drop(table);
        self.client.tell_given_up();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("requests", &self.requests)
            .field("calls", &self.table.borrow().calls.len())
            .finish_non_exhaustive()
    }
}
