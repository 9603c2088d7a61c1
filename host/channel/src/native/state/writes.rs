//! Putting frames in, and waiting for room.
//!
//! Invariant: on a `Block` channel a write commits only in its turn, that is, with nobody
//! in front of it in the queue. Whatever makes room or shortens the queue
//! calls [`State::wake_writer`], so the turn is passed on and never lost.

use std::task::Poll;

use super::{After, Life, State, Wait, WriteTicket, amount::Amount};
use crate::{batch::Parcel, error::WriteError, options::Backpressure};

type Sent = Result<u32, WriteError>;

impl State {
    /// Sends a parcel; `None` where a writer has to wait, or to make a cut first. Frames sent are taken out
    /// of `parcel`.
    #[inline]
    pub fn try_send(
        &mut self,
        writer: u32,
        parcel: &mut Option<Parcel>,
        after: &mut After,
    ) -> Option<Sent> {
        self.send(writer, parcel, None, after)
    }

    /// Sends a parcel or registers the write as waiting. `None`: a cut has to be made, or the waker
    /// cloned, first, and nothing was registered.
    #[inline]
    pub fn poll_send(
        &mut self,
        writer: u32,
        parcel: &mut Option<Parcel>,
        ticket: &mut Option<WriteTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<Sent>> {
        if let Some(sent) = self.send(writer, parcel, *ticket, after) {
            if let Some(ticket) = ticket.take() {
                self.cancel_send(ticket, after);
            }
            return Some(Poll::Ready(sent));
        }
        if self.backpressure == Backpressure::Drop {
            return None;
        }
        let need = parcel.as_ref().map(Amount::of).unwrap_or_default();
        if !self.await_room(need, ticket, wait, after)? {
            return Some(Poll::Pending);
        }
        let sent = self.send_in_turn(writer, parcel, ticket, after);
        Some(sent.map_or(Poll::Pending, Poll::Ready))
    }

    /// Asks for the turn of a write of this size. Ready when the turn has come and there is room, or when the write would be refused. A
    /// write that has its turn keeps its place; one that has to wait is registered. `None`: the waker has to be cloned first, and
    /// nothing was registered.
    pub fn poll_reserve(
        &mut self,
        need: Amount,
        largest: u64,
        ticket: &mut Option<WriteTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<Poll<()>> {
        if self.try_reserve(need, largest, ticket, after) {
            return Some(Poll::Ready(()));
        }
        if !self.await_room(need, ticket, wait, after)? {
            return Some(Poll::Pending);
        }
        self.write_queue.hold_front(ticket, need, after);
        Some(Poll::Ready(()))
    }

    /// Registers a write that found no room, or renews its waker. Whether its turn has come and there is room meanwhile: readers do not
    /// wait for the lock. `None`: the waker has to be cloned first.
    fn await_room(
        &mut self,
        need: Amount,
        ticket: &mut Option<WriteTicket>,
        wait: &mut Wait<'_>,
        after: &mut After,
    ) -> Option<bool> {
        if !self.write_queue.register(ticket, need, wait, after) {
            return None;
        }
        Some(self.write_queue.is_turn(*ticket) && self.ring.has_room_or_asks(need, after))
    }

    /// The same without waiting. False: a write of this size would wait.
    pub fn try_reserve(
        &mut self,
        need: Amount,
        largest: u64,
        ticket: &mut Option<WriteTicket>,
        after: &mut After,
    ) -> bool {
        let waits = self.life == Life::Open
            && self.backpressure == Backpressure::Block
            && need.frames > 0
            && self.may_fit(largest, need);
        if !waits {
            if let Some(ticket) = ticket.take() {
                self.cancel_send(ticket, after);
            }
            return true;
        }
        let ready = self.write_queue.is_turn(*ticket) && self.ring.has_room(need);
        if ready {
            self.write_queue.hold_front(ticket, need, after);
        }
        ready
    }

    /// Sends a parcel from the place of this ticket. `None`: there is no room, or a cut has to be made first. The
    /// place is given up once the write is done.
    pub fn send_in_turn(
        &mut self,
        writer: u32,
        parcel: &mut Option<Parcel>,
        ticket: &mut Option<WriteTicket>,
        after: &mut After,
    ) -> Option<Sent> {
        let sent = self.send(writer, parcel, *ticket, after)?;
        if let Some(ticket) = ticket.take() {
            self.cancel_send(ticket, after);
        }
        Some(sent)
    }

    /// The write is done or dropped; its turn, if it had that, is passed on.
    pub fn cancel_send(&mut self, ticket: WriteTicket, after: &mut After) {
        self.write_queue.remove(ticket, after);
        self.wake_writer(after);
    }

    /// Wakes the write whose turn it is, if there is room for it. If there is none, the reader that is furthest behind is asked to call this
    /// when it moves on.
    #[inline]
    pub fn wake_writer(&mut self, after: &mut After) {
        let ring = &mut self.ring;
        self.write_queue
            .wake_front(|need, after| ring.has_room_or_asks(need, after), after);
    }

    #[inline]
    fn send(
        &mut self,
        writer: u32,
        parcel: &mut Option<Parcel>,
        ticket: Option<WriteTicket>,
        after: &mut After,
    ) -> Option<Sent> {
        match self.life {
            Life::Open => {}
            Life::Ended => return Some(Err(WriteError::Drained)),
            Life::Terminated => return Some(Err(WriteError::Terminated)),
        }
        let offered = parcel.as_ref()?;
        let frames = offered.frames();
        if !self.may_fit(offered.largest, Amount::of(offered)) {
            let capacity = self.ring.limits().largest_frame();
            return Some(Err(WriteError::TooLarge { capacity }));
        }
        if frames == 0 {
            return Some(Ok(0));
        }
        match self.backpressure {
            Backpressure::Block => {
                let ready =
                    self.write_queue.is_turn(ticket) && self.ring.has_room(Amount::of(offered));
                if !ready {
                    return None;
                }
                self.commit(parcel.take()?, writer, after);
                Some(Ok(frames))
            }
            Backpressure::Drop => {
                let room = self.ring.room_for(Amount::of(offered));
                let sent = offered.prefix_within(room.frames, room.bytes);
                if sent == frames {
                    self.commit(parcel.take()?, writer, after);
                    return Some(Ok(sent));
                }
                // Room that has come since the cut was made is not used: the cut has the size that was asked for then.
                let cut = match sent {
                    0 => None,
                    _ => Some(parcel.as_mut()?.take_cut(sent)?),
                };
                let sent = cut.as_ref().map_or(0, Parcel::frames);
                self.frames_dropped += u64::from(frames - sent);
                if let Some(cut) = cut {
                    self.commit(cut, writer, after);
                }
                Some(Ok(sent))
            }
        }
    }

    /// Whether a parcel of this size, with a largest frame of this size, can be sent at all once there is room.
    #[inline]
    pub fn may_fit(&self, largest: u64, size: Amount) -> bool {
        let limits = self.ring.limits();
        let in_part = self.backpressure == Backpressure::Drop;
        largest <= limits.largest_frame()
            && (in_part || size.bytes <= limits.bytes && size.frames <= limits.frames)
    }

    #[inline]
    fn commit(&mut self, parcel: Parcel, writer: u32, after: &mut After) {
        self.ring.push(parcel, writer, after);
        self.read_waiters.wake_all(after);
    }
}
