//! A write in two steps: the wait for its turn and for room, and the write itself.
//!
//! A [`WriteFuture`](crate::WriteFuture) sends in the poll that finds room. Whoever has to decide after the wait whether
//! to send at all waits for a [`Place`] instead: a wait that is given up, at any moment, has sent nothing.
//!
//! Invariant: a place holds up the writes behind it until it is used or dropped, so nobody may keep one for long. A write
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
    error::WriteError,
    state::{Amount, Wait, WriteTicket},
    turn,
    writer::Writer,
};

/// The turn of a write. There was room for it when the turn came. A strong reader that was opened since may have taken the room.
pub struct Place {
    writer: Arc<Writer>,
    /// None where there is no queue: the channel drops, or has ended.
    ticket: Option<WriteTicket>,
}

impl Place {
    /// The writer whose turn it is.
    #[must_use]
    pub fn writer(&self) -> &Arc<Writer> {
        &self.writer
    }

    /// Sends a frame, as [`Writer::try_write`] does in its turn.
    pub fn write(self, payload: Bytes) -> Result<bool, WriteError> {
        self.send(Parcel::single(payload)).map(|frames| frames > 0)
    }

    /// Sends a frame with handles, as [`Writer::try_write_with`] does in its turn.
    pub fn write_with(self, payload: Bytes, attached: Attachments) -> Result<bool, WriteError> {
        self.send(Parcel::with(payload, attached))
            .map(|frames| frames > 0)
    }

    /// Sends a batch, as [`Writer::try_write_batch`] does in its turn.
    pub fn write_batch(self, batch: Batch) -> Result<u32, WriteError> {
        self.send(batch.into_parcel())
    }

    fn send(mut self, parcel: Parcel) -> Result<u32, WriteError> {
        let mut parcel = Some(parcel);
        loop {
            let (writer, ticket) = (&self.writer, &mut self.ticket);
            let sent = writer
                .shared()
                .with(|state, after| state.send_in_turn(writer.id(), &mut parcel, ticket, after));
            match sent {
                Some(sent) => return sent,
                None if parcel.as_mut().is_some_and(Parcel::make_cut) => {}
                None => return Err(WriteError::WouldBlock),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        give_up(&self.writer, &mut self.ticket);
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

fn give_up(writer: &Writer, ticket: &mut Option<WriteTicket>) {
    if let Some(ticket) = ticket.take() {
        writer
            .shared()
            .with(|state, after| state.cancel_send(ticket, after));
    }
}

/// Resolves when it is this write's turn and there is room, or when a write would be refused; see
/// [`Writer::place`]. Dropped before that, it leaves its place to the next.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct PlaceFuture {
    writer: Arc<Writer>,
    need: Amount,
    largest: u64,
    ticket: Option<WriteTicket>,
}

impl Writer {
    /// Waits for the turn of a write of so many frames and bytes, the largest of them of `largest` bytes, and takes nothing.
    pub fn place(self: &Arc<Self>, frames: u32, bytes: u64, largest: u64) -> PlaceFuture {
        PlaceFuture {
            writer: Arc::clone(self),
            need: Amount {
                frames: frames.into(),
                bytes,
            },
            largest,
            ticket: None,
        }
    }

    /// The turn of such a write, if it would not wait.
    pub fn try_place(self: &Arc<Self>, frames: u32, bytes: u64, largest: u64) -> Option<Place> {
        let need = Amount {
            frames: frames.into(),
            bytes,
        };
        let mut ticket = None;
        let place = self
            .shared()
            .with(|state, after| state.try_place(need, largest, &mut ticket, after));
        place.then(|| Place {
            writer: Arc::clone(self),
            ticket,
        })
    }
}

impl Future for PlaceFuture {
    type Output = Place;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        ready!(turn::poll(cx));
        let Self {
            writer,
            need,
            largest,
            ticket,
        } = &mut *self;
        let mut wait = Wait::new(cx.waker());
        loop {
            let polled = writer
                .shared()
                .with(|state, after| state.poll_place(*need, *largest, ticket, &mut wait, after));
            match polled {
                Some(Poll::Ready(())) => {
                    return Poll::Ready(Place {
                        writer: Arc::clone(writer),
                        ticket: ticket.take(),
                    });
                }
                Some(Poll::Pending) => return Poll::Pending,
                None => wait.clone_waker(),
            }
        }
    }
}

impl Drop for PlaceFuture {
    fn drop(&mut self) {
        give_up(&self.writer, &mut self.ticket);
    }
}
