//! The calls of a client that are under way: requests on their way out, and replies on their way in.
//!
//! The futures that callers hold do none of this work, because a future may be held and not polled. A call that is
//! alone waits for its reply itself, on the guest's own stack where it can. With several calls, or with requests or
//! cancellations that find no room, there is more to do than one wait. Then one task does it all: the *driver*.
//!
//! Invariants:
//! - Requests and the opening of a channel for replies leave one after the other, so that the server sees the writer for the
//!   replies first.
//! - While a call waits, either it is alone and waits for the replies itself, or the driver is there.

use super::wire::{self, ENVELOPE, Kind};
use super::{RpcError, ignore};
use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::channel::{Channel, Reader, Shape, Writer, Written};
use crate::error::{ReadError, WriteError};
use crate::packed::{MAX_BYTES, MAX_FRAMES};
use crate::task::{Background, KeptWaker};
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Calls given up that the server may still have to be told of, at most. There are that many only where a channel drops one cancellation
/// after the other and takes the requests between them; the server hears of the oldest no more, and its reply is ignored.
pub(crate) const MAX_GIVEN_UP: usize = 1024;

/// Calls under way, where their requests go, and where their replies come from.
pub(super) struct Table {
    requests: Writer,
    /// Bytes for replies that wait to be read.
    capacity: u64,
    replies: Option<Reader>,
    /// A channel for replies whose writer has not left yet.
    opening: Option<(Reader, raw::Handle)>,
    /// Whether the server has said that it forgets this client.
    forgotten: bool,
    last: u64,
    calls: BTreeMap<u64, Call>,
    /// The call whose time-out ends the wait for replies.
    bounded: Option<u64>,
    /// Calls given up that the server has not been told of yet.
    given_up: VecDeque<u64>,
    /// The wait for room for what comes next.
    room: Option<LocalBoxFuture<'static, ()>>,
    driver: Driver,
    pub(super) ignored: u64,
}

/// The task that does what no call can do for itself.
enum Driver {
    Absent,
    /// Woken, or not polled yet.
    Running,
    Waiting(Waker),
}

/// A call under way.
struct Call {
    /// The request, to be sent again if the server forgets this client.
    request: Vec<u8>,
    sent: bool,
    /// Whether the wait for replies has had its time-out once.
    bounded: bool,
    outcome: Option<Result<Vec<u8>, RpcError>>,
    waker: Option<KeptWaker>,
}

impl Table {
    /// The channel for replies has room for at least one envelope, so that the server can say that there is no reply.
    pub(super) fn new(requests: Writer, capacity: u64) -> Self {
        Table {
            requests,
            capacity: capacity.max(ENVELOPE as u64),
            replies: None,
            opening: None,
            forgotten: false,
            last: 0,
            calls: BTreeMap::new(),
            bounded: None,
            given_up: VecDeque::new(),
            room: None,
            driver: Driver::Absent,
            ignored: 0,
        }
    }

