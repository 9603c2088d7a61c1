//! Writes that wait for their turn and for room, in the order in which they were first polled.
//!
//! A write is placed in its first poll and made ready in its second. So who polls once and gives up has sent nothing, whatever the other
//! threads do meanwhile.
//!
//! Invariants:
//! - A ticket whose write was given up leaves the queue, unless it is under way.
//! - Only the front of the queue is sent, so nobody overtakes. A write that does not wait is refused while the front waits for room.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{Notify, oneshot};
use weft_channel::{Backpressure, WriteError};

use crate::{
    config::{MERGE_BYTES, MERGE_FRAMES, MERGE_WRITES},
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
    /// There is room for it now, which it has waited for. It is sent once its writer, who has been woken, still wants it.
    Offered,
    Wanted,
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
    /// Whether it has had to.
    pub waited: bool,
    /// Wakes its writer when it is offered room.
    pub offer: Arc<Notify>,
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

    fn grant(&mut self) {
        self.phase = Phase::Granted;
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Ok(0));
        }
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
        (offer, tell): (Arc<Notify>, oneshot::Sender<Answer>),
    ) -> u64 {
        self.last += 1;
        self.tickets.push_back(Ticket {
            id: self.last,
            writer,
            kind,
            phase: Phase::Placed,
            patient,
            waited: false,
            offer,
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
        self.offer(rules);
        let mut taken = Vec::new();
        let mut need = Room::default();
        while let Some(front) = self.tickets.front_mut() {
            let more = front.need();
            let all = need.and(more);
            let merged = all.bytes <= MERGE_BYTES as u64 && all.frames <= MERGE_FRAMES;
            let open = matches!(front.phase, Phase::Ready | Phase::Wanted);
            let goes_on = taken.is_empty() || (merged && taken.len() < MERGE_WRITES);
            if !open || !goes_on {
                break;
            }
            let fits = (rules.fits)(all);
            if let Kind::Reserve(_) = front.kind {
                let refused = !more.is_within(rules.capacity);
                let drops = rules.backpressure == Backpressure::Drop;
                if taken.is_empty() && (fits || refused || drops) {
                    front.grant();
                }
                break;
            }
            if !fits && rules.backpressure == Backpressure::Block && front.patient {
                front.phase = Phase::Ready;
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
        if taken.is_empty() && self.is_blocked(rules) {
            self.make_wait();
        }
        taken
    }

    /// Makes a write ready that was placed. It waits for room from now on if there is none for it and those before it.
    pub fn make_ready(&mut self, id: u64, fits: &dyn Fn(Room) -> bool) {
        let mut need = Room::default();
        let mut waits = false;
        for ticket in &mut self.tickets {
            need = need.and(ticket.need());
            waits |= ticket.waited;
            if ticket.id == id {
                if ticket.phase == Phase::Placed {
                    ticket.phase = Phase::Ready;
                    ticket.waited = waits || !fits(need);
                }
                return;
            }
        }
    }

    /// Wakes the writers of those that have waited for the room that there is now.
    fn offer(&mut self, rules: &Rules<'_>) {
        let mut need = Room::default();
        for ticket in self.tickets.iter_mut().take(MERGE_WRITES) {
            need = need.and(ticket.need());
            if !ticket.waited || !(rules.fits)(need) {
                break;
            }
            // A permit is wanted, and so is what a permit has sent.
            let asks =
                ticket.patient && matches!(ticket.kind, Kind::Write(_)) && ticket.tell.is_some();
            if asks && ticket.phase == Phase::Ready {
                ticket.phase = Phase::Offered;
                ticket.offer.notify_one();
            }
        }
    }

    /// Whether the front waits for room, or keeps it without using it.
    fn is_blocked(&self, rules: &Rules<'_>) -> bool {
        self.tickets.front().is_some_and(|front| match front.phase {
            Phase::Placed => false,
            Phase::Offered | Phase::Granted => true,
            Phase::Ready | Phase::Wanted => !(rules.fits)(front.need()),
        })
    }

    /// Whoever waits behind a front that is blocked waits for room, too; who does not wait is refused.
    fn make_wait(&mut self) {
        let (refused, left): (Vec<_>, Vec<_>) = self
            .tickets
            .drain(..)
            .partition(|it| it.phase == Phase::Ready && !it.patient);
        self.tickets.extend(left);
        for ticket in refused {
            ticket.answer(Err(WriteError::WouldBlock));
        }
        for ticket in &mut self.tickets {
            ticket.waited |= ticket.phase == Phase::Ready;
        }
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
}
