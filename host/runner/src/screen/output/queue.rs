//! What is still to be written to a stream, in order.
//!
//! Invariants:
//! - Of what nobody waits with, [`NOTES`] and [`NOTE_BYTES`] are kept; what is beyond is counted. As much again is with the writer.
//! - Of entries of logs, [`PLACES`] batches are kept; whoever has more waits, in turn.
//! - What guests write is bounded by the host, a stream of a process apart.

use super::Stream;
use super::moving::Line;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use weft_host::Room;

/// Notes that wait: a line for each process of a full host when it ends.
const NOTES: u64 = 8_192;

/// Bytes of them: a hundred each, and some more.
const NOTE_BYTES: u64 = 1 << 20;

/// Batches of entries that wait, of at most 64 KiB each: enough to write on while their readers sleep.
const PLACES: usize = 16;

/// The right to have one batch of entries wait. The next can when this is dropped.
pub(crate) type Place = OwnedSemaphorePermit;

/// Something to be written.
pub(super) enum Item {
    /// A line of `weft` itself, for stderr.
    Note(String),
    /// So many lines are missing here.
    Missing(u64),
    /// Entries of logs, for stderr.
    Entries(String, Place),
    /// What a guest wrote.
    Bytes(Stream, Bytes, Room),
    /// A result, and who waits for it.
    Result(Stream, Vec<u8>, SyncSender<io::Result<()>>),
    /// A change of the lines that move.
    Moving(Change),
}

/// A change of the lines that move.
pub(super) enum Change {
    Show(u64, Line),
    Hide(u64),
}

/// What waits for one writer.
pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    places: Arc<Semaphore>,
    /// Why a stream takes no more of what guests write.
    broken: [OnceLock<(ErrorKind, String)>; 2],
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    notes: u64,
    note_bytes: u64,
    /// Lines that were left out after the last item.
    dropped: u64,
    /// Whether there is no writer: the system gave it no thread.
    unwritten: bool,
}

impl State {
    /// Has it said, in its place, what was left out.
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
            places: Arc::new(Semaphore::new(PLACES)),
            broken: Default::default(),
        }
    }

    /// From now on all is written by who says it.
    pub(super) fn without_writer(&self) {
        self.lock().unwritten = true;
    }

    /// Has something written, or counts it if too much waits.
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

    /// Has something written that has its own bound.
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
            Item::Missing(_) | Item::Moving(_) => {}
        }
    }

    /// Has a result written, and waits until it is.
    pub(super) fn result(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let (reply, replied) = sync_channel(1);
        self.push(Item::Result(stream, bytes.to_owned(), reply));
        replied
            .recv()
            .unwrap_or_else(|_| Err(ErrorKind::BrokenPipe.into()))
    }

    pub(super) async fn place(&self) -> Place {
        match self.places.clone().acquire_owned().await {
            Ok(place) => place,
            // It is never closed.
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) fn free_place(&self) -> Option<Place> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Takes all there is; nothing when there is none after `wait`.
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

    /// Guests' output to this stream has failed: there will be no more.
    pub(super) fn breaks(&self, stream: Stream, error: &io::Error) {
        let [stdout, stderr] = &self.broken;
        let broken = match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        };
        let _ = broken.set((error.kind(), error.to_string()));
    }

    /// Why this stream takes no more of guests' output, if it does not.
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

    /// How many notes were taken, and how many lines are missing after them.
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
