//! The client side of [`crate::rpc`], one call at a time.

use super::{Reader, Writer};
use crate::channel::{Channel, Frame, Written};
use crate::error::{ReadError, WriteError};
use crate::rpc::wire::{self, Kind};
use crate::rpc::{MAX_GIVEN_UP, RpcError, ignore};
use std::collections::VecDeque;
use std::time::Duration;

/// Bytes of replies that may wait to be read, unless told otherwise.
const REPLIES: u64 = 1 << 20;

/// Sends requests to a [`crate::rpc::Server`] and waits for each reply.
///
/// ```no_run
/// # fn f(server: weft_guest::blocking::Writer) -> weft_guest::Result {
/// let mut client = weft_guest::blocking::Client::new(server);
/// let answer = client.call("hello")?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Client {
    requests: Writer,
    replies: Option<Reader>,
    last: u64,
    /// Calls given up that the server has not been told of yet.
    given_up: VecDeque<u64>,
    ignored: u64,
}

impl Client {
    /// A client of the server that reads what this writer writes.
    ///
    /// ```no_run
    /// # fn f(server: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut client = weft_guest::blocking::Client::new(server);
    /// let answer = client.call("hello")?;
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Writer) -> Self {
        Client {
            requests,
            replies: None,
            last: 0,
            given_up: VecDeque::new(),
            ignored: 0,
        }
    }

    /// Sends a request and waits for its reply.
    ///
    /// ```no_run
    /// # fn f(mut client: weft_guest::blocking::Client) -> weft_guest::Result {
    /// let answer = client.call("what time is it?")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`RpcError`].
    pub fn call(&mut self, request: impl Into<Vec<u8>>) -> Result<Vec<u8>, RpcError> {
        self.run(request.into(), Reader::read)
    }

    /// The same, but waits for the reply at most this long (in whole milliseconds). Needs no clock. A late
    /// reply to an earlier call restarts the time. The time to send the request does not count.
    ///
    /// ```no_run
    /// # fn f(mut client: weft_guest::blocking::Client) -> weft_guest::Result {
    /// use std::time::Duration;
    /// use weft_guest::rpc::RpcError;
    /// match client.call_within(Duration::from_secs(1), "hello") {
    ///     Err(RpcError::TimedOut) => println!("no answer in time"),
    ///     answer => println!("{} bytes", answer?.len()),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RpcError::TimedOut`], and as [`Client::call`].
    pub fn call_within(
        &mut self,
        time: Duration,
        request: impl Into<Vec<u8>>,
    ) -> Result<Vec<u8>, RpcError> {
        let outcome = self.run(request.into(), |replies| replies.read_within(time));
        if outcome == Err(RpcError::TimedOut) {
            self.given_up.push_back(self.last);
            if self.given_up.len() > MAX_GIVEN_UP {
                self.given_up.pop_front();
            }
            self.tell_given_up(|to, frame| to.try_write(frame));
        }
        outcome
    }

    /// Frames that were no reply to the call under way: malformed ones, and
    /// replies that came late.
    ///
    /// ```no_run
    /// # fn f(client: weft_guest::blocking::Client) -> weft_guest::Result {
    /// println!("{} replies came late", client.ignored());
    /// # Ok(()) }
    /// ```
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Tells the server of calls given up, by this kind of write. Those for which there is no room now are told before the next call.
    fn tell_given_up(&mut self, write: fn(&Writer, &[u8]) -> Result<Written, WriteError>) {
        while let Some(number) = self.given_up.front() {
            let frame = wire::seal(Vec::new(), Kind::Cancel, *number);
            match write(&self.requests, &frame) {
                Err(WriteError::WouldBlock) | Ok(Written::Dropped) => return,
                Ok(Written::Kept) | Err(_) => {}
            }
            self.given_up.pop_front();
        }
    }

    fn run(
        &mut self,
        request: Vec<u8>,
        read: impl Fn(&mut Reader) -> Result<Option<Frame>, ReadError>,
    ) -> Result<Vec<u8>, RpcError> {
        self.last += 1;
        let number = self.last;
        let request = wire::call(request, number);
        // Sent again if the server had forgotten this client before it read the request.
        loop {
            let mut replies = self.send(&request)?;
            let mut forgotten = false;
            loop {
                let frame = match read(&mut replies) {
                    Ok(Some(frame)) => frame.payload,
                    Err(ReadError::WouldBlock) => {
                        self.replies = Some(replies);
                        return Err(RpcError::TimedOut);
                    }
                    Ok(None) | Err(_) if forgotten => break,
                    Ok(None) | Err(_) => return Err(RpcError::ServerGone),
                };
                let outcome = match wire::open(&frame) {
                    Some((reply, Kind::Reply, of)) if of == number => Ok(reply.len()),
                    Some((_, Kind::NoReply, of)) if of == number => Err(RpcError::NoReply),
                    Some((_, Kind::Forgotten, _)) => {
                        forgotten = true;
                        continue;
                    }
                    Some((_, Kind::Reply | Kind::NoReply, _)) => {
                        self.ignored += 1;
                        continue;
                    }
                    _ => {
                        ignore(&mut self.ignored, "ignored a frame that is no reply");
                        continue;
                    }
                };
                self.replies = Some(replies);
                let mut reply = frame;
                return outcome.map(|bytes| {
                    reply.truncate(bytes);
                    reply
                });
            }
        }
    }

    /// Sends a request and returns the reader for its reply.
    fn send(&mut self, request: &[u8]) -> Result<Reader, RpcError> {
        // This may wait: the request needs room anyway.
        self.tell_given_up(|to, frame| to.write(frame));
        let (sent, replies) = match self.replies.take() {
            Some(replies) => (self.requests.write(request), replies),
            None => {
                let channel = Channel::bounded(REPLIES)?;
                let (reader, writer) = (
                    channel.strong_reader()?.past_stop(),
                    channel.strong_writer()?,
                );
                let handles = [writer.into()];
                (self.requests.write_with(request, handles), reader.into())
            }
        };
        match sent {
            Ok(Written::Kept) => Ok(replies),
            Ok(Written::Dropped) => Err(RpcError::Dropped),
            // The replies of earlier calls do not matter any more.
            Err(error) => Err(WriteError::into(error)),
        }
    }
}
