//! The reading end and its futures.
//!
//! Invariant: a reader's place moves only in the poll or `try_` call that hands the frames out,
//! so a read that is dropped has taken nothing.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::{
    attachment::Charge,
    cycles,
    error::ReadError,
    frame::{Frame, Frames},
    shared::Shared,
    state::{After, ReadTicket, ReaderKey, Returned, State, Strength, Wait},
    sync::Arc,
    turn,
};

/// A reading end, with a place of its own in the channel. Dropping it closes it.
///
/// It may be shared: each frame then goes to one of the reads that wait. Every one of
/// them is woken for it, so a work queue of many tasks is better built otherwise.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    key: ReaderKey,
}

impl Reader {
    pub(crate) fn open(shared: &Arc<Shared>, strength: Strength) -> Self {
        Self {
            shared: Arc::clone(shared),
            key: shared.with(|state, _| state.open_reader(strength)),
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Whether this reader holds writers back.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.shared.with(|state, _| state.is_strong(self.key))
    }

    /// Takes the next frame, waiting for one. `None` is end-of-channel, and stays.
    ///
    /// Handles attached to the frame come with it if no other reader has read it before.
    pub fn read(&self) -> ReadFuture<'_> {
        ReadFuture(Waiting::new(self))
    }

    /// Takes the next frame without waiting: `WouldBlock` where `read` would wait.
    pub fn try_read(&self) -> Result<Option<Frame>, ReadError> {
        self.shared
            .with(|state, after| state.read(self.key, after))
            .unwrap_or(Err(ReadError::WouldBlock))
    }

    /// Takes the frames that are there, waiting for the first.
    ///
    /// At most `max_frames` of them, and at most `max_bytes` of payload unless the
    /// first frame is larger, which then comes alone; both limits are taken as at least 1, and `max_bytes` as at
    /// most 16 MiB. Fewer may come than are there: one read takes at most 65,536 frames, and those of 4,096 writes. No
    /// frames is end-of-channel, and stays. Handles attached to them are
    /// in [`Frames::take_attached`].
    pub fn read_batch(&self, max_frames: u32, max_bytes: u64) -> ReadBatchFuture<'_> {
        ReadBatchFuture {
            waiting: Waiting::new(self),
            max_frames,
            max_bytes,
        }
    }

    /// Takes the frames that are there: `WouldBlock` where `read_batch` would wait.
    pub fn try_read_batch(&self, max_frames: u32, max_bytes: u64) -> Result<Frames, ReadError> {
        self.shared
            .with(|state, after| state.read_batch(self.key, max_frames, max_bytes, after))
            .unwrap_or(Err(ReadError::WouldBlock))
    }

    /// Waits until a read would not wait, and takes nothing.
    pub fn readable(&self) -> ReadableFuture<'_> {
        ReadableFuture(Waiting::new(self))
    }

    /// Gives frames back. They are read again, in this order, before all others, by whoever reads next. The
    /// charge is kept until they are read.
    ///
    /// Handles in these frames are not looked for when channels become unreachable. So before a reader is sent in a frame, its
    /// sender takes them out; see [`strip_returned`](Self::strip_returned).
    pub fn put_back(&self, frames: Vec<Frame>, charge: Option<Charge>) {
        if frames.is_empty() {
            return;
        }
        let frames = Returned::new(frames, charge);
        self.shared
            .with(|state, after| state.put_back(self.key, frames, after));
    }

    /// Drops the handles of the frames that were given back.
    pub fn strip_returned(&self) {
        self.shared
            .with(|state, after| state.strip_returned(self.key, after));
    }

    /// Turns a strong reader into a weak one, at the same place; a weak one stays
    /// as it is.
    #[must_use = "the reader returned is the only one left"]
    pub fn downgrade(self) -> Self {
        self.set_weak();
        self
    }

    /// Does what `downgrade` does, in place.
    pub fn set_weak(&self) {
        self.shared
            .with(|state, after| state.weaken_reader(self.key, after));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared
            .with(|state, after| state.close_reader(self.key, after));
        cycles::closed(&self.shared);
    }
}

/// Resolves with the next frame; see [`Reader::read`]. Dropped before that, it has
/// taken nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadFuture<'a>(Waiting<'a>);

impl Future for ReadFuture<'_> {
    type Output = Result<Option<Frame>, ReadError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx, |state, key, ticket, wait, after| {
            state.poll_read(key, ticket, wait, after)
        })
    }
}

/// Resolves with the frames that are there; see [`Reader::read_batch`]. Dropped
/// before that, it has taken nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadBatchFuture<'a> {
    waiting: Waiting<'a>,
    max_frames: u32,
    max_bytes: u64,
}

impl Future for ReadBatchFuture<'_> {
    type Output = Result<Frames, ReadError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let limits = (self.max_frames, self.max_bytes);
        self.waiting.poll(cx, |state, key, ticket, wait, after| {
            state.poll_read_batch(key, limits, ticket, wait, after)
        })
    }
}

/// Resolves when a read would not wait; see [`Reader::readable`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadableFuture<'a>(Waiting<'a>);

impl Future for ReadableFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx, |state, key, ticket, wait, after| {
            state.poll_readable(key, ticket, wait, after)
        })
    }
}

/// What all read futures are.
#[derive(Debug)]
struct Waiting<'a> {
    reader: &'a Reader,
    /// The place among the waiting reads, if it has one.
    ticket: Option<ReadTicket>,
}

impl<'a> Waiting<'a> {
    fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            ticket: None,
        }
    }

    /// Looks, and registers the read if it has to wait. Both happen under one lock: a frame committed in between would wake
    /// nobody. `look` returns none where the waker has to be cloned first, which is foreign code.
    #[inline]
    fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut look: impl FnMut(
            &mut State,
            ReaderKey,
            &mut Option<ReadTicket>,
            &mut Wait<'_>,
            &mut After,
        ) -> Option<Poll<R>>,
    ) -> Poll<R> {
        ready!(turn::poll(cx));
        let Self { reader, ticket } = self;
        let mut wait = Wait::new(cx.waker());
        loop {
            let polled = reader
                .shared
                .with(|state, after| look(state, reader.key, ticket, &mut wait, after));
            match polled {
                Some(poll) => return poll,
                None => wait.clone_waker(),
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.reader
                .shared
                .with(|state, after| state.cancel_read(&mut self.ticket, after));
        }
    }
}
