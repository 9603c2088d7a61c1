//! The calls of a client that are under way, and the replies to them.
//!
//! Whoever is polled reads the replies for all: it hands out what comes and wakes
//! those it is for. When it leaves, it wakes another (`hand_over`).
//!
//! Invariant: while a call waits, one that is being polled reads the replies, or
//! has been woken to do so.

use super::wire::{self, Kind};
use super::{RpcError, ignore};
use crate::channel::{Reader, Shape};
use crate::error::ReadError;
use crate::packed::{MAX_BYTES, MAX_FRAMES};
use crate::task::Parked;
use std::collections::BTreeMap;
use std::task::{Context, Poll};

/// Calls under way, and where their replies come from.
#[derive(Default)]
pub(super) struct Table {
    pub(super) replies: Option<Reader>,
    /// Whether the server has said that it forgets this client.
    pub(super) forgotten: bool,
    pub(super) last: u64,
    pub(super) calls: BTreeMap<u64, Call>,
    /// The call that reads the replies: it waited, or read, last.
    pub(super) reading: Option<u64>,
    /// The call whose time-out the wait for replies keeps.
    pub(super) bounded: Option<u64>,
    /// Calls given up of which the server could not be told yet.
    pub(super) given_up: Vec<u64>,
    pub(super) ignored: u64,
}

/// A call under way.
pub(super) struct Call {
    /// The request, to be sent again if the server forgets this client.
    pub(super) request: Vec<u8>,
    pub(super) sent: bool,
    /// Whether its wait has kept the time-out once.
    pub(super) bounded: bool,
    pub(super) outcome: Option<Result<Vec<u8>, RpcError>>,
    pub(super) waker: Option<Parked>,
}

impl Table {
    /// Whether the wait for replies ends in time for this call.
    pub(super) fn keeps_time_of(&self, number: u64) -> bool {
        let calling = self.replies.as_ref().is_some_and(Reader::is_calling);
        self.bounded == Some(number) && !calling
    }

    /// What became of a call; `None`: it has to be sent again.
    pub(super) fn poll_outcome(
        &mut self,
        cx: &mut Context<'_>,
        number: u64,
        within: Option<u32>,
    ) -> Poll<Option<Result<Vec<u8>, RpcError>>> {
        loop {
            let alone = self.calls.len() == 1;
            let Some(call) = self.calls.get_mut(&number) else {
                return Poll::Ready(Some(Err(RpcError::ServerGone)));
            };
            if let Some(outcome) = call.outcome.take() {
                return Poll::Ready(Some(outcome));
            }
            let Some(replies) = self.replies.as_mut().filter(|_| call.sent) else {
                return Poll::Ready(None);
            };
            let bound = within.filter(|_| alone && !call.bounded && !replies.is_waiting());
            let shape = bound.map_or(Shape::Packed(MAX_FRAMES, MAX_BYTES), Shape::Within);
            match replies.poll_fill_as(cx, shape) {
                Poll::Pending => {
                    call.waker = Some(Parked::new(cx));
                    self.reading = Some(number);
                    if bound.is_some() {
                        call.bounded = true;
                        self.bounded = Some(number);
                    }
                    return Poll::Pending;
                }
                Poll::Ready(filled) => {
                    // The wait of whoever waited last is over with this.
                    self.reading = Some(number);
                    self.take_replies(filled);
                }
            }
        }
    }

    /// Hands out what has come.
    fn take_replies(&mut self, filled: Result<bool, ReadError>) {
        let bounded = self.bounded.take();
        match filled {
            Ok(true) => {
                while let Some((_, frame)) = self.replies.as_mut().and_then(|r| r.ready().pop()) {
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

    /// Whoever read the replies does so no longer: another must, if there is one.
    pub(super) fn hand_over(&mut self) {
        self.reading = None;
        match self.calls.values_mut().find(|call| call.waker.is_some()) {
            Some(other) => other.wake(),
            None => {
                if let Some(replies) = &mut self.replies {
                    replies.withdraw();
                }
            }
        }
    }

    /// The server has no writer for replies any more.
    fn end_session(&mut self) {
        self.replies = None;
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
