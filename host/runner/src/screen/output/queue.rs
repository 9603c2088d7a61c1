//! The queue of what is to be written to a stream, in order.
//!
//! Invariants:
//! - At most [`NOTES`] notes and [`NOTE_BYTES`] wait, because nobody waits for them. Further ones are counted. The
//!   writer may hold as many again.
//! - At most [`PERMITS`] batches of log entries wait. A task with another batch waits for a permit, in turn.
//! - The host bounds the output of guests, separately for each stream of a process.

use super::Stream;
use super::moving::Line;
use bytes::Bytes;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_host::process::Room;

/// Notes that may wait: one line for each process of a full host when it ends.
const NOTES: u64 = 8_192;

/// Bytes of notes that may wait: a hundred for each, and some more.
const NOTE_BYTES: u64 = 1 << 20;

/// Batches of log entries that may wait, of at most 64 KiB each: enough to keep the writer busy while their readers
/// sleep.
const PERMITS: usize = 16;

/// The permit for one waiting batch of log entries. Dropping it lets the next one in.
pub(crate) type Permit = OwnedSemaphorePermit;

/// An item to be written.
pub(super) enum Item {
    /// A line of `weft` itself, for stderr.
    Note(String),
    /// Reports how many lines are missing at this place.
    Missing(u64),
    /// Log entries, for stderr.
    Entries(String, Permit),
    /// Output of a guest.
    Bytes(Stream, Bytes, Room),
    /// A result, and where to report that it was written.
    Result(Stream, Vec<u8>, SyncSender<io::Result<()>>),
    /// A change of the status lines.
    Moving(Change),
    /// Where everything after it goes: the streams that the writer writes lead there.
    Turn(File),
}

/// A change of the status lines.
pub(super) enum Change {
    Show(u64, Line),
    Hide(u64),
}

/// The queue of one writer.
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    permits: Arc<Semaphore>,
    /// Why a stream takes no more output of guests.
    broken: [OnceLock<(ErrorKind, String)>; 2],
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    notes: u64,
    note_bytes: u64,
    /// Lines that were dropped after the last item.
    dropped: u64,
    /// Whether there is no writer, because the system gave it no thread or because it failed.
    unwritten: bool,
}

impl State {
    /// Queues a report of the dropped lines at their place.
    fn tell_dropped(&mut self) {
        if self.dropped > 0 {
            let dropped = std::mem::take(&mut self.dropped);
            self.items.push_back(Item::Missing(dropped));
        }
    }
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            permits: Arc::new(Semaphore::new(PERMITS)),
            broken: Default::default(),
        }
    }

    /// From now on, callers write directly.
    pub(super) fn without_writer(&self) {
        self.lock().unwritten = true;
    }

    /// Queues a note, or counts its lines as dropped if too many wait.
    pub(super) fn note(&self, text: &str) {
        let mut state = self.lock();
        if state.unwritten {
            let _ = writeln!(io::stderr(), "{text}");
            return;
        }
        let bytes = state.note_bytes.saturating_add(text.len() as u64);
        if state.notes >= NOTES || bytes > NOTE_BYTES {
            state.dropped += text.lines().count() as u64;
            return;
        }
        state.notes += 1;
        state.note_bytes = bytes;
        self.add(state, Item::Note(text.to_owned()));
    }

    /// Queues an item that is bounded elsewhere.
    pub(super) fn push(&self, item: Item) {
        let state = self.lock();
        if !state.unwritten {
            return self.add(state, item);
        }
        match item {
            Item::Note(text) | Item::Entries(text, _) => {
                let _ = writeln!(io::stderr(), "{text}");
            }
            Item::Bytes(stream, bytes, _) => {
                let written = write_now(stream, &bytes);
                let _ = written.inspect_err(|error| self.breaks(stream, error));
            }
            Item::Result(stream, bytes, reply) => {
                let _ = reply.send(write_now(stream, &bytes));
            }
            Item::Missing(_) | Item::Moving(_) | Item::Turn(_) => {}
        }
    }

    /// Queues a result, and waits until it is written.
    pub(super) fn result(&self, stream: Stream, bytes: Vec<u8>) -> io::Result<()> {
        let (reply, replied) = sync_channel(1);
        self.push(Item::Result(stream, bytes, reply));
        replied
            .recv()
            .unwrap_or_else(|_| Err(ErrorKind::BrokenPipe.into()))
    }

    pub(super) async fn permit(&self) -> Permit {
        match self.permits.clone().acquire_owned().await {
            Ok(permit) => permit,
            // The semaphore is never closed.
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn free_permit(&self) -> Option<Permit> {
        self.permits.clone().try_acquire_owned().ok()
    }

    /// Takes all items; none if nothing arrives within `wait`.
    pub(super) fn take(&self, wait: Option<Duration>) -> VecDeque<Item> {
        let empty = |state: &mut State| state.items.is_empty();
        let state = self.lock();
        let mut state = match wait {
            None => self.arrived.wait_while(state, empty),
            Some(wait) => self
                .arrived
                .wait_timeout_while(state, wait, empty)
                .map(|(state, _)| state)
                .map_err(|poisoned| PoisonError::new(poisoned.into_inner().0)),
        }
        .unwrap_or_else(PoisonError::into_inner);
        (state.notes, state.note_bytes) = (0, 0);
        state.tell_dropped();
        std::mem::take(&mut state.items)
    }

    /// Records that writing a guest's output to this stream has failed. Later output is refused.
    pub(super) fn breaks(&self, stream: Stream, error: &io::Error) {
        let [stdout, stderr] = &self.broken;
        let broken = match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        };
        let _ = broken.set((error.kind(), error.to_string()));
    }

    /// Why this stream takes no more output of guests, if it takes none.
    pub(super) fn broken(&self, stream: Stream) -> Option<io::Error> {
        let [stdout, stderr] = &self.broken;
        let broken = match stream {
            Stream::Stdout => stdout.get(),
            Stream::Stderr => stderr.get(),
        };
        broken.map(|(kind, text)| io::Error::new(*kind, text.clone()))
    }

    fn add(&self, mut state: MutexGuard<'_, State>, item: Item) {
        state.tell_dropped();
        state.items.push_back(item);
        drop(state);
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_now(stream: Stream, bytes: &[u8]) -> io::Result<()> {
    fn all(mut out: impl Write, bytes: &[u8]) -> io::Result<()> {
        out.write_all(bytes)?;
        out.flush()
    }
    match stream {
        Stream::Stdout => all(io::stdout(), bytes),
        Stream::Stderr => all(io::stderr(), bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many notes were taken, and how many lines are reported as missing.
    fn taken(queue: &Queue) -> (u64, u64) {
        let items = queue.take(Some(Duration::ZERO));
        let counts = items.iter().map(|item| match item {
            Item::Missing(lines) => (0, *lines),
            _ => (1, 0),
        });
        counts.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    }

    #[test]
    fn notes_beyond_the_bounds_are_counted_by_the_line() {
        let queue = Queue::new();
        for _ in 0..NOTES {
            queue.note("a");
        }
        queue.note("one more");
        queue.note("two\nmore");
        assert_eq!(taken(&queue), (NOTES, 3));
        let large = "x".repeat(1 << 19);
        for _ in 0..3 {
            queue.note(&large);
        }
        assert_eq!(taken(&queue), (2, 1));
        assert_eq!(taken(&queue), (0, 0));
    }
}
