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
        shared::ChannelCore,
        state::{After, Missed, Near, Place, ReadTicket, ReaderKey, Returned, State, Taken, Wait},
    },
    options::Strength,
    sync::Arc,
};

#[derive(Debug)]
pub(crate) struct Reader {
    shared: Arc<ChannelCore>,
    place: Arc<Place>,
    key: ReaderKey,
}

impl Reader {
    pub fn open(shared: &Arc<ChannelCore>, strength: Strength) -> Self {
        let (place, key) = shared.with(|state, _| state.open_reader(strength));
        Self {
            shared: Arc::clone(shared),
            place,
            key,
        }
    }

    pub fn shared(&self) -> &Arc<ChannelCore> {
        &self.shared
    }

    pub fn is_strong(&self) -> bool {
        self.place.near().is_strong()
    }

    pub fn is_ending(&self) -> bool {
        self.shared.with(|state, _| state.is_ending())
    }

    /// Changes the state, with the lock of the place held too.
    #[inline]
    fn with<R>(&self, change: impl FnOnce(&mut State, &mut Near, &mut After) -> R) -> R {
        self.shared.with_place(&self.place, change)
    }

    /// Wakes the write that waits for room, if there is enough.
    #[cold]
    fn wake_writer(&self) {
        self.shared.with(|state, after| state.wake_writer(after));
    }

    #[inline]
    pub fn read(&self) -> ReadFuture<'_> {
        ReadFuture(Waiting::new(self))
    }

    #[inline]
    pub fn try_read(&self) -> Result<Option<Frame>, ReadError> {
        let mut near = self.place.near();
        if let Ok(Taken {
            segment,
            index,
            wanted,
        }) = self.place.take(&mut near)
        {
            let (writer, kept) = (segment.writer(), segment.bytes());
            let payload = segment.payload(index);
            drop(near);
            if wanted {
                self.wake_writer();
            }
            return Ok(Some(Frame::read(writer, payload, kept)));
        }
        drop(near);
        self.with(|state, near, after| state.read((&self.place, near), after))
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
        self.with(|state, near, after| {
            state.read_batch((&self.place, near), max_frames, max_bytes, after)
        })
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
        self.with(|state, near, after| state.put_back(near, frames, after));
    }

    pub fn strip_returned(&self) {
        self.with(|_, near, after| near.strip_returned(after));
    }

    pub fn set_weak(&self) {
        self.with(|state, near, after| state.weaken_reader(&self.place, near, after));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.with(|state, near, after| state.close_reader(self.key, &self.place, near, after));
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
        ready!(budget::poll(cx));
        let Waiting { reader, ticket } = &mut self.0;
        let mut near = reader.place.near();
        let missed = match reader.place.take(&mut near) {
            Ok(Taken {
                segment,
                index,
                wanted,
            }) => {
                // Whoever wrote the frame has made the ticket void.
                *ticket = None;
                let (writer, kept) = (segment.writer(), segment.bytes());
                let payload = segment.payload(index);
                drop(near);
                if wanted {
                    reader.wake_writer();
                }
                return Poll::Ready(Ok(Some(Frame::read(writer, payload, kept))));
            }
            Err(missed) => missed,
        };
        drop(near);
        let seems_to_wait = missed == Missed::Nothing;
        self.0
            .poll(cx, seems_to_wait, |state, place, ticket, wait, after| {
                state.poll_read(place, ticket, wait, after)
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
        ready!(budget::poll(cx));
        let limits = (self.max_frames, self.max_bytes);
        self.waiting
            .poll(cx, false, |state, place, ticket, wait, after| {
                state.poll_read_batch(place, limits, ticket, wait, after)
            })
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct ReadableFuture<'a>(Waiting<'a>);

impl Future for ReadableFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(budget::poll(cx));
        self.0
            .poll(cx, false, |state, (_, near), ticket, wait, after| {
                state.poll_readable(near, ticket, wait, after)
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
        seems_to_wait: bool,
        mut look: impl FnMut(
            &mut State,
            (&Place, &mut Near),
            &mut Option<ReadTicket>,
            &mut Wait<'_>,
            &mut After,
        ) -> Option<Poll<R>>,
    ) -> Poll<R> {
        let Self { reader, ticket } = self;
        let mut wait = Wait::new(cx.waker());
        if seems_to_wait {
            wait.clone_waker();
        }
        loop {
            let polled = reader.with(|state, near, after| {
                look(state, (&reader.place, near), ticket, &mut wait, after)
            });
            match polled {
                Some(poll) => return poll,
                None => wait.clone_waker(),
            }
        }
    }
}

impl Drop for Waiting<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.reader
                .shared
                .with(|state, after| state.cancel_read(&mut self.ticket, after));
        }
    }
}
