//! The writing end and its futures.
//!
//! Invariant: a future that is done or dropped is in no queue, and a future dropped
//! before it is done has sent nothing.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;

use crate::{
    attachment::Attachments,
    batch::{Batch, Parcel},
    engine::Engine,
    error::{Unavailable, WriteError},
    native,
    remote::{self, Call, Outgoing},
};

/// A writing end. Dropping it closes it.
///
/// It may be shared: writes through one writer from several tasks are sent in the
/// order of their first polls, as writes through different writers are.
///
/// The channel keeps payloads as they are given and counts their length. A `Bytes` that
/// is a small part of a large allocation keeps all of it; copy it first.
///
/// A writer of a remote channel sends by `try_` calls only what its engine takes at once, and else says `WouldBlock`: they never wait.
/// The `ask_` calls wait for the engine alone.
#[derive(Debug)]
pub struct Writer(Engine<native::Writer, Box<remote::Writer>>);

impl Writer {
    pub(crate) fn of_native(writer: native::Writer) -> Self {
        Self(Engine::Native(writer))
    }

    pub(crate) fn of_remote(writer: remote::Writer) -> Self {
        Self(Engine::Remote(Box::new(writer)))
    }

    pub(crate) fn engine(&self) -> &Engine<native::Writer, Box<remote::Writer>> {
        &self.0
    }

    pub(crate) fn native(&self) -> Option<&native::Writer> {
        match &self.0 {
            Engine::Native(writer) => Some(writer),
            Engine::Remote(_) => None,
        }
    }

    /// Names this writer in the frames it sends. Unique within its channel, from 1, never
    /// used again.
    #[must_use]
    pub fn id(&self) -> u32 {
        match &self.0 {
            Engine::Native(writer) => writer.id(),
            Engine::Remote(writer) => writer.id(),
        }
    }

