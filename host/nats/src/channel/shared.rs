//! The state of a channel under one lock, and how its changes are waited for.
//!
//! Invariant: whoever changes what others may wait for tells them after the lock is released.

use std::{
    collections::{HashSet, VecDeque},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, oneshot, watch},
    time::Instant,
};
use weft_channel::{Backpressure, Unavailable, WriteError};

use super::{
    clock::Clock,
    queue::{Queue, Rules, Ticket},
    readers::Readers,
    turn::Turn,
};
use crate::{
    config::ChannelConfig,
    log::{Ending, Floor, Log, Op, Outcome, Record},
    server::Server,
};

/// How far a channel has come with its end on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Open,
    /// The last handle is gone.
    Closing,
    /// Nothing more is added to the log.
    Closed,
    /// The lease is given back; no task goes on.
    Over,
}

/// What the server calls the parts of a channel.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub stream: String,
    pub frames: String,
    pub control: String,
    /// Where hosts ask for their turn.
    pub turn: String,
    /// The stream of leases and places.
    pub bucket: String,
    /// What its subjects begin with.
    pub entries: String,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub server: Server,
    pub config: ChannelConfig,
    pub names: Names,
    /// Names this opening of the channel, as no other ever was.
    pub host: String,
    inner: Mutex<Inner>,
    version: watch::Sender<u64>,
    pub stage: watch::Sender<Stage>,
    /// Since when the server, though it is there, takes nothing that this host adds.
    pub refuses: watch::Sender<Option<Instant>>,
    pub clock: Clock,
    /// Another host, whose turn it is.
    pub turn: watch::Sender<Option<Turn>>,
    /// Records in a row that came too late.
    pub lost: AtomicU32,
    /// When it was said aloud the last time that something is begun anew.
    pub warned: Mutex<Option<Instant>>,
    /// What the last round trip took, in microseconds.
    pub round_trip: AtomicU64,
    /// Since when each renewal of the lease has been answered.
    pub renewed: Mutex<Option<Instant>>,
    /// There may be something to add.
    pub to_append: Notify,
    /// There may be places to tell, or frames to remove.
    pub to_keep: Notify,
    ids: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub log: Log,
    pub queue: Queue,
    pub ops: VecDeque<(Op, Option<oneshot::Sender<Outcome>>)>,
    pub readers: Readers,
    /// The strong writers of this host. One that is not in the record of control has been counted as gone by others.
    pub strong_writers: HashSet<u32>,
    /// How many weak ones there are.
    pub weak_writers: u32,
    /// Ids of messages of this host that have landed, while that is in doubt for some.
    pub landed: HashSet<String>,
    /// What has been removed from the server.
    pub purged: Floor,
    host: String,
}

/// What is to be added next.
pub(super) enum Job {
    Nothing,
    Control(Vec<(Op, Option<oneshot::Sender<Outcome>>)>),
    Frames(Vec<Ticket>),
}

impl Shared {
    pub fn new(server: &Server, config: ChannelConfig, names: Names, log: Log) -> Self {
        let host = random_name();
        let purged = log.floor();
        Self {
            server: server.clone(),
            config,
            names,
            inner: Mutex::new(Inner {
                log,
                queue: Queue::default(),
                ops: VecDeque::new(),
                readers: Readers::default(),
                strong_writers: HashSet::new(),
                weak_writers: 0,
                landed: HashSet::new(),
                purged,
                host: host.clone(),
            }),
            host,
            version: watch::Sender::new(0),
            stage: watch::Sender::new(Stage::Open),
            refuses: watch::Sender::new(None),
            clock: Clock::new(),
            turn: watch::Sender::new(None),
            lost: AtomicU32::new(0),
            warned: Mutex::default(),
            renewed: Mutex::default(),
            round_trip: AtomicU64::new(0),
            to_append: Notify::new(),
            to_keep: Notify::new(),
            ids: AtomicU64::new(0),
        }
    }

