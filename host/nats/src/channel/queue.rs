//! Writes that wait for their turn and for room, in the order in which they were first polled.
//!
//! A write is placed in its first poll and made ready in its second. So who polls once and gives up has sent nothing, whatever the other
//! threads do meanwhile.
//!
//! Invariants:
//! - A ticket whose write was given up leaves the queue, unless it is under way.
//! - Only the front of the queue is sent, so nobody overtakes. A write that does not wait is refused while the front waits for room.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use weft_channel::{Backpressure, WriteError};

use crate::{
    config::{MERGE_BYTES, MERGE_WRITES, WINDOW},
    log::{Parcel, Room},
};

/// What a write is told: how many frames were sent.
pub(super) type Answer = Result<u32, WriteError>;

#[derive(Debug)]
pub(super) enum Kind {
    Write(Parcel),
    /// The turn and room for so much, without frames yet.
    Reserve(Room),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Placed,
    Ready,
    /// A permit has been given for it.
    Granted,
}

#[derive(Debug)]
pub(super) struct Ticket {
    pub id: u64,
    pub writer: u32,
    pub kind: Kind,
    pub phase: Phase,
    /// Whether it waits for room.
    pub patient: bool,
    /// Frames of it that have landed.
    pub sent: usize,
    /// Ids of messages that were sent for it and have not been heard of, with the frames in each.
    pub attempts: Vec<(String, usize)>,
    /// None for a write by a permit: its writer has been told already.
    pub tell: Option<oneshot::Sender<Answer>>,
}

impl Ticket {
    pub fn answer(self, answer: Answer) {
        if let Some(tell) = self.tell {
            // Who has given up hears nothing.
            let _ = tell.send(answer);
        } else if let Err(error) = answer {
            tracing::warn!(%error, "a write that had been granted was not sent");
        }
    }

    /// Whether nobody waits for it any more.
    pub fn is_given_up(&self) -> bool {
        self.tell.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    /// It has been sent, or as much of it as ever will be.
    pub fn done(self) {
        // No batch has more frames than a `u32`.
        let sent = self.sent as u32;
        self.answer(Ok(sent));
    }

    pub fn frames(&self) -> u32 {
        self.need().frames as u32
    }

    fn need(&self) -> Room {
        match &self.kind {
            Kind::Write(parcel) => Room {
                frames: parcel.frames() as u64,
                bytes: parcel.bytes() as u64,
            },
            Kind::Reserve(need) => *need,
        }
    }
}

impl Room {
    fn and(self, more: Self) -> Self {
        Self {
            frames: self.frames.saturating_add(more.frames),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }

    fn less(self, taken: Self) -> Self {
        Self {
            frames: self.frames.saturating_sub(taken.frames),
            bytes: self.bytes.saturating_sub(taken.bytes),
        }
    }

    fn is_within(self, limit: Self) -> bool {
        self.frames <= limit.frames && self.bytes <= limit.bytes
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    tickets: VecDeque<Ticket>,
    last: u64,
    /// Frames that found no room in a channel that drops.
    pub dropped: u64,
}

/// What the queue is looked through with.
pub(super) struct Rules<'a> {
    pub capacity: Room,
    pub backpressure: Backpressure,
    /// Whether so much fits.
    pub fits: &'a dyn Fn(Room) -> bool,
    /// The most that would.
    pub most: &'a dyn Fn() -> Room,
}

impl Queue {
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    pub fn place(
        &mut self,
        writer: u32,
        kind: Kind,
        patient: bool,
        tell: oneshot::Sender<Answer>,
    ) -> u64 {
        self.last += 1;
        self.tickets.push_back(Ticket {
            id: self.last,
            writer,
            kind,
            phase: Phase::Placed,
            patient,
            sent: 0,
            attempts: Vec::new(),
            tell: Some(tell),
        });
        self.last
    }

    pub fn find(&mut self, id: u64) -> Option<&mut Ticket> {
        self.tickets.iter_mut().find(|it| it.id == id)
    }

