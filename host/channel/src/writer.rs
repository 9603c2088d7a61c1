//! The writing end and its futures.
//!
//! Invariant: a future that is done or dropped is in no queue, and a future dropped
//! before it is done has sent nothing.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use crate::{
    attachment::Attachments,
    batch::{Batch, Parcel},
    cycles,
    error::{OpenError, WriteError},
    shared::Shared,
    state::{Amount, ReadTicket, Strength, Wait, WriteTicket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    turn,
};

/// A writing end. Dropping it closes it.
///
/// It may be shared: writes through one writer from several tasks are sent in the
/// order of their first polls, as writes through different writers are.
///
/// The channel keeps payloads as they are given and counts their length. A `Bytes` that
/// is a small part of a large allocation keeps all of it; copy it first.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    id: u32,
    /// Changed under the lock of the state, which counts by it.
    strong: AtomicBool,
}

impl Writer {
    pub(crate) fn open(shared: &Arc<Shared>, strength: Strength) -> Result<Self, OpenError> {
        let id = shared.with(|state, _| state.open_writer(strength))?;
        Ok(Self {
            shared: Arc::clone(shared),
            id,
            strong: AtomicBool::new(strength == Strength::Strong),
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Names this writer in the frames it sends. Unique within its channel, from 1, never
    /// used again.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether this writer keeps the channel open.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.strong.load(Ordering::Relaxed)
    }

    /// Sends a frame. False: a `Drop` channel had no room and dropped it.
    ///
    /// On a full `Block` channel it waits its turn: writes are served in the order in which they
    /// were first polled. A write that is neither polled nor dropped once its turn has
    /// come holds up those behind it.
    pub fn write(&self, payload: Bytes) -> WriteFuture<'_> {
        WriteFuture(Sending::new(self, Parcel::single(payload)))
    }

    /// Sends a frame without waiting: `WouldBlock` where `write` would wait.
    pub fn try_write(&self, payload: Bytes) -> Result<bool, WriteError> {
        self.try_send(Parcel::single(payload))
            .map(|frames| frames > 0)
    }

    /// Sends a frame with handles attached, as [`write`](Self::write) does.
    ///
    /// The first reader that reads the frame gets them; every other one gets the frame without
    /// them. They are released, as if dropped, where the frame is lost before that: refused,
    /// dropped, cancelled, evicted, or in a channel that is terminated or freed.
    pub fn write_with(&self, payload: Bytes, attached: Attachments) -> WriteFuture<'_> {
        WriteFuture(Sending::new(self, Parcel::with(payload, attached)))
    }

    /// Sends a frame with handles attached, as [`try_write`](Self::try_write) does. Where it
    /// sends nothing, `WouldBlock` included, the handles are released.
    pub fn try_write_with(
        &self,
        payload: Bytes,
        attached: Attachments,
    ) -> Result<bool, WriteError> {
        self.try_send(Parcel::with(payload, attached))
            .map(|frames| frames > 0)
    }

    /// Sends a batch and returns the number of frames sent.
    ///
    /// On a `Block` channel the batch is sent whole, once there is room for all of
    /// it. A `Drop` channel takes the frames that fit, from the first on, and
    /// drops and counts the rest. A batch is retained and evicted as one.
    pub fn write_batch(&self, batch: Batch) -> WriteBatchFuture<'_> {
        WriteBatchFuture(Sending::new(self, batch.into_parcel()))
    }

    /// Whether such a batch can be sent at all, once there is room: whole on a `Block` channel, in part on a `Drop` channel.
    #[must_use]
    pub fn can_ever_send(&self, batch: &Batch) -> bool {
        let size = Amount {
            frames: batch.len() as u64,
            bytes: batch.bytes() as u64,
        };
        let largest = batch.largest_frame() as u64;
        self.shared.with(|state, _| state.may_fit(largest, size))
    }

    /// Sends a batch without waiting: `WouldBlock` where `write_batch` would wait.
    pub fn try_write_batch(&self, batch: Batch) -> Result<u32, WriteError> {
        self.try_send(batch.into_parcel())
    }

    /// Whether nobody will ever read what is written from now on: there is no reader left and no handle to make one
    /// of, or the channel takes no more frames.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.shared.with(|state, _| state.is_unread())
    }

    /// Waits until nobody will ever read what is written.
    pub fn unread(&self) -> UnreadFuture<'_> {
        UnreadFuture {
            writer: self,
            ticket: None,
        }
    }

    /// Turns a strong writer into a weak one; a weak one stays as it is.
    #[must_use = "the writer returned is the only one left"]
    pub fn downgrade(self) -> Self {
        self.set_weak();
        self
    }

    /// Does what `downgrade` does, in place.
    pub fn set_weak(&self) {
        self.shared.with(|state, after| {
            if self.strong.swap(false, Ordering::Relaxed) {
                state.weaken_writer(after);
            }
        });
    }

    fn try_send(&self, parcel: Parcel) -> Result<u32, WriteError> {
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

/// Resolves when the frame is sent, dropped or refused; see [`Writer::write`].
///
/// Dropped before that, it has sent nothing. It does nothing unless polled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteFuture<'a>(Sending<'a>);

impl Future for WriteFuture<'_> {
    type Output = Result<bool, WriteError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx).map_ok(|frames| frames > 0)
    }
}

/// Resolves when the batch is sent, dropped or refused; see [`Writer::write_batch`].
///
/// Dropped before that, it has sent nothing. It does nothing unless polled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteBatchFuture<'a>(Sending<'a>);

impl Future for WriteBatchFuture<'_> {
    type Output = Result<u32, WriteError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

/// Resolves when nobody will ever read; see [`Writer::unread`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct UnreadFuture<'a> {
    writer: &'a Writer,
    ticket: Option<ReadTicket>,
}

impl Future for UnreadFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(turn::poll(cx));
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

/// What both write futures are.
#[derive(Debug)]
struct Sending<'a> {
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

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<u32, WriteError>> {
        let Self {
            writer,
            parcel,
            ticket,
        } = self;
        if parcel.is_none() {
            // Polled again after it was done: nothing will ever happen.
            return Poll::Pending;
        }
        ready!(turn::poll(cx));
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
