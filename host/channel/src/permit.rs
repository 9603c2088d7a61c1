//! A write in two steps: the wait for its turn and for room, and the write itself.
//!
//! A [`WriteFuture`](crate::WriteFuture) sends in the poll that finds room. Whoever has to decide after the wait whether
//! to send at all waits for a [`Permit`] instead: a wait that is given up, at any moment, has sent nothing.
//!
//! Invariant: a permit holds up the writes behind it until it is used or dropped, so nobody may keep one for long. A write
//! at the front that is not polled does the same.

// Not of `crate::sync`: whoever waits shares the writer, the engine does not.
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use crate::{
    attachment::Attachments,
    batch::{Batch, Parcel},
    engine::Engine,
    error::{Unavailable, WriteError},
    native::WriteTicket,
    options::Need,
    remote::{self, Asked, Call, Outgoing, RemotePermit},
    writer::Writer,
};

/// The turn of a write. There was room for it when the turn came. A strong reader that was opened since may have taken the room.
pub struct Permit {
    writer: Arc<Writer>,
    turn: Turn,
}

/// What an engine gives for it. It is of the writer's engine.
enum Turn {
    /// None where there is no queue: the channel drops, or has ended.
    Native(Option<WriteTicket>),
    /// The remote engine's permit, or why it gave none, which the write says.
    Remote(Result<Box<dyn RemotePermit>, WriteError>),
}

impl Permit {
    /// The writer whose turn it is.
    #[must_use]
    pub fn writer(&self) -> &Arc<Writer> {
        &self.writer
    }

    /// Sends a frame, as [`Writer::try_write`] does in its turn.
    pub fn write(self, payload: Bytes) -> Result<bool, WriteError> {
        self.write_with(payload, Attachments::default())
    }

    /// Sends a frame with handles, as [`Writer::try_write_with`] does in its turn.
    pub fn write_with(self, payload: Bytes, attached: Attachments) -> Result<bool, WriteError> {
        let sent = self.send(Outgoing::Frame { payload, attached });
        sent.map(|frames| frames > 0)
    }

    /// Sends a batch, as [`Writer::try_write_batch`] does in its turn.
    pub fn write_batch(self, batch: Batch) -> Result<u32, WriteError> {
        self.send(Outgoing::Batch(batch))
    }

    fn send(mut self, frames: Outgoing) -> Result<u32, WriteError> {
        let unavailable = Err(Unavailable.into());
        match (self.writer.engine(), &mut self.turn) {
            (Engine::Native(writer), Turn::Native(ticket)) => {
                let parcel = match frames {
                    Outgoing::Frame { payload, attached } => Parcel::with(payload, attached),
                    Outgoing::Batch(batch) => batch.into_parcel(),
                };
                writer.send_in_turn(parcel, ticket)
            }
            (Engine::Remote(writer), Turn::Remote(permit)) => {
                writer.reach()?;
                std::mem::replace(permit, unavailable)?.send(frames)
            }
            // A turn is of its writer's engine.
            _ => unavailable.map(|_: Box<dyn RemotePermit>| 0),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let (Some(writer), Turn::Native(ticket)) = (self.writer.native(), &mut self.turn) {
            writer.give_up(ticket);
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// Resolves when it is this write's turn and there is room, or when a write would be refused; see
/// [`Writer::reserve`]. Dropped before that, it leaves its turn to the next.
#[must_use = "futures do nothing unless polled"]
pub struct PermitFuture {
    writer: Arc<Writer>,
    waiting: Waiting,
}

/// How it is waited for. It is of the writer's engine.
enum Waiting {
    Native(Need, Option<WriteTicket>),
    Remote(Call<'static, Result<Box<dyn RemotePermit>, WriteError>>),
}

impl Writer {
    /// Waits for the turn of a write of so many frames and bytes, the largest of them of `largest` bytes, and takes nothing.
    pub fn reserve(self: &Arc<Self>, frames: u32, bytes: u64, largest: u64) -> PermitFuture {
        let need = Need {
            frames,
            bytes,
            largest,
        };
        PermitFuture {
            writer: Arc::clone(self),
            waiting: match self.engine() {
                Engine::Native(_) => Waiting::Native(need, None),
                Engine::Remote(_) => {
                    Waiting::Remote(Call::new(remote_permit(Arc::clone(self), need)))
                }
            },
        }
    }

    /// The turn of such a write, if it would not wait.
    pub fn try_reserve(self: &Arc<Self>, frames: u32, bytes: u64, largest: u64) -> Option<Permit> {
        let need = Need {
            frames,
            bytes,
            largest,
        };
        let turn = match self.engine() {
            Engine::Native(writer) => Turn::Native(writer.try_reserve(need)?),
            Engine::Remote(_) => {
                let permit = remote_permit(Arc::clone(self), need);
                Turn::Remote(remote::now(permit)?)
            }
        };
        Some(Permit {
            writer: Arc::clone(self),
            turn,
        })
    }
}

/// The wait for a permit at a remote engine. It holds the writer, as a permit may be waited for without one.
fn remote_permit(
    writer: Arc<Writer>,
    need: Need,
) -> Asked<'static, Result<Box<dyn RemotePermit>, WriteError>> {
    Box::pin(async move {
        match writer.engine() {
            Engine::Remote(writer) => writer.reserve(need).await,
            Engine::Native(_) => Err(Unavailable.into()),
        }
    })
}

impl Future for PermitFuture {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { writer, waiting } = &mut *self;
        let turn = match (waiting, writer.native()) {
            (Waiting::Native(need, ticket), Some(native)) => {
                ready!(native.poll_reserve(*need, ticket, cx));
                Turn::Native(ticket.take())
            }
            (Waiting::Remote(permit), _) => Turn::Remote(ready!(Pin::new(permit).poll(cx))),
            // A wait is of its writer's engine.
            (Waiting::Native(..), None) => Turn::Remote(Err(Unavailable.into())),
        };
        Poll::Ready(Permit {
            writer: Arc::clone(writer),
            turn,
        })
    }
}

impl Drop for PermitFuture {
    fn drop(&mut self) {
        if let (Some(writer), Waiting::Native(_, ticket)) =
            (self.writer.native(), &mut self.waiting)
        {
            writer.give_up(ticket);
        }
    }
}

impl fmt::Debug for PermitFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitFuture").finish_non_exhaustive()
    }
}
