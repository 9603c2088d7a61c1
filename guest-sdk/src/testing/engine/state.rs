//! The rules of a channel, over plain data: `sends` has those of writes, `amount` what frames cost.
//!
//! Invariants: what is retained is never more than the limits. A frame that a strong reader has not taken stays. Writes that wait are
//! in `queue`, and only the first of them may send.

mod amount;
mod sends;

use super::{Attachment, ReadFault, Stats, WriteFault};
use amount::Amount;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

/// How many frames were sent.
pub(in crate::testing) type Outcome = Result<u32, WriteFault>;

/// A frame that was read.
pub(in crate::testing) struct Delivered {
    /// Who sent it.
    pub(in crate::testing) writer: u32,
    /// Its bytes.
    pub(in crate::testing) payload: Arc<[u8]>,
    /// The handles that came with it.
    pub(in crate::testing) handles: Vec<Attachment>,
}

/// Why a channel takes no more frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Drained,
    Terminated,
}

struct Kept {
    frame: Delivered,
    /// The sums of all frames before it, since the beginning.
    before: Amount,
}

#[derive(Default)]
struct Place {
    /// The number of the frame that it takes next.
    next: u64,
    strong: bool,
    returned: VecDeque<Delivered>,
}

/// A channel.
pub(super) struct State {
    limits: Amount,
    dropping: bool,
    kept: VecDeque<Kept>,
    /// The number of the first frame kept.
    first: u64,
    /// The sums of all frames ever sent.
    sent: Amount,
    dropped: u64,
    places: BTreeMap<u64, Place>,
    next_key: u64,
    /// Strong and weak.
    writers: (u32, u32),
    next_writer: u32,
    fault: Option<Fault>,
    queue: VecDeque<u64>,
    next_ticket: u64,
    /// Handles with which readers can be made.
    pub(super) holders: usize,
    waiting: Vec<Waker>,
    changed: bool,
    fallen: Vec<Delivered>,
}

impl State {
    pub(super) fn new(capacity: u64, dropping: bool) -> Self {
        State {
            limits: Amount::most(capacity),
            dropping,
            kept: VecDeque::new(),
            first: 0,
            sent: Amount::default(),
            dropped: 0,
            places: BTreeMap::new(),
            next_key: 0,
            writers: (0, 0),
            next_writer: 0,
            fault: None,
            queue: VecDeque::new(),
            next_ticket: 0,
            holders: 0,
            waiting: Vec::new(),
            changed: false,
            fallen: Vec::new(),
        }
    }

    /// Somebody who waits may go on.
    pub(super) fn changed(&mut self) {
        self.changed = true;
    }

    pub(super) fn wait(&mut self, waker: &Waker) {
        if !self.waiting.iter().any(|known| known.will_wake(waker)) {
            self.waiting.push(waker.clone());
        }
    }

    /// What is to be dropped, and who is to be woken, once the lock is released.
    pub(super) fn take_aftermath(&mut self) -> (Vec<Delivered>, Vec<Waker>) {
        let woken = if std::mem::take(&mut self.changed) {
            std::mem::take(&mut self.waiting)
        } else {
            Vec::new()
        };
        (std::mem::take(&mut self.fallen), woken)
    }

    pub(super) fn open_writer(&mut self, strong: bool) -> Option<u32> {
        if self.fault.is_some() {
            return None;
        }
        let count = if strong {
            &mut self.writers.0
        } else {
            &mut self.writers.1
        };
        *count += 1;
        self.next_writer += 1;
        Some(self.next_writer)
    }

    pub(super) fn weaken_writer(&mut self) {
        self.writers.1 += 1;
        self.close_writer(true);
    }

    pub(super) fn close_writer(&mut self, strong: bool) {
        if !strong {
            self.writers.1 -= 1;
            return;
        }
        self.writers.0 -= 1;
        if self.writers.0 == 0 {
            self.end();
        }
    }

    pub(super) fn open_reader(&mut self, strong: bool) -> u64 {
        self.next_key += 1;
        let place = Place {
            next: self.first,
            strong,
            returned: VecDeque::new(),
        };
        self.places.insert(self.next_key, place);
        self.next_key
    }

    pub(super) fn weaken_reader(&mut self, key: u64) {
        if let Some(place) = self.places.get_mut(&key) {
            place.strong = false;
        }
        self.changed();
    }

    pub(super) fn close_reader(&mut self, key: u64) {
        if let Some(place) = self.places.remove(&key) {
            self.fallen.extend(place.returned);
        }
        self.changed();
    }

