//! The places of readers: of those on this host exactly, of those elsewhere as they last told.
//!
//! A place is a number of frames, counted from the first of the channel. Places only move on, so one that is known too late holds back too
//! much and never too little.

use std::collections::{BTreeMap, HashMap, VecDeque};

use weft_channel::{Frame, ReadError};

use crate::{
    config::Delivery,
    log::{Ending, Log, Snapshot, Unit, register},
};

/// The most bytes that one read takes, as of the native engine.
const READ_BYTES: u64 = 16 << 20;
/// And the most frames.
const READ_FRAMES: u32 = 1 << 16;

/// A reader of this host.
#[derive(Debug)]
pub(super) struct Local {
    /// Frames before the next one to be read.
    pub next: u64,
    /// Frames that count as read.
    pub read: u64,
    pub delivery: Delivery,
    /// The name of its place, and how often that was opened; for a strong reader.
    pub strong: Option<(String, u64)>,
    /// Whether its name is one that outlives it.
    pub named: bool,
    /// Whether its place is to be told.
    pub moved: bool,
    /// Frames that it lost behind the place: where, and how many.
    pub lost: VecDeque<(u64, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Readers {
    pub local: BTreeMap<u64, Local>,
    last: u64,
    /// Places as they were told, by the name of their entry.
    pub told: HashMap<String, u64>,
    /// Places of readers that were closed, to be told.
    pub left: Vec<(String, u64)>,
}

/// What a read finds.
#[derive(Debug)]
pub(super) enum Found {
    Frames(Vec<Frame>),
    End,
    Nothing,
    /// It lies behind what is in memory.
    Behind(u64),
    Fails(ReadError),
}

impl Readers {
    pub fn add(&mut self, reader: Local) -> u64 {
        self.last += 1;
        self.local.insert(self.last, reader);
        self.last
    }

    /// Takes a reader away. The place of a named one stays.
    pub fn remove(&mut self, id: u64) -> Option<Local> {
        let local = self.local.remove(&id)?;
        if let Some((name, epoch)) = local.strong.as_ref().filter(|_| local.named) {
            let entry = register(name, *epoch);
            self.told.insert(entry.clone(), local.read);
            self.left.push((entry, local.read));
        }
        Some(local)
    }

    /// A reader finds frames gone that nobody has said are.
    pub fn skip(&mut self, id: u64, to: u64) -> Found {
        match self.local.get_mut(&id) {
            Some(local) if to > local.next => local.lose(to - local.next),
            _ => Found::Nothing,
        }
    }

    /// Whether somebody else has opened the reader of this name since.
    pub fn is_taken_over(&self, id: u64, control: &Snapshot) -> bool {
        let local = self.local.get(&id);
        local.is_none_or(|it| it.is_taken_over(control))
    }

    /// Frames that every strong reader has read.
    pub fn all_read(&self, control: &Snapshot, host: &str) -> u64 {
        let places = control.readers.iter().map(|(name, holder)| {
            let here = holder.owner.as_deref() == Some(host);
            let here = here.then(|| self.here(name, holder.epoch)).flatten();
            let told = || self.told.get(&register(name, holder.epoch)).copied();
            here.or_else(told).unwrap_or(0).max(holder.start)
        });
        places.min().unwrap_or(u64::MAX)
    }

    fn here(&self, name: &str, epoch: u64) -> Option<u64> {
        let mut local = self.local.values();
        let found = local.find(|it| {
            let strong = it.strong.as_ref();
            strong.is_some_and(|(its, at)| its == name && *at == epoch)
        });
        found.map(|it| it.read)
    }

    /// Frames that the slowest reader of this host has not read.
    pub fn lag(&self, frames: u64) -> u64 {
        let slowest = self.local.values().map(|it| it.next).min();
        slowest.map_or(0, |next| frames.saturating_sub(next))
    }

    /// Takes frames for a reader; `cold` are those it has fetched itself.
    pub fn take(
        &mut self,
        id: u64,
        log: &Log,
        cold: &[Unit],
        (max_frames, max_bytes): (u32, u64),
    ) -> Found {
        if log.ended() == Some(Ending::Terminated) {
            return Found::Fails(ReadError::Terminated);
        }
        let Some(local) = self.local.get_mut(&id) else {
            return Found::Fails(ReadError::Terminated);
        };
        if local.is_taken_over(log.control()) {
            return Found::Fails(ReadError::Terminated);
        }
        // Who comes back for more has done with what came before.
        if !local.is_committed() {
            local.count_as_read();
        }
        if let Some(lost) = log
            .floor()
            .frames
            .checked_sub(local.next)
            .filter(|it| *it > 0)
        {
            return local.lose(lost);
        }
        let mut frames = Vec::new();
        let mut bytes = 0;
        while frames.len() < max_frames.clamp(1, READ_FRAMES) as usize && local.next < log.frames()
        {
            let in_cold = cold
                .iter()
                .find(|it| it.end() > local.next && it.before <= local.next);
            let Some(unit) = in_cold.or_else(|| log.cached(local.next)) else {
                break;
            };
            if unit.before > local.next {
                if frames.is_empty() {
                    return local.lose(unit.before - local.next);
                }
                break;
            }
            let size = unit.size(local.next) as u64;
            if !frames.is_empty() && bytes + size > max_bytes.clamp(1, READ_BYTES) {
                break;
            }
            bytes += size;
            let Some(frame) = unit.frame(local.next) else {
                break;
            };
            frames.push(frame);
            local.next += 1;
        }
        if !frames.is_empty() {
            if local.delivery == Delivery::AtMostOnce {
                local.count_as_read();
            }
            return Found::Frames(frames);
        }
        match local.next < log.frames() {
            true => Found::Behind(local.next),
            false if log.ended().is_some() => Found::End,
            false => Found::Nothing,
        }
    }

    /// Whether a read would not wait.
    pub fn is_readable(&self, id: u64, log: &Log, cold: &[Unit]) -> Found {
        let Some(local) = self.local.get(&id) else {
            return Found::End;
        };
        let next = local.next;
        let lagged = next < log.floor().frames;
        if log.ended() == Some(Ending::Terminated) || lagged {
            return Found::End;
        }
        if next == log.frames() {
            return match log.ended() {
                Some(_) => Found::End,
                None => Found::Nothing,
            };
        }
        let cold = cold.iter().any(|it| it.end() > next && it.before <= next);
        match cold || log.cached(next).is_some() {
            true => Found::End,
            false => Found::Behind(next),
        }
    }
}

impl Local {
    fn count_as_read(&mut self) {
        if self.read != self.next {
            self.read = self.next;
            self.moved = self.strong.is_some();
        }
    }

    fn lose(&mut self, lost: u64) -> Found {
        let has_some_in_hand = self.read < self.next;
        if self.is_committed() && has_some_in_hand {
            self.lost.push_back((self.next, lost));
            self.next += lost;
        } else {
            self.next += lost;
            self.count_as_read();
        }
        Found::Fails(ReadError::Lagged(lost))
    }

    /// Whether its place moves by [`finish`](Self::finish) alone.
    pub fn is_committed(&self) -> bool {
        self.named && self.strong.is_some() && self.delivery == Delivery::Committed
    }

    /// So many more frames are done with, of those that it was handed. Returns whether its place has moved.
    pub fn finish(&mut self, mut frames: u64) -> bool {
        if !self.is_committed() {
            return false;
        }
        let before = self.read;
        loop {
            let gap = self.lost.front().copied();
            let until = gap.map_or(self.next, |(at, _)| at);
            let step = frames.min(until.saturating_sub(self.read));
            self.read += step;
            frames -= step;
            match gap {
                Some((at, lost)) if self.read == at => {
                    self.read += lost;
                    self.lost.pop_front();
                }
                _ => break,
            }
        }
        self.moved |= self.read != before;
        self.read != before
    }

    /// Whether somebody else has opened the reader of this name since.
    fn is_taken_over(&self, control: &Snapshot) -> bool {
        let Some((name, epoch)) = self.strong.as_ref().filter(|_| self.named) else {
            return false;
        };
        control
            .readers
            .get(name)
            .is_some_and(|it| it.epoch > *epoch)
    }
}
