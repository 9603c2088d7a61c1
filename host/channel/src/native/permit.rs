//! Turns of writes: the part of [`crate::Permit`] that is this engine's.
//!
//! Invariant: a ticket is in the queue until it is used or given up, and its owner does one of the two.

use std::task::{Context, Poll, ready};

use crate::{
    batch::Parcel,
    budget,
    error::WriteError,
    native::{
        state::{Amount, Wait, WriteTicket},
        writer::Writer,
    },
    options::Need,
};

impl Need {
    fn amount(self) -> Amount {
        Amount {
            frames: self.frames.into(),
            bytes: self.bytes,
        }
    }
}

impl Writer {
    /// The turn of a write, if it would not wait. Without a ticket where there is no queue.
    pub fn try_reserve(&self, need: Need) -> Option<Option<WriteTicket>> {
        let mut ticket = None;
        let permit = self.shared().with(|state, after| {
            state.try_reserve(need.amount(), need.largest, &mut ticket, after)
        });
        permit.then_some(ticket)
    }

    /// Waits for the turn of a write. When it has come the ticket is that of the turn.
    pub fn poll_reserve(
        &self,
        need: Need,
        ticket: &mut Option<WriteTicket>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        ready!(budget::poll(cx));
        let mut wait = Wait::new(cx.waker());
        loop {
            let polled = self.shared().with(|state, after| {
                state.poll_reserve(need.amount(), need.largest, ticket, &mut wait, after)
            });
            match polled {
                Some(poll) => return poll,
                None => wait.clone_waker(),
            }
        }
    }

    /// Sends in a turn that has come.
    pub fn send_in_turn(
        &self,
        parcel: Parcel,
        ticket: &mut Option<WriteTicket>,
    ) -> Result<u32, WriteError> {
        let mut parcel = Some(parcel);
        loop {
            let sent = self
                .shared()
                .with(|state, after| state.send_in_turn(self.id(), &mut parcel, ticket, after));
            match sent {
                Some(sent) => return sent,
                None if parcel.as_mut().is_some_and(Parcel::make_cut) => {}
                None => return Err(WriteError::WouldBlock),
            }
        }
    }

    /// Leaves the turn to the next.
    pub fn give_up(&self, ticket: &mut Option<WriteTicket>) {
        if let Some(ticket) = ticket.take() {
            self.shared()
                .with(|state, after| state.cancel_send(ticket, after));
        }
    }
}