    pub fn remove(&mut self, id: u64) -> Option<Ticket> {
        let at = self.tickets.iter().position(|it| it.id == id)?;
        self.tickets.remove(at)
    }

    /// Puts tickets back that were under way and have not landed, before all others.
    pub fn put_back(&mut self, tickets: Vec<Ticket>) {
        for ticket in tickets.into_iter().rev() {
            self.tickets.push_front(ticket);
        }
    }

    /// Refuses the writes of these writers.
    pub fn refuse(&mut self, error: WriteError, whose: impl Fn(u32) -> bool) {
        let (refused, left): (Vec<_>, Vec<_>) =
            self.tickets.drain(..).partition(|it| whose(it.writer));
        self.tickets.extend(left);
        for ticket in refused {
            if ticket.sent > 0 {
                ticket.done();
            } else {
                ticket.answer(Err(error));
            }
        }
    }

    /// Whether a write of this writer is still to be sent that it has been told of as sent.
    pub fn owes(&self, writer: u32) -> bool {
        let mut tickets = self.tickets.iter();
        tickets
            .any(|it| it.writer == writer && it.tell.is_none() && matches!(it.kind, Kind::Write(_)))
    }

    /// Takes what can be sent now, together.
    pub fn take(&mut self, rules: &Rules<'_>) -> Vec<Ticket> {
        let mut taken = Vec::new();
        let mut need = Room {
            frames: 0,
            bytes: 0,
        };
        let mut blocked = false;
        while let Some(front) = self.tickets.front_mut() {
            if front.phase != Phase::Ready {
                blocked = front.phase == Phase::Granted;
                break;
            }
            let more = front.need();
            let all = need.and(more);
            let merged = all.bytes <= MERGE_BYTES as u64 && taken.len() < MERGE_WRITES;
            if !taken.is_empty() && !(merged && all.frames <= WINDOW as u64 * 128) {
                break;
            }
            let fits = (rules.fits)(all);
            if let Kind::Reserve(_) = front.kind {
                let refused = !more.is_within(rules.capacity);
                let drops = rules.backpressure == Backpressure::Drop;
                if taken.is_empty() && (fits || refused || drops) {
                    front.phase = Phase::Granted;
                    if let Some(tell) = front.tell.take() {
                        let _ = tell.send(Ok(0));
                    }
                } else {
                    blocked = !fits && taken.is_empty();
                }
                break;
            }
            if !fits && rules.backpressure == Backpressure::Block && front.patient {
                blocked = true;
                break;
            }
            let Some(mut ticket) = self.tickets.pop_front() else {
                break;
            };
            if fits {
                need = all;
                taken.push(ticket);
            } else if rules.backpressure == Backpressure::Block {
                ticket.answer(Err(WriteError::WouldBlock));
            } else if self.cut(&mut ticket, (rules.most)().less(need)) {
                need = need.and(ticket.need());
                taken.push(ticket);
            } else {
                ticket.done();
            }
        }
        if blocked {
            self.refuse_impatient();
        }
        taken
    }

    /// Drops the frames that find no room, from the last on. False: that is all of them.
    pub fn cut(&mut self, ticket: &mut Ticket, room: Room) -> bool {
        let Kind::Write(parcel) = &mut ticket.kind else {
            return false;
        };
        let fit = parcel.within(room.frames, room.bytes);
        let (first, rest) = parcel.split(fit);
        self.dropped += rest.frames() as u64;
        *parcel = first;
        fit > 0
    }

    fn refuse_impatient(&mut self) {
        let mut at = 0;
        while let Some(ticket) = self.tickets.get(at) {
            if ticket.phase == Phase::Ready && !ticket.patient {
                if let Some(ticket) = self.tickets.remove(at) {
                    ticket.answer(Err(WriteError::WouldBlock));
                }
            } else {
                at += 1;
            }
        }
    }
}
