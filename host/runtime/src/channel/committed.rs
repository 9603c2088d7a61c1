//! Committed reading: what a process has read and not finished when it ends comes again to its successor.
//!
//! A process that is restarted goes on with the same reader. What it had read is gone from the reader, whether it was handled or
//! not. So a committed reader also keeps each read until it is committed: until the process reads on, which says that it
//! has finished with what it had, or until it says so itself. When the process ends otherwise than well, what is left is given back to the reader.
//!
//! Frames that come again come one by one, so that the one that ends its readers is found. Such a frame is rejected after some
//! deliveries.
//!
//! An engine that keeps places of readers is told what is finished, so that a frame comes again also to who goes on at that place on
//! another host.
//!
//! This is not the channel's room: what is kept here has left the channel, holds no writer back, and counts as `host-bytes` of the
//! process that has read it.
//!
//! Invariant: each frame of the reader is in one place: in the channel, in what the reader was given back, or here.

use crate::account::{Account, Charge, Good};
use crate::kept;
use crate::process::{Argument, Arguments, ExitStatus};
use crate::setters::setters;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use weft_channel::{Frame, Frames, Reader, WriteError, Writer};

/// Default number of deliveries: a fault that passes has passed by then, and one that stays costs two restarts.
const DEFAULT_MAX_DELIVERIES: u32 = 3;

/// Bytes that one read of many frames takes at most, unless a single frame is larger: few enough to keep for a process, and enough that
/// a read costs little beside them.
const READ_BYTES: u64 = 1 << 20;

/// How often a frame is delivered to processes that end with it, and what happens then.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Redelivery {
    /// Deliveries of one frame, at least 1. A frame that was being handled at as many ends is rejected. Default: 3.
    pub max_deliveries: u32,
    /// Where rejected frames go. Without it they are dropped. While it has no room, the frame is delivered again.
    pub rejected: Option<Arc<Writer>>,
}

impl Default for Redelivery {
    fn default() -> Self {
        Self {
            max_deliveries: DEFAULT_MAX_DELIVERIES,
            rejected: None,
        }
    }
}

setters! { Redelivery {
    max_deliveries: u32,
    rejected: impl Into<Option<Arc<Writer>>>,
} }

/// What a reader keeps for the successor of its process.
#[derive(Debug)]
pub(crate) struct Committed {
    redelivery: Redelivery,
    /// The reader, where its engine keeps a place for it. It is held until the process has ended: only then the last that it read is
    /// known to be finished.
    place: Option<Arc<Reader>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What was read and is not committed, oldest first.
    reads: VecDeque<Read>,
    /// Whether the process says itself what it has finished with.
    by_hand: bool,
    /// Which delivery the last read was; 0 before the first.
    attempt: u32,
    /// How often each of the frames that come next has been delivered before. Empty: they are new.
    again: VecDeque<u32>,
    /// Frames that could not be kept. They are finished with the next that are.
    not_kept: usize,
}

/// The frames of one read. They have been delivered equally often.
#[derive(Debug)]
struct Read {
    frames: Frames,
    /// How many of them are finished, from the first on.
    finished: usize,
    deliveries: u32,
    charge: Charge,
}

/// How a process has ended, to its committed readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It had finished with what it had read.
    Done,
    /// Something else ended it.
    Interrupted,
    /// Perhaps a frame ended it.
    Failed,
}

/// A frame that ended too many processes.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) bytes: usize,
    pub(crate) deliveries: u32,
    /// Whether there was a channel that took it.
    pub(crate) sent: bool,
}

/// The committed readers that a process was started with. They are the process's: this holds no share of them.
#[derive(Debug)]
pub(crate) struct CommittedReaders(Vec<(Weak<Reader>, Arc<Committed>)>);

impl CommittedReaders {
    pub(crate) fn among(arguments: &Arguments) -> Self {
        let readers = arguments.iter().filter_map(|argument| match argument {
            Argument::Reader(handle) => {
                let committed = handle.committed.clone()?;
                Some((Arc::downgrade(&handle.reader), committed))
            }
            _ => None,
        });
        Self(readers.collect())
    }

    /// The process has ended and let go of its handles: gives each reader that somebody keeps what was not finished.
    pub(crate) fn settle(self, status: &ExitStatus) -> Vec<Rejected> {
        let readers = self.0.into_iter();
        readers
            .filter_map(|(reader, committed)| committed.settle(&*reader.upgrade()?, status))
            .collect()
    }
}

/// A read that could not be kept: the limit that was reached.
pub(crate) type NotKept = crate::account::Exhausted;

impl Committed {
    pub(crate) fn new(redelivery: Redelivery, reader: &Arc<Reader>) -> Self {
        Self {
            redelivery,
            place: reader.keeps_place().then(|| reader.clone()),
            state: Mutex::default(),
        }
    }