    pub(super) fn end(&mut self) {
        self.fault.get_or_insert(Fault::Drained);
        self.changed();
    }

    pub(super) fn is_ending(&self) -> bool {
        self.fault.is_some()
    }

    pub(super) fn terminate(&mut self) {
        self.fault = Some(Fault::Terminated);
        self.first += self.kept.len() as u64;
        let kept = std::mem::take(&mut self.kept);
        self.fallen.extend(kept.into_iter().map(|kept| kept.frame));
        for place in self.places.values_mut() {
            self.fallen.extend(std::mem::take(&mut place.returned));
        }
        self.changed();
    }

    pub(super) fn is_unread(&self) -> bool {
        self.fault.is_some() || (self.holders == 0 && self.places.is_empty())
    }

    pub(super) fn queue(&mut self) -> u64 {
        self.next_ticket += 1;
        self.queue.push_back(self.next_ticket);
        self.next_ticket
    }

    pub(super) fn leave(&mut self, ticket: u64) {
        self.queue.retain(|waiting| *waiting != ticket);
        self.changed();
    }

    /// What is kept of the frames from this number on.
    fn kept_from(&self, number: u64) -> Amount {
        let at = usize::try_from(number - self.first).unwrap_or(usize::MAX);
        let kept = self.kept.get(at).map(|kept| self.sent.minus(kept.before));
        kept.unwrap_or_default()
    }

    /// The number of the frame after the last.
    fn end_number(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    /// What has to stay.
    fn needed(&self) -> Amount {
        let strong = self.places.values().filter(|place| place.strong);
        let lowest = strong.map(|place| place.next.max(self.first)).min();
        self.kept_from(lowest.unwrap_or_else(|| self.end_number()))
    }

    pub(super) fn is_readable(&self, key: u64) -> bool {
        let Some(place) = self.places.get(&key) else {
            return true;
        };
        self.fault.is_some() || !place.returned.is_empty() || place.next < self.end_number()
    }

    /// Takes what is there for this reader.
    pub(super) fn take(
        &mut self,
        key: u64,
        max_frames: usize,
        max_bytes: usize,
    ) -> Result<Vec<Delivered>, ReadFault> {
        if self.fault == Some(Fault::Terminated) {
            return Err(ReadFault::Terminated);
        }
        let end = self.end_number();
        let Some(place) = self.places.get_mut(&key) else {
            return Ok(Vec::new());
        };
        let mut taken: Vec<Delivered> = Vec::new();
        let mut bytes = 0;
        let mut has_room = |taken: usize, more: usize| {
            bytes += more;
            taken == 0 || (taken < max_frames && bytes <= max_bytes)
        };
        while let Some(frame) = place.returned.front()
            && has_room(taken.len(), frame.payload.len())
        {
            taken.extend(place.returned.pop_front());
        }
        if !taken.is_empty() {
            return Ok(taken);
        }
        if place.next < self.first {
            let lost = self.first - place.next;
            place.next = self.first;
            return Err(ReadFault::Lagged(lost));
        }
        while place.next < end {
            let at = usize::try_from(place.next - self.first).unwrap_or(usize::MAX);
            let Some(kept) = self.kept.get_mut(at) else {
                break;
            };
            if !has_room(taken.len(), kept.frame.payload.len()) {
                break;
            }
            taken.push(Delivered {
                writer: kept.frame.writer,
                payload: Arc::clone(&kept.frame.payload),
                handles: std::mem::take(&mut kept.frame.handles),
            });
            place.next += 1;
        }
        if taken.is_empty() && self.fault.is_none() {
            return Err(ReadFault::WouldBlock);
        }
        self.changed();
        Ok(taken)
    }

    pub(super) fn put_back(&mut self, key: u64, frames: Vec<Delivered>) {
        let Some(place) = self.places.get_mut(&key) else {
            return self.fallen.extend(frames);
        };
        for frame in frames.into_iter().rev() {
            place.returned.push_front(frame);
        }
        self.changed();
    }

    pub(super) fn stats(&self) -> Stats {
        let held = self.kept_from(self.first);
        let strong = self.places.values().filter(|place| place.strong).count();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Stats {
            written: self.sent.frames,
            dropped: self.dropped,
            held: held.frames,
            bytes: held.bytes,
            capacity: self.limits.bytes,
            writers: self.writers,
            readers: (count(strong), count(self.places.len() - strong)),
        }
    }
}