    pub(super) fn requests(&self) -> &Writer {
        &self.requests
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Begins a call, and gives its number.
    pub(super) fn begin(&mut self, request: Vec<u8>) -> u64 {
        self.last += 1;
        let call = Call {
            request: wire::call(request, self.last),
            sent: false,
            bounded: false,
            outcome: None,
            waker: None,
        };
        self.calls.insert(self.last, call);
        self.last
    }

    /// Whether the wait for replies ends at the time-out of this call.
    pub(super) fn keeps_time_of(&self, number: u64) -> bool {
        let calling = self.replies.as_ref().is_some_and(Reader::is_calling);
        self.bounded == Some(number) && !calling && matches!(self.driver, Driver::Absent)
    }

    /// The state of a call.
    pub(super) fn poll(
        &mut self,
        this: &Rc<RefCell<Table>>,
        cx: &mut Context<'_>,
        number: u64,
        within: Option<u32>,
    ) -> Poll<Result<Vec<u8>, RpcError>> {
        loop {
            let blocked = self.send_all();
            let alone = self.calls.len() == 1 && !blocked;
            let Some(call) = self.calls.get_mut(&number) else {
                return Poll::Ready(Err(RpcError::ServerGone));
            };
            if let Some(outcome) = call.outcome.take() {
                if outcome != Err(RpcError::TimedOut) {
                    // Nobody has to be told that it is over.
                    self.calls.remove(&number);
                }
                return Poll::Ready(outcome);
            }
            let replies = self.replies.as_mut().filter(|_| call.sent);
            let (Some(replies), Driver::Absent, true) = (replies, &self.driver, alone) else {
                call.waker = Some(KeptWaker::new(cx));
                self.drive(this);
                return Poll::Pending;
            };
            let bound = within.filter(|_| !call.bounded && !replies.is_waiting());
            let shape = bound.map_or(Shape::Packed(MAX_FRAMES, MAX_BYTES), Shape::Within);
            match replies.poll_fill_as(cx, shape) {
                Poll::Pending => {
                    call.waker = Some(KeptWaker::new(cx));
                    if bound.is_some() {
                        call.bounded = true;
                        self.bounded = Some(number);
                    }
                    return Poll::Pending;
                }
                Poll::Ready(filled) => self.take_replies(filled),
            }
        }
    }

    /// The caller has given this call up. The server is told as soon as there is room.
    pub(super) fn give_up(&mut self, this: &Rc<RefCell<Table>>, number: u64) {
        let call = self.calls.remove(&number);
        if call.is_some_and(|call| call.sent && call.outcome.is_none()) {
            self.given_up.push_back(number);
            if self.given_up.len() > MAX_GIVEN_UP {
                self.given_up.pop_front();
            }
        }
        if self.bounded == Some(number) {
            self.bounded = None;
        }
        if matches!(self.driver, Driver::Absent)
            && let Some(replies) = &mut self.replies
        {
            replies.withdraw();
        }
        let blocked = self.send_all();
        if blocked || !matches!(self.driver, Driver::Absent) {
            self.drive(this);
        }
    }

    /// The client is dropped. The server sees that nobody reads the replies, so it need not be told of each call.
    pub(super) fn close(&mut self) {
        self.calls.clear();
        self.given_up.clear();
        self.wake_driver();
    }

    /// Sends what there is room for: cancellations, then requests in the order of their calls. `true`: something is left for
    /// which there is no room. A cancellation that the channel drops is sent again with what is sent next.
    fn send_all(&mut self) -> bool {
        if self.room.is_some() {
            return true;
        }
        while let Some(number) = self.given_up.front() {
            let frame = wire::seal(Vec::new(), Kind::Cancel, *number);
            match self.requests.try_write(&frame) {
                Err(WriteError::WouldBlock) => return true,
                Ok(Written::Dropped) => break,
                Ok(Written::Kept) | Err(_) => {}
            }
            self.given_up.pop_front();
        }
        let waiting = self.calls.iter();
        let waiting = waiting.filter(|(_, call)| !call.sent && call.outcome.is_none());
        let numbers: Vec<u64> = waiting.map(|(number, _)| *number).collect();
        numbers.into_iter().any(|number| self.send(number))
    }

    /// Sends a request, with a writer for replies if the server has none. `true`: there is no room.
    fn send(&mut self, number: u64) -> bool {
        let Some(call) = self.calls.get(&number) else {
            return false;
        };
        let sent = match &self.replies {
            Some(_) => self.requests.try_write(&call.request).map_err(Into::into),
            None => {
                let request = call.request.clone();
                self.open(&request)
            }
        };
        let Some(call) = self.calls.get_mut(&number) else {
            return false;
        };
        match sent {
            Err(RpcError::Write(WriteError::WouldBlock)) => return true,
            Ok(Written::Kept) => call.sent = true,
            Ok(Written::Dropped) => call.finish(Err(RpcError::Dropped)),
            Err(error) => call.finish(Err(error)),
        }
        false
    }

    /// Sends a request with the writer of a new channel for replies.
    fn open(&mut self, request: &[u8]) -> Result<Written, RpcError> {
        let (reader, handle) = match self.opening.take() {
            Some(opening) => opening,
            None => {
                // The server's writer must be the only one, or its end goes unnoticed, and this reader the only way
                // to read, or the end of this client does.
                let channel = Channel::bounded(self.capacity)?;
                let reader = channel.strong_reader()?.past_stop();
                (
                    reader,
                    raw::Handle::Writer(channel.strong_writer()?.into_raw()),
                )
            }
        };
        let sent = self.requests.shared().try_write_with(request, vec![handle]);
        match sent {
            Ok(true) => {
                self.replies = Some(reader);
                self.forgotten = false;
                Ok(Written::Kept)
            }
            Ok(false) => Ok(Written::Dropped),
            Err(mut unsent) => {
                if let Some(handle) = unsent.handles.pop() {
                    self.opening = Some((reader, handle));
                }
                Err(WriteError::of(unsent.error, self.requests.shared()).into())
            }
        }
    }

    /// Bytes of what is to be sent next.
    fn next_bytes(&self) -> usize {
        match self.given_up.front() {
            Some(_) => ENVELOPE,
            None => {
                let mut calls = self.calls.values();
                let next = calls.find(|call| !call.sent && call.outcome.is_none());
                next.map_or(0, |call| call.request.len())
            }
        }
    }

    /// Hands out the replies that have arrived.
    fn take_replies(&mut self, filled: Result<bool, ReadError>) {
        let bounded = self.bounded.take();
        match filled {
            Ok(true) => {
                while let Some((_, frame)) = self.replies.as_mut().and_then(|r| r.pop()) {
                    match wire::open(frame) {
                        Some((reply, Kind::Reply, number)) => match self.calls.get_mut(&number) {
                            Some(call) => call.finish(Ok(reply.to_vec())),
                            // Nobody waits for it any more.
                            None => self.ignored += 1,
                        },
                        Some((_, Kind::NoReply, number)) => match self.calls.get_mut(&number) {
                            Some(call) => call.finish(Err(RpcError::NoReply)),
                            None => self.ignored += 1,
                        },
                        Some((_, Kind::Forgotten, _)) => self.forgotten = true,
                        _ => ignore(&mut self.ignored, "ignored a frame that is no reply"),
                    }
                }
            }
            Err(ReadError::WouldBlock) => {
                if let Some(call) = bounded.and_then(|number| self.calls.get_mut(&number)) {
                    call.finish(Err(RpcError::TimedOut));
                }
            }
            Ok(false) | Err(_) => self.end_session(),
        }
    }

    /// The server has no writer for replies any more.
    fn end_session(&mut self) {
        self.replies = None;
        // It has no requests of this client any more, so it need not be told of those given up.
        self.given_up.clear();
        let forgotten = std::mem::take(&mut self.forgotten);
        for call in self.calls.values_mut().filter(|call| call.sent) {
            if forgotten {
                call.sent = false;
                call.wake();
            } else {
                call.finish(Err(RpcError::ServerGone));
            }
        }
    }

    /// Wakes the driver, or starts it if there is none.
    fn drive(&mut self, this: &Rc<RefCell<Table>>) {
        if !matches!(self.driver, Driver::Absent) {
            return self.wake_driver();
        }
        self.driver = Driver::Running;
        // It keeps no time.
        self.bounded = None;
        for call in self.calls.values_mut() {
            call.wake();
        }
        let (table, at_work) = (Rc::clone(this), Background::new());
        crate::task::spawn_local(async move {
            poll_fn(|cx| table.borrow_mut().poll_driver(cx)).await;
            drop(at_work);
        });
    }

    fn wake_driver(&mut self) {
        if let Driver::Waiting(waker) = &self.driver {
            waker.wake_by_ref();
        }
    }

    /// Sends and reads until nothing is to be done.
    fn poll_driver(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(room) = &mut self.room
                && room.as_mut().poll(cx).is_ready()
            {
                self.room = None;
            }
            let blocked = self.send_all();
            if blocked && self.room.is_none() {
                let (to, bytes) = (Rc::clone(self.requests.shared()), self.next_bytes());
                self.room = Some(Box::pin(async move {
                    channel_async::await_room(&to, 1, bytes as u64).await;
                }));
                continue;
            }
            let waiting = self.calls.values().any(|call| call.outcome.is_none());
            if !blocked && !waiting {
                self.driver = Driver::Absent;
                return Poll::Ready(());
            }
            if self.given_up.is_empty() && !waiting {
                // The call that wanted to send was given up.
                self.room = None;
                continue;
            }
            if let Some(replies) = &mut self.replies
                && let Poll::Ready(filled) = replies.poll_fill(cx, MAX_FRAMES, MAX_BYTES)
            {
                self.take_replies(filled);
                continue;
            }
            self.driver = Driver::Waiting(cx.waker().clone());
            return Poll::Pending;
        }
    }
}

impl Call {
    fn finish(&mut self, outcome: Result<Vec<u8>, RpcError>) {
        self.outcome.get_or_insert(outcome);
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
