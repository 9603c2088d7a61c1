//! Writes under way: the messages that they make, and which of them have landed.
//!
//! Messages go one behind the other without waiting, each only if the one before it has landed: the first names the sequence that it
//! follows, every other one the id of its predecessor. A chain of sequences would not do. Where a message is refused because somebody
//! else's has landed first, the next one would find the sequence that it names, and get in without its predecessor.
//!
//! Invariant: a message that has been sent is never sent again by the same id. Whether it has landed is read from the stream. One of a
//! chain that was given up cannot land once another record has.

use std::collections::HashSet;

use bytes::Bytes;

use super::{
    queue::{Kind, Ticket},
    shared::{Inner, Shared},
};
use crate::{
    config::{Format, HEADER_BYTES, PART_BYTES},
    log::{Body, Counts, Parcel, Piece, Record, Room},
};

/// A message to be sent.
#[derive(Debug)]
pub(super) struct Message {
    pub id: String,
    pub piece: Piece,
    pub counts: Counts,
    pub payload: Bytes,
}

impl Message {
    /// What it is once it has landed.
    pub fn landed(self, seq: u64, time: u64) -> Record {
        Record {
            seq,
            time,
            id: Some(self.id),
            counts: Some(self.counts),
            body: Body::Frames(self.piece),
            payload: Some(self.payload),
        }
    }
}

#[derive(Debug)]
pub(super) struct Flight {
    pub tickets: Vec<Ticket>,
    pub messages: Vec<Message>,
    /// The sequence that the first of them follows.
    pub after: u64,
}

impl Flight {
    /// Makes the messages. None: there is no room after all.
    pub fn prepare(shared: &Shared, tickets: Vec<Ticket>) -> Result<Self, Vec<Ticket>> {
        shared.look(|inner| Self::make(shared, inner, tickets))
    }

    fn make(shared: &Shared, inner: &mut Inner, tickets: Vec<Ticket>) -> Result<Self, Vec<Ticket>> {
        let mut tickets = settle(inner, tickets);
        let parcels: Vec<_> = tickets.iter().filter_map(Ticket::parcel).collect();
        let need = Room {
            frames: parcels.iter().map(|it| it.frames() as u64).sum(),
            bytes: parcels.iter().map(|it| it.bytes() as u64).sum(),
        };
        let Some(floor) = inner.log.make_room(need, inner.all_read()) else {
            return Err(tickets);
        };
        let mut counts = Counts {
            floor,
            ..inner.log.counts()
        };
        let limit = shared.server.max_message().saturating_sub(HEADER_BYTES);
        let limit = limit.clamp(1, PART_BYTES);
        let mut messages = Vec::new();
        match shared.config.format {
            // All have landed.
            _ if tickets.is_empty() => {}
            Format::Packed => {
                let (piece, payload) = Parcel::pack(&parcels, true);
                let id = parts(shared, &mut messages, &mut counts, (piece, payload), limit);
                for ticket in &mut tickets {
                    let frames = ticket.parcel().map_or(0, |it| it.frames());
                    ticket.attempts.push((id.clone(), frames));
                }
            }
            Format::Plain => {
                for ticket in &mut tickets {
                    let mut rest = ticket.parcel();
                    while let Some(parcel) = rest.take_if(|it| it.frames() > 0) {
                        let (one, others) = parcel.split(1);
                        rest = Some(others);
                        let frame = Parcel::pack(&[one], false);
                        let id = parts(shared, &mut messages, &mut counts, frame, limit);
                        ticket.attempts.push((id, 1));
                    }
                }
            }
        }
        Ok(Self {
            tickets,
            messages,
            after: inner.log.next().saturating_sub(1),
        })
    }
}

/// Takes out what has landed since it was put back. What is sent now follows all that is known at this moment, so this is the moment to look.
fn settle(inner: &Inner, tickets: Vec<Ticket>) -> Vec<Ticket> {
    let mut left = Vec::new();
    for mut ticket in tickets {
        if !ticket.attempts.is_empty() && ticket.settle(&inner.landed) {
            ticket.done();
        } else {
            left.push(ticket);
        }
    }
    left
}

/// The messages of one write or more that lie together; the id of the last of them.
fn parts(
    shared: &Shared,
    messages: &mut Vec<Message>,
    counts: &mut Counts,
    (piece, payload): (Piece, Bytes),
    limit: usize,
) -> String {
    let of = payload.len().div_ceil(limit).max(1) as u32;
    let mut last = String::new();
    for part in 1..=of {
        let start = (part as usize - 1) * limit;
        let end = (start + limit).min(payload.len());
        last = shared.message_id();
        messages.push(Message {
            id: last.clone(),
            piece: Piece {
                part: (part, of),
                ..piece.clone()
            },
            counts: *counts,
            payload: payload.slice(start..end),
        });
    }
    counts.frames += u64::from(piece.frames);
    counts.bytes += piece.bytes;
    last
}

impl Ticket {
    fn parcel(&self) -> Option<Parcel> {
        match &self.kind {
            Kind::Write(parcel) => Some(parcel.clone()),
            Kind::Reserve(_) => None,
        }
    }

    /// Counts what has landed of it. True: that is all.
    pub fn settle(&mut self, landed: &HashSet<String>) -> bool {
        let sent = self.attempts.iter().filter(|it| landed.contains(&it.0));
        let sent = sent.map(|it| it.1).sum();
        self.attempts.retain(|it| !landed.contains(&it.0));
        let Kind::Write(parcel) = &mut self.kind else {
            return true;
        };
        self.sent += sent;
        let (_, rest) = parcel.split(sent);
        *parcel = rest;
        parcel.frames() == 0
    }
}