    /// Tells the engine that frames are finished.
    fn finished(&self, state: &mut State, frames: usize) {
        if let Some(reader) = &self.place {
            let not_kept = std::mem::take(&mut state.not_kept);
            reader.finished((frames + not_kept) as u64);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process reads on. It has finished with what it had, unless it says that itself.
    pub(crate) fn read_on(&self) {
        let mut state = self.lock();
        if !state.by_hand {
            let reads = std::mem::take(&mut state.reads);
            let frames = reads.iter().map(Read::unfinished).sum();
            self.finished(&mut state, frames);
            drop(state);
            drop(reads);
        }
    }

    /// The process has finished with so many frames, oldest first, and says so itself from now on.
    pub(crate) fn commit(&self, frames: u32) {
        let mut finished = Vec::new();
        let mut state = self.lock();
        state.by_hand = true;
        let mut left = frames as usize;
        while left > 0
            && let Some(mut read) = state.reads.pop_front()
        {
            let count = read.unfinished();
            if count > left {
                read.finished += left;
                left = 0;
                state.reads.push_front(read);
                break;
            }
            left -= count;
            finished.push(read);
        }
        self.finished(&mut state, frames as usize - left);
        drop(state);
        drop(finished);
    }

    /// Which delivery of its frames the last read was; 1 before the first.
    pub(crate) fn attempt(&self) -> u32 {
        self.lock().attempt.max(1)
    }

    /// The bounds of a read of many frames, from those that the process gave.
    pub(crate) fn bounds(&self, max_frames: u32, max_bytes: u64) -> (u32, u64) {
        match self.lock().again.is_empty() {
            true => (max_frames, max_bytes.min(READ_BYTES)),
            false => (1, max_bytes),
        }
    }

    /// Keeps what was read, at the expense of this account.
    pub(crate) fn took(&self, frames: Frames, account: &Arc<Account>) -> Result<(), NotKept> {
        if frames.is_empty() {
            return Ok(());
        }
        let mut state = self.lock();
        // Frames that come again come one by one, unless several reads wait at once.
        let again = frames.len().min(state.again.len());
        let before = state.again.drain(..again).max().unwrap_or(0);
        state.attempt = before.saturating_add(1);
        let weight = kept::RETURNED * frames.len() as u64 + frames.kept_bytes();
        let charge = account.charge(Good::HostBytes, weight);
        let charge = charge.inspect_err(|_| state.not_kept += frames.len())?;
        state.reads.push_back(Read {
            frames,
            finished: 0,
            deliveries: before.saturating_add(1),
            charge,
        });
        Ok(())
    }

    /// The process has given back the last `count` frames of what it had read: the reader has them again.
    pub(crate) fn given_back(&self, count: usize) {
        let mut state = self.lock();
        let mut left = count;
        while left > 0
            && let Some(read) = state.reads.pop_back()
        {
            let of_it = left.min(read.unfinished());
            left -= of_it;
            // It has not begun with them.
            let before = read.deliveries - 1;
            for _ in 0..of_it {
                state.again.push_front(before);
            }
            let kept = read.frames.len() - of_it;
            if kept > read.finished {
                let frames = read.frames.iter().take(kept).collect();
                state.reads.push_back(Read { frames, ..read });
            }
        }
        // Frames that were new are new.
        while state.again.back() == Some(&0) {
            state.again.pop_back();
        }
    }

    /// The process has ended: gives the reader what was not finished. A frame that has ended too many processes is rejected.
    pub(crate) fn settle(&self, reader: &Reader, status: &ExitStatus) -> Option<Rejected> {
        let end = End::of(status);
        let mut state = self.lock();
        let reads = std::mem::take(&mut state.reads);
        (state.by_hand, state.attempt) = (false, 0);
        if end == End::Done {
            self.finished(&mut state, reads.iter().map(Read::unfinished).sum());
            return None;
        }
        let mut frames = Vec::new();
        let mut again = VecDeque::new();
        let mut charges = Vec::new();
        for read in reads {
            let deliveries = match end {
                End::Failed => read.deliveries,
                End::Done | End::Interrupted => read.deliveries - 1,
            };
            frames.extend(read.frames.iter().skip(read.finished));
            again.resize(frames.len(), deliveries);
            charges.push(read.charge);
        }
        let rejected = match again.front() {
            Some(&deliveries) if deliveries >= self.redelivery.max_deliveries.max(1) => {
                self.reject(frames.first(), deliveries)
            }
            _ => None,
        };
        if rejected.is_some() {
            frames.remove(0);
            again.pop_front();
            self.finished(&mut state, 1);
        }
        again.append(&mut state.again);
        state.again = again;
        drop(state);
        reader.put_back(frames, Some(Arc::new(charges)));
        rejected
    }

    /// None if the channel for rejected frames has no room: the frame is delivered again.
    fn reject(&self, frame: Option<&Frame>, deliveries: u32) -> Option<Rejected> {
        let payload = frame?.payload.clone();
        let bytes = payload.len();
        let sent = match &self.redelivery.rejected {
            None => false,
            Some(writer) => match writer.try_write(payload) {
                Ok(sent) => sent,
                Err(WriteError::WouldBlock) => return None,
                Err(_) => false,
            },
        };
        Some(Rejected {
            bytes,
            deliveries,
            sent,
        })
    }
}

impl Read {
    fn unfinished(&self) -> usize {
        self.frames.len().saturating_sub(self.finished)
    }
}

impl End {
    fn of(status: &ExitStatus) -> Self {
        match status {
            ExitStatus::Returned(_) | ExitStatus::Stopped => End::Done,
            ExitStatus::Killed | ExitStatus::Linked(_) => End::Interrupted,
            ExitStatus::Failed(_)
            | ExitStatus::Exited(_)
            | ExitStatus::Trapped(_)
            | ExitStatus::Limit(_) => End::Failed,
        }
    }
}

#[cfg(test)]
mod tests;
