//! What a writing end is in this engine, and its futures. What the calls mean is said at the handle,
//! [`crate::Writer`].
//!
//! Invariant: a future that is done or dropped is in no queue, and a future dropped
//! before it is done has sent nothing.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::{
    batch::{Batch, Parcel},
    budget,
    error::{OpenError, WriteError},
    native::{
        cycles,
        shared::ChannelCore,
        state::{Amount, ReadTicket, Wait, WriteTicket},
    },
    options::Strength,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<ChannelCore>,
    id: u32,
    /// Changed under the lock of the state, which counts by it.
    strong: AtomicBool,
}

impl Writer {
    pub(crate) fn open(shared: &Arc<ChannelCore>, strength: Strength) -> Result<Self, OpenError> {
        let id = shared.with(|state, _| state.open_writer(strength))?;
        Ok(Self {
            shared: Arc::clone(shared),
            id,
            strong: AtomicBool::new(strength == Strength::Strong),
        })
    }

    pub(crate) fn shared(&self) -> &Arc<ChannelCore> {
        &self.shared
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    pub fn is_strong(&self) -> bool {
        self.strong.load(Ordering::Relaxed)
    }

    #[inline]
    pub fn send(&self, parcel: Parcel) -> Sending<'_> {
        Sending::new(self, parcel)
    }

    pub fn can_ever_send(&self, batch: &Batch) -> bool {
        let size = Amount {
            frames: batch.len() as u64,
            bytes: batch.bytes() as u64,
        };
        let largest = batch.largest_frame() as u64;
        self.shared.with(|state, _| state.may_fit(largest, size))
    }

    pub fn is_unread(&self) -> bool {
        self.shared.with(|state, _| state.is_unread())
    }

    pub fn unread(&self) -> UnreadFuture<'_> {
        UnreadFuture {
            writer: self,
            ticket: None,
        }
    }

    pub fn set_weak(&self) {
        self.shared.with(|state, after| {
            if self.strong.swap(false, Ordering::Relaxed) {
                state.weaken_writer(after);
            }
        });
    }

    #[inline]
    pub fn try_send(&self, parcel: Parcel) -> Result<u32, WriteError> {
        let mut parcel = Some(parcel);
        loop {
            let sent = self
                .shared
                .with(|state, after| state.try_send(self.id, &mut parcel, after));
            match sent {
                Some(sent) => return sent,
                None if parcel.as_mut().is_some_and(Parcel::make_cut) => {}
                None => return Err(WriteError::WouldBlock),
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let strong = self.is_strong();
        self.shared
            .with(|state, after| state.close_writer(strong, after));
        cycles::closed(&self.shared);
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct UnreadFuture<'a> {
    writer: &'a Writer,
    ticket: Option<ReadTicket>,
}

impl Future for UnreadFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(budget::poll(cx));
        let Self { writer, ticket } = &mut *self;
        let mut wait = Wait::new(cx.waker());
        loop {
            let polled = writer
                .shared
                .with(|state, after| state.poll_unread(ticket, &mut wait, after));
            match polled {
                Some(poll) => return poll,
                None => wait.clone_waker(),
            }
        }
    }
}

impl Drop for UnreadFuture<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.writer
                .shared
                .with(|state, after| state.cancel_unread(&mut self.ticket, after));
        }
    }
}

/// A write: of a frame, or of a batch.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Sending<'a> {
    writer: &'a Writer,
    /// Gone once sent, dropped or refused.
    parcel: Option<Parcel>,
    /// The place in the queue of waiting writes, if it has one.
    ticket: Option<WriteTicket>,
}

impl<'a> Sending<'a> {
    fn new(writer: &'a Writer, parcel: Parcel) -> Self {
        Self {
            writer,
            parcel: Some(parcel),
            ticket: None,
        }
    }
}

impl Future for Sending<'_> {
    type Output = Result<u32, WriteError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self {
            writer,
            parcel,
            ticket,
        } = &mut *self;
        if parcel.is_none() {
            // Polled again after it was done: nothing will ever happen.
            return Poll::Pending;
        }
        ready!(budget::poll(cx));
        let mut wait = Wait::new(cx.waker());
        loop {
            let polled = writer
                .shared
                .with(|state, after| state.poll_send(writer.id, parcel, ticket, &mut wait, after));
            match polled {
                Some(Poll::Ready(result)) => {
                    *parcel = None;
                    return Poll::Ready(result);
                }
                Some(Poll::Pending) => return Poll::Pending,
                None if parcel.as_mut().is_some_and(Parcel::make_cut) => {}
                None => wait.clone_waker(),
            }
        }
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.writer
                .shared
                .with(|state, after| state.cancel_send(ticket, after));
        }
    }
}
