//! What a reading end is in this engine, and its futures. What the calls mean is said at the handle,
//! [`crate::Reader`].
//!
//! Invariant: a reader's place moves only in the poll or `try_` call that hands the frames out,
//! so a read that is dropped has taken nothing.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::{
    attachment::Charge,
    budget,
    error::ReadError,
    frame::{Frame, Frames},
    native::{
        cycles,
        shared::Shared,
        state::{After, ReadTicket, ReaderKey, Returned, State, Wait},
    },
    options::Strength,
    sync::Arc,
};

#[derive(Debug)]
pub(crate) struct Reader {
    shared: Arc<Shared>,
    key: ReaderKey,
}

impl Reader {
    pub fn open(shared: &Arc<Shared>, strength: Strength) -> Self {
        Self {
            shared: Arc::clone(shared),
            key: shared.with(|state, _| state.open_reader(strength)),
        }
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub fn is_strong(&self) -> bool {
        self.shared.with(|state, _| state.is_strong(self.key))
    }

    pub fn is_ending(&self) -> bool {
        self.shared.with(|state, _| state.is_ending())
    }

    #[inline]
    pub fn read(&self) -> ReadFuture<'_> {
        ReadFuture(Waiting::new(self))
    }

    #[inline]
    pub fn try_read(&self) -> Result<Option<Frame>, ReadError> {
        self.shared
            .with(|state, after| state.read(self.key, after))
            .unwrap_or(Err(ReadError::WouldBlock))
    }

    #[inline]
    pub fn read_batch(&self, max_frames: u32, max_bytes: u64) -> ReadBatchFuture<'_> {
        ReadBatchFuture {
            waiting: Waiting::new(self),
            max_frames,
            max_bytes,
        }
    }

    #[inline]
    pub fn try_read_batch(&self, max_frames: u32, max_bytes: u64) -> Result<Frames, ReadError> {
        self.shared
            .with(|state, after| state.read_batch(self.key, max_frames, max_bytes, after))
            .unwrap_or(Err(ReadError::WouldBlock))
    }

    pub fn readable(&self) -> ReadableFuture<'_> {
        ReadableFuture(Waiting::new(self))
    }

    pub fn put_back(&self, frames: Vec<Frame>, charge: Option<Charge>) {
        if frames.is_empty() {
            return;
        }
        let frames = Returned::new(frames, charge);
        self.shared
            .with(|state, after| state.put_back(self.key, frames, after));
    }

    pub fn strip_returned(&self) {
        self.shared
            .with(|state, after| state.strip_returned(self.key, after));
    }

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

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct ReadFuture<'a>(Waiting<'a>);

impl Future for ReadFuture<'_> {
    type Output = Result<Option<Frame>, ReadError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx, |state, key, ticket, wait, after| {
            state.poll_read(key, ticket, wait, after)
        })
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct ReadBatchFuture<'a> {
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

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct ReadableFuture<'a>(Waiting<'a>);

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
        ready!(budget::poll(cx));
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