    /// Whether this writer keeps the channel open.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        match &self.0 {
            Engine::Native(writer) => writer.is_strong(),
            Engine::Remote(writer) => writer.is_strong(),
        }
    }

    /// Sends a frame. False: a `Drop` channel had no room and dropped it.
    ///
    /// On a full `Block` channel it waits its turn: writes are served in the order in which they
    /// were first polled. A write that is neither polled nor dropped once its turn has
    /// come holds up those behind it.
    #[inline]
    pub fn write(&self, payload: Bytes) -> WriteFuture<'_> {
        WriteFuture(match &self.0 {
            Engine::Native(writer) => Engine::Native(writer.send(Parcel::single(payload))),
            Engine::Remote(writer) => Engine::Remote(writer.send(Outgoing::frame(payload))),
        })
    }

    /// Sends a frame without waiting: `WouldBlock` where `write` would wait.
    #[inline]
    pub fn try_write(&self, payload: Bytes) -> Result<bool, WriteError> {
        let sent = match &self.0 {
            Engine::Native(writer) => writer.try_send(Parcel::single(payload)),
            Engine::Remote(writer) => remote::try_now(writer.ask_send(Outgoing::frame(payload))),
        };
        sent.map(|frames| frames > 0)
    }

    /// Sends a frame once the engine has been asked: `WouldBlock` if there is no room.
    pub async fn ask_write(&self, payload: Bytes) -> Result<bool, WriteError> {
        match &self.0 {
            Engine::Native(_) => self.try_write(payload),
            Engine::Remote(writer) => {
                let sent = writer.ask_send(Outgoing::frame(payload)).await;
                sent.map(|frames| frames > 0)
            }
        }
    }

    /// Sends a frame with handles attached, as [`write`](Self::write) does.
    ///
    /// The first reader that reads the frame gets them; every other one gets the frame without
    /// them. They are released, as if dropped, where the frame is lost before that: refused,
    /// dropped, cancelled, evicted, or in a channel that is terminated or freed.
    ///
    /// A remote engine may take no handles; then this fails with `NoHandles`.
    pub fn write_with(&self, payload: Bytes, attached: Attachments) -> WriteFuture<'_> {
        WriteFuture(match &self.0 {
            Engine::Native(writer) => Engine::Native(writer.send(Parcel::with(payload, attached))),
            Engine::Remote(writer) => {
                Engine::Remote(writer.send(Outgoing::Frame { payload, attached }))
            }
        })
    }

    /// Sends a frame with handles attached, as [`try_write`](Self::try_write) does. Where it
    /// sends nothing, `WouldBlock` included, the handles are released.
    pub fn try_write_with(
        &self,
        payload: Bytes,
        attached: Attachments,
    ) -> Result<bool, WriteError> {
        let sent = match &self.0 {
            Engine::Native(writer) => writer.try_send(Parcel::with(payload, attached)),
            Engine::Remote(writer) => {
                remote::try_now(writer.ask_send(Outgoing::Frame { payload, attached }))
            }
        };
        sent.map(|frames| frames > 0)
    }

    /// Sends a batch and returns the number of frames sent.
    ///
    /// On a `Block` channel the batch is sent whole, once there is room for all of
    /// it. A `Drop` channel takes the frames that fit, from the first on, and
    /// drops and counts the rest. A batch is retained and evicted as one.
    #[inline]
    pub fn write_batch(&self, batch: Batch) -> WriteBatchFuture<'_> {
        WriteBatchFuture(match &self.0 {
            Engine::Native(writer) => Engine::Native(writer.send(batch.into_parcel())),
            Engine::Remote(writer) => Engine::Remote(writer.send(Outgoing::Batch(batch))),
        })
    }

    /// Whether such a batch can be sent at all, once there is room: whole on a `Block` channel, in part on a `Drop` channel.
    #[must_use]
    pub fn can_ever_send(&self, batch: &Batch) -> bool {
        match &self.0 {
            Engine::Native(writer) => writer.can_ever_send(batch),
            Engine::Remote(writer) => writer.can_ever_send(batch),
        }
    }

    /// Sends a batch without waiting: `WouldBlock` where `write_batch` would wait.
    #[inline]
    pub fn try_write_batch(&self, batch: Batch) -> Result<u32, WriteError> {
        match &self.0 {
            Engine::Native(writer) => writer.try_send(batch.into_parcel()),
            Engine::Remote(writer) => remote::try_now(writer.ask_send(Outgoing::Batch(batch))),
        }
    }

    /// Sends a batch once the engine has been asked: `WouldBlock` if there is no room.
    pub async fn ask_write_batch(&self, batch: Batch) -> Result<u32, WriteError> {
        match &self.0 {
            Engine::Native(_) => self.try_write_batch(batch),
            Engine::Remote(writer) => writer.ask_send(Outgoing::Batch(batch)).await,
        }
    }

    /// Whether nobody will ever read what is written from now on: there is no reader left and no handle to make one
    /// of, or the channel takes no more frames. Of a remote channel: whether its engine has heard so.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        match &self.0 {
            Engine::Native(writer) => writer.is_unread(),
            Engine::Remote(writer) => writer.is_unread(),
        }
    }

    /// Waits until nobody will ever read what is written.
    pub fn unread(&self) -> UnreadFuture<'_> {
        UnreadFuture(match &self.0 {
            Engine::Native(writer) => Engine::Native(writer.unread()),
            Engine::Remote(writer) => Engine::Remote(writer.unread()),
        })
    }

    /// Turns a strong writer into a weak one; a weak one stays as it is. For a remote channel see
    /// [`set_weak`](Self::set_weak).
    #[must_use = "the writer returned is the only one left"]
    pub fn downgrade(self) -> Self {
        self.set_weak();
        self
    }

    /// Does what `downgrade` does, in place.
    ///
    /// A remote engine that does not answer at once is not waited for: then every later call of this writer fails with
    /// `Unavailable`. See [`ask_weak`](Self::ask_weak).
    pub fn set_weak(&self) {
        match &self.0 {
            Engine::Native(writer) => writer.set_weak(),
            Engine::Remote(writer) => drop(remote::now(writer.ask_weak())),
        }
    }

    /// Does what `downgrade` does, in place, and waits until the engine has done it. Where that fails, or the wait is dropped, every
    /// later call of this writer fails with `Unavailable`.
    pub async fn ask_weak(&self) -> Result<(), Unavailable> {
        match &self.0 {
            Engine::Native(writer) => {
                writer.set_weak();
                Ok(())
            }
            Engine::Remote(writer) => writer.ask_weak().await,
        }
    }
}

/// What both write futures are.
type Sending<'a> = Engine<native::Sending<'a>, Call<'a, Result<u32, WriteError>>>;

/// Resolves when the frame is sent, dropped or refused; see [`Writer::write`].
///
/// Dropped before that, it has sent nothing. It does nothing unless polled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteFuture<'a>(Sending<'a>);

impl Future for WriteFuture<'_> {
    type Output = Result<bool, WriteError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_ok(|frames| frames > 0)
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

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Resolves when nobody will ever read; see [`Writer::unread`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct UnreadFuture<'a>(Engine<native::UnreadFuture<'a>, Call<'a, ()>>);

impl Future for UnreadFuture<'_> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}
