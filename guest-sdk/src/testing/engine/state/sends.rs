//! How frames get into a channel: whose turn it is, what has to go for them, and what is refused or dropped.

use super::amount::{Amount, WRITE_COST};
use super::{Attachment, Delivered, Kept, Outcome, State, WriteFault};
use std::sync::Arc;

impl State {
    /// Whether the write with this ticket has its turn and room, or would be refused.
    pub(in crate::testing::engine) fn may_send(
        &self,
        ticket: u64,
        frames: u32,
        bytes: u64,
    ) -> Option<()> {
        let amount = Amount::of(frames.into(), bytes);
        let refused = self.dropping || self.fault.is_some() || !amount.is_within(self.limits);
        let front = self.queue.front() == Some(&ticket);
        let room = || self.needed().plus(amount).is_within(self.limits);
        (refused || (front && room())).then_some(())
    }

    /// Sends frames, which a `block` channel takes all or none of. The handles go with the first.
    pub(in crate::testing::engine) fn send(
        &mut self,
        writer: u32,
        ticket: Option<u64>,
        frames: &[&[u8]],
        handles: &mut Vec<Attachment>,
    ) -> Outcome {
        if let Some(fault) = self.fault {
            return Err(fault.into());
        }
        let capacity = self.limits.bytes;
        let bytes = |frames: &[&[u8]]| frames.iter().map(|frame| frame.len() as u64).sum::<u64>();
        let amount = |frames: &[&[u8]]| Amount::of(frames.len() as u64, bytes(frames));
        let whole = amount(frames);
        let too_large = frames.iter().any(|frame| frame.len() as u64 > capacity)
            || (!self.dropping && !whole.is_within(self.limits));
        if too_large {
            return Err(WriteFault::TooLarge(capacity));
        }
        let needed = self.needed();
        let fits = |some: &[&[u8]]| needed.plus(amount(some)).is_within(self.limits);
        let sent = if !self.dropping {
            let turn = self
                .queue
                .front()
                .is_none_or(|front| Some(*front) == ticket);
            let goes = turn && fits(frames);
            if !goes && !frames.is_empty() {
                return Err(WriteFault::WouldBlock);
            }
            frames
        } else {
            let fitting = (0..=frames.len()).rev();
            let mut prefixes = fitting.filter_map(|count| frames.get(..count));
            prefixes.find(|prefix| fits(prefix)).unwrap_or_default()
        };
        self.dropped += (frames.len() - sent.len()) as u64;
        if sent.is_empty() {
            self.drop_handles(handles);
            return Ok(0);
        }
        self.make_room(amount(sent));
        self.keep(writer, sent, handles);
        Ok(u32::try_from(sent.len()).unwrap_or(u32::MAX))
    }

    /// They left their sender with the frame that is lost.
    fn drop_handles(&mut self, handles: &mut Vec<Attachment>) {
        self.fallen.push(Delivered {
            writer: 0,
            payload: Arc::default(),
            handles: std::mem::take(handles),
        });
    }

    fn make_room(&mut self, amount: Amount) {
        while !self
            .kept_from(self.first)
            .plus(amount)
            .is_within(self.limits)
        {
            let Some(oldest) = self.kept.pop_front() else {
                return;
            };
            self.first += 1;
            self.fallen.push(oldest.frame);
        }
    }

    fn keep(&mut self, writer: u32, frames: &[&[u8]], handles: &mut Vec<Attachment>) {
        for (index, payload) in frames.iter().enumerate() {
            let frame = Delivered {
                writer,
                payload: Arc::from(*payload),
                handles: std::mem::take(handles),
            };
            let mut amount = Amount::of(1, payload.len() as u64);
            if index > 0 {
                amount.cost -= WRITE_COST;
            }
            let before = self.sent;
            self.sent = before.plus(amount);
            self.kept.push_back(Kept { frame, before });
        }
        self.changed();
    }
}
