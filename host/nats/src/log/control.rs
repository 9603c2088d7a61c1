//! Who has a channel open, and whether it has ended: the state that a record of control carries, all of it, so that the newest one is enough.
//!
//! It is in a header, so that whoever asks for headers only has it.
//!
//! Invariants:
//! - An id of a writer is given once.
//! - A channel ends once. Only [`Op::Reopen`] undoes that.
//! - An op that has been done changes nothing when it is done again, but for one that opens.

use std::collections::BTreeMap;

use async_nats::HeaderMap;
use serde::{Deserialize, Serialize};

use super::record::Floor;

/// The header that holds it, as JSON.
const STATE: &str = "Weft-Control";

/// How a channel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ending {
    /// Its last strong writer is gone.
    Writers,
    Drained,
    Terminated,
}

/// A strong reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// Which host has it open.
    pub owner: Option<String>,
    /// How often it was opened.
    pub epoch: u64,
    /// Frames before its place, when it was opened.
    pub start: u64,
    /// Whether its place outlives its host.
    pub named: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The newest id of a writer.
    pub last_writer: u32,
    /// The strong writers, and which host has each.
    pub strong: BTreeMap<u32, String>,
    /// Whether there was ever one.
    pub had_strong: bool,
    pub ended: Option<Ending>,
    /// The strong readers, by the name of their place.
    pub readers: BTreeMap<String, Holder>,
}

/// What somebody wants changed.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    OpenWriter {
        strong: bool,
        host: String,
    },
    CloseWriter(u32),
    /// A strong reader, at this frame or at the oldest retained.
    OpenReader {
        name: String,
        host: String,
        named: bool,
        start: u64,
    },
    /// A strong reader is gone. A named one keeps its place.
    CloseReader {
        name: String,
        epoch: u64,
    },
    /// A named reader gives up its place.
    ForgetReader {
        name: String,
        epoch: u64,
    },
    /// A host is gone, with all that it had open.
    ForgetHost(String),
    /// Frames up to here make room.
    Trim(Floor),
    Drain,
    Terminate,
    Reopen,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Writer(u32),
    Reader { epoch: u64, start: u64 },
    Ended,
    NoIds,
}

/// What an op is done to.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub snapshot: Snapshot,
    /// What is retained.
    pub floor: Floor,
    /// Frames and bytes written.
    pub total: (u64, u64),
    /// The sequence behind the last record.
    pub next: u64,
}

/// What ops have changed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub context: Context,
    pub outcomes: Vec<Outcome>,
    pub changed: bool,
}

/// The name of the entry that holds a reader's place.
pub(crate) fn register(name: &str, epoch: u64) -> String {
    format!("{name}.{epoch}")
}

impl Snapshot {
    pub fn parse(headers: &HeaderMap) -> Option<Self> {
        serde_json::from_str(headers.get(STATE)?.as_str()).ok()
    }

    pub fn write(&self, headers: &mut HeaderMap) -> Result<(), serde_json::Error> {
        headers.insert(STATE, serde_json::to_string(self)?);
        Ok(())
    }

    fn close_writer(&mut self, id: u32) -> bool {
        let gone = self.strong.remove(&id).is_some();
        if gone && self.strong.is_empty() && self.ended.is_none() {
            self.ended = Some(Ending::Writers);
        }
        gone
    }

    fn close_reader(&mut self, name: &str, epoch: u64, forget: bool) -> bool {
        let Some(holder) = self.readers.get_mut(name) else {
            return false;
        };
        if holder.epoch != epoch {
            return false;
        }
        if holder.named && !forget {
            return holder.owner.take().is_some();
        }
        self.readers.remove(name).is_some()
    }

    fn forget_host(&mut self, host: &str) -> bool {
        let writers: Vec<_> = self.strong.iter().filter(|it| it.1 == host).collect();
        let writers: Vec<_> = writers.into_iter().map(|it| *it.0).collect();
        let mut changed = false;
        for id in writers {
            changed |= self.close_writer(id);
        }
        let before = self.readers.len();
        self.readers
            .retain(|_, it| it.named || it.owner.as_deref() != Some(host));
        changed |= self.readers.len() != before;
        for holder in self.readers.values_mut() {
            if holder.owner.as_deref() == Some(host) {
                holder.owner = None;
                changed = true;
            }
        }
        changed
    }
}

impl Context {
    /// Does all of them, in order.
    pub fn change<'a>(mut self, ops: impl IntoIterator<Item = &'a Op>) -> Change {
        let mut outcomes = Vec::new();
        let mut changed = false;
        for op in ops {
            let (outcome, did) = self.one(op);
            outcomes.push(outcome);
            changed |= did;
        }
        Change {
            context: self,
            outcomes,
            changed,
        }
    }

    fn one(&mut self, op: &Op) -> (Outcome, bool) {
        let snapshot = &mut self.snapshot;
        match op {
            Op::OpenWriter { strong, host } => {
                if snapshot.ended.is_some() {
                    return (Outcome::Ended, false);
                }
                let Some(id) = snapshot.last_writer.checked_add(1) else {
                    return (Outcome::NoIds, false);
                };
                snapshot.last_writer = id;
                if *strong {
                    snapshot.strong.insert(id, host.clone());
                    snapshot.had_strong = true;
                }
                (Outcome::Writer(id), true)
            }
            Op::CloseWriter(id) => (Outcome::Done, snapshot.close_writer(*id)),
            Op::OpenReader {
                name,
                host,
                named,
                start,
            } => {
                let before = snapshot.readers.get(name);
                let epoch = before.map_or(1, |it| it.epoch + 1);
                let start = (*start).max(self.floor.frames);
                let holder = Holder {
                    owner: Some(host.clone()),
                    epoch,
                    start,
                    named: *named,
                };
                snapshot.readers.insert(name.clone(), holder);
                (Outcome::Reader { epoch, start }, true)
            }
            Op::CloseReader { name, epoch } => {
                (Outcome::Done, snapshot.close_reader(name, *epoch, false))
            }
            Op::ForgetReader { name, epoch } => {
                (Outcome::Done, snapshot.close_reader(name, *epoch, true))
            }
            Op::ForgetHost(host) => (Outcome::Done, snapshot.forget_host(host)),
            Op::Trim(floor) => {
                let further = floor.frames > self.floor.frames;
                if further {
                    self.floor = *floor;
                }
                (Outcome::Done, further)
            }
            Op::Drain | Op::Terminate | Op::Reopen => (Outcome::Done, self.end(op)),
        }
    }

    fn end(&mut self, op: &Op) -> bool {
        let snapshot = &mut self.snapshot;
        match (op, snapshot.ended) {
            (Op::Reopen, Some(_)) => {
                snapshot.ended = None;
                snapshot.had_strong = false;
                snapshot.strong.clear();
                true
            }
            (Op::Terminate, Some(Ending::Terminated)) => false,
            (Op::Terminate, _) => {
                snapshot.ended = Some(Ending::Terminated);
                self.floor = Floor {
                    // Behind the record that says so.
                    seq: self.next + 1,
                    frames: self.total.0,
                    bytes: self.total.1,
                };
                true
            }
            (Op::Drain, None) => {
                snapshot.ended = Some(Ending::Drained);
                true
            }
            _ => false,
        }
    }
}
