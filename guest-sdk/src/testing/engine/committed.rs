//! Committed reading: what a guest has taken and not finished when it ends comes again to its successor.
//!
//! The rules are the host's (`host/runtime/src/channel/committed.rs`), over plain data. Nobody pays for what is kept.
//!
//! Invariant: each frame of the reader is in one place: in the channel, in what the reader was given back, or here.

use super::{Delivered, Writer};
use crate::bindings::weft::fabric::process::ExitStatus;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What a reader keeps for the successor of its guest.
pub(in crate::testing) struct Committed {
    /// A frame that so many guests ended with is rejected.
    max_deliveries: u32,
    /// Where to.
    rejected: Option<Writer>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was read and is not finished, oldest first.
    reads: VecDeque<Frame>,
    /// Whether the guest says itself what it has finished with.
    by_hand: bool,
    /// Which delivery the last read was; 0 before the first.
    attempt: u32,
    /// How often each of the frames that come next has been delivered before. Empty: they are new.
    again: VecDeque<u32>,
    /// The process that has read.
    reader: Option<u64>,
}

struct Frame {
    writer: u32,
    payload: Arc<[u8]>,
    deliveries: u32,
}

/// A frame that too many guests ended with.
pub(in crate::testing) struct Rejected {
    pub(in crate::testing) bytes: usize,
    pub(in crate::testing) deliveries: u32,
    /// Whether there was a channel that took it.
    pub(in crate::testing) sent: bool,
}

impl Committed {
    pub(in crate::testing) fn new(max_deliveries: u32, rejected: Option<Writer>) -> Self {
        Committed {
            max_deliveries: max_deliveries.max(1),
            rejected,
            state: Mutex::default(),
        }
    }

    /// The guest reads on. It has finished with what it had, unless it says that itself.
    pub(super) fn read_on(&self) {
        let mut state = super::lock(&self.state);
        if !state.by_hand {
            state.reads.clear();
        }
    }

    /// Frames that a read may take: those that come again come one by one.
    pub(super) fn most(&self, frames: usize) -> usize {
        match super::lock(&self.state).again.is_empty() {
            true => frames,
            false => 1,
        }
    }

    /// Keeps what a process was handed.
    pub(super) fn took(&self, frames: &[Delivered], process: u64) {
        let mut state = super::lock(&self.state);
        state.reader = Some(process);
        for frame in frames {
            let deliveries = state.again.pop_front().unwrap_or(0) + 1;
            state.attempt = deliveries;
            state.reads.push_back(Frame {
                writer: frame.writer,
                payload: Arc::clone(&frame.payload),
                deliveries,
            });
        }
    }

    /// The guest has finished with so many frames, oldest first, and says so itself from now on.
    pub(super) fn commit(&self, frames: u32) {
        let mut state = super::lock(&self.state);
        state.by_hand = true;
        let finished = state.reads.len().min(frames as usize);
        state.reads.drain(..finished);
    }

    /// Which delivery of its frames the last read was; 1 before the first.
    pub(super) fn attempt(&self) -> u32 {
        super::lock(&self.state).attempt.max(1)
    }

    /// The guest has given back the last so many frames of what it had read.
    pub(super) fn given_back(&self, count: usize) {
        let mut state = super::lock(&self.state);
        for _ in 0..count {
            if let Some(frame) = state.reads.pop_back() {
                // It has not begun with it.
                state.again.push_front(frame.deliveries - 1);
            }
        }
        while state.again.back() == Some(&0) {
            state.again.pop_back();
        }
    }

    /// A process has ended: what is to be given to the reader again, if it was this one that read, and what is rejected.
    pub(super) fn settle(
        &self,
        process: u64,
        status: &ExitStatus,
    ) -> (Vec<Delivered>, Option<Rejected>) {
        let mut state = super::lock(&self.state);
        if state.reader != Some(process) {
            return (Vec::new(), None);
        }
        state.reader = None;
        (state.by_hand, state.attempt) = (false, 0);
        let mut reads = std::mem::take(&mut state.reads);
        // Perhaps a frame ended it; somebody else did; or it had finished with what it was handed.
        let delivered = match status {
            ExitStatus::Returned(_) | ExitStatus::Stopped => return (Vec::new(), None),
            ExitStatus::Killed | ExitStatus::Linked(_) => 0,
            _ => 1,
        };
        for frame in &mut reads {
            frame.deliveries = frame.deliveries - 1 + delivered;
        }
        let rejected = reads.front().and_then(|frame| self.reject(frame));
        if rejected.is_some() {
            reads.pop_front();
        }
        for frame in reads.iter().rev() {
            state.again.push_front(frame.deliveries);
        }
        let again = reads.into_iter().map(|frame| Delivered {
            writer: frame.writer,
            payload: frame.payload,
            handles: Vec::new(),
        });
        (again.collect(), rejected)
    }

    /// None: it may be delivered again, or the channel for rejected frames has no room.
    fn reject(&self, frame: &Frame) -> Option<Rejected> {
        if frame.deliveries < self.max_deliveries {
            return None;
        }
        let sent = match &self.rejected {
            None => false,
            Some(writer) => match writer.try_send(&[&frame.payload], &mut Vec::new()) {
                Ok(sent) => sent > 0,
                Err(super::WriteFault::WouldBlock) => return None,
                Err(_) => false,
            },
        };
        Some(Rejected {
            bytes: frame.payload.len(),
            deliveries: frame.deliveries,
            sent,
        })
    }
}