    /// An id for a message, as no other has.
    pub fn message_id(&self) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        format!("{}.{number}", self.host)
    }

    /// Looks at the state, or changes what nobody waits for.
    pub fn look<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        look(&mut self.inner.lock())
    }

    /// Changes the state, and tells those who wait.
    pub fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let result = change(&mut self.inner.lock());
        self.version.send_modify(|it| *it += 1);
        self.to_append.notify_one();
        result
    }

    /// Applies a record, and tells those who wait.
    pub fn apply(&self, record: Record) {
        let turn = self.turn.borrow();
        let had = turn.as_ref().is_some_and(|it| record.is_of(&it.host));
        drop(turn);
        if had {
            self.turn.send_replace(None);
        }
        let (applied, freed) = self.look(|inner| {
            let before = inner.log.floor();
            (inner.apply(record), inner.log.floor() != before)
        });
        if applied {
            self.is_answered();
            self.version.send_modify(|it| *it += 1);
            self.to_append.notify_one();
        }
        if freed {
            self.to_keep.notify_one();
        }
    }

    /// Waits until there is something to find. Fails once the server has been away for too long.
    pub async fn find<T>(
        &self,
        mut look: impl FnMut(&mut Inner) -> Option<T>,
    ) -> Result<T, Unavailable> {
        let mut version = self.version.subscribe();
        let mut patience = pin!(self.server.out_of_patience());
        loop {
            version.borrow_and_update();
            if let Some(found) = self.look(&mut look) {
                return Ok(found);
            }
            tokio::select! {
                biased;
                changed = version.changed() => changed.map_err(|_| Unavailable)?,
                () = &mut patience => return Err(Unavailable),
            }
        }
    }

    /// Has something changed in the record of control.
    pub async fn ask(&self, op: Op) -> Result<Outcome, Unavailable> {
        let (tell, told) = oneshot::channel();
        self.look(|inner| inner.ops.push_back((op, Some(tell))));
        self.to_append.notify_one();
        self.answered(told).await
    }

    /// The same, where nobody waits for it.
    pub fn tell(&self, op: Op) {
        self.look(|inner| inner.ops.push_back((op, None)));
        self.to_append.notify_one();
    }

    /// Waits until the channel is in this stage on this host.
    pub async fn reaches(&self, stage: Stage) {
        let mut stages = self.stage.subscribe();
        // The sender is a part of this.
        let _ = stages.wait_for(|it| *it >= stage).await;
    }

    pub fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    pub fn advance_stage(&self, stage: Stage) {
        self.stage.send_modify(|it| *it = (*it).max(stage));
        self.to_append.notify_one();
        self.to_keep.notify_one();
    }
}

impl Inner {
    fn apply(&mut self, record: Record) -> bool {
        let ours = record.is_of(&self.host).then(|| record.id.clone());
        let applied = self.log.apply(record);
        if applied && let Some(id) = ours.flatten() {
            self.landed.insert(id);
        }
        applied
    }

    /// Why nothing more can be written.
    pub fn refusal(&self) -> Option<WriteError> {
        Some(match self.log.ended()? {
            Ending::Terminated => WriteError::Terminated,
            Ending::Writers | Ending::Drained => WriteError::Drained,
        })
    }

    /// Whether a reader of this host can read no more: the channel was terminated, or the reader was opened elsewhere.
    pub fn is_over(&self, reader: u64) -> bool {
        self.log.ended() == Some(Ending::Terminated)
            || self.readers.is_taken_over(reader, self.log.control())
    }

    /// Frames that every strong reader has read.
    pub fn all_read(&self) -> u64 {
        self.readers.all_read(self.log.control(), &self.host)
    }

    /// Whether nothing is left to be added.
    pub fn is_idle(&self) -> bool {
        self.ops.is_empty() && self.queue.is_empty()
    }

    /// What is to be added next.
    pub fn plan(&mut self, backpressure: Backpressure) -> Job {
        let (later, now): (Vec<_>, Vec<_>) = self.ops.drain(..).partition(|(op, _)| {
            // What it has been told of as sent goes first.
            matches!(op, Op::CloseWriter(id) if self.queue.owes(*id))
        });
        self.ops.extend(later);
        if !now.is_empty() {
            return Job::Control(now);
        }
        if let Some(error) = self.refusal() {
            self.queue.refuse(error, |_| true);
            return Job::Nothing;
        }
        let strong = &self.log.control().strong;
        let mut ours = self.strong_writers.iter();
        if ours.any(|id| !strong.contains_key(id)) {
            let gone = |id| self.strong_writers.contains(&id) && !strong.contains_key(&id);
            self.queue.refuse(WriteError::Drained, gone);
        }
        if self.queue.is_empty() {
            return Job::Nothing;
        }
        let read = self.all_read();
        let Self { log, queue, .. } = self;
        let taken = queue.take(&Rules {
            capacity: log.capacity(),
            backpressure,
            fits: &|need| log.make_room(need, read).is_some(),
            most: &|| log.most_room(read),
        });
        match taken.is_empty() {
            true => Job::Nothing,
            false => Job::Frames(taken),
        }
    }
}

/// The handles of a channel keep this. It goes with the last of them.
#[derive(Debug)]
pub(super) struct Guard(pub Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.advance_stage(Stage::Closing);
    }
}

/// 64 random bits.
fn random_name() -> String {
    let number = getrandom::u64().unwrap_or_else(|_| {
        // A system without random numbers. The time and this program tell hosts apart.
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let time = time.map_or(0, |it| it.as_nanos() as u64);
        time ^ u64::from(std::process::id()).rotate_left(48)
    });
    format!("{number:016x}")
}
