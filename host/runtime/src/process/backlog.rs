//! Output that a process has written and that its sink has not written out yet.
//!
//! A sink takes bytes at once and writes them when it can, so that no guest holds a thread while a terminal is blocked. The process
//! waits instead: on its own stack, or in its async call.
//!
//! Invariants:
//! - If a process waits for its permits, its stream has at most [`ROOM`] bytes pending, plus one write for each handle of the
//!   stream. If it does not wait, the first write beyond [`MOST`] is refused, which ends the process or the
//!   stream.
//! - Room is given back when the bytes are written or dropped, and waiters are woken then.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// Pending bytes at which the process waits: the size of a pipe.
const ROOM: usize = 64 << 10;

/// Bytes that a permit allows, and that must be free before a permit is given: the most that
/// `blocking-write-and-flush` takes.
pub(crate) const PERMIT: usize = 4 << 10;

/// Most pending bytes. A process with a permit on each of many handles stays below it.
const MOST: usize = 1 << 20;

/// Bytes that each write counts in addition to its length: about the overhead of keeping it.
const OF_A_WRITE: usize = 64;

/// The pending bytes of one output stream.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    bytes: AtomicUsize,
    freed: Arc<Notify>,
}

/// The room of some pending output. The process gets it back when this is dropped, so a sink keeps it as long as the bytes.
#[derive(Debug)]
pub struct Room {
    backlog: Arc<Backlog>,
    bytes: usize,
}

/// A wait for room that persists across polls.
pub(crate) type Waiting = Option<Pin<Box<OwnedNotified>>>;

impl Backlog {
    /// Takes room for `bytes`, even if the stream is full. `None` if that would exceed [`MOST`].
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Option<Room> {
        let bytes = bytes.saturating_add(OF_A_WRITE);
        let more = |now: usize| now.checked_add(bytes).filter(|all| *all <= MOST);
        let taken = &self.bytes;
        taken
            .try_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        Some(Room {
            backlog: self.clone(),
            bytes,
        })
    }

    /// Whether there is room for a permit.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes.load(Ordering::Acquire) + PERMIT <= ROOM
    }

    /// Waits for room for a permit.
    pub(crate) fn poll_room(&self, waiting: &mut Waiting, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.has_room() {
                *waiting = None;
                return Poll::Ready(());
            }
            // Enabled before the second check, so that room freed after it is not missed.
            let wait = waiting.get_or_insert_with(|| Box::pin(self.freed.clone().notified_owned()));
            wait.as_mut().enable();
            if self.has_room() {
                continue;
            }
            ready!(wait.as_mut().poll(context));
            *waiting = None;
        }
    }
}

impl Room {
    /// Room that belongs to no process, for testing a sink.
    pub fn unbounded() -> Self {
        Self {
            backlog: Arc::default(),
            bytes: 0,
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let backlog = &self.backlog;
        backlog.bytes.fetch_sub(self.bytes, Ordering::Release);
        if backlog.has_room() {
            backlog.freed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::future::poll_fn;

    async fn room(backlog: &Backlog) {
        let mut waiting = None;
        poll_fn(|context| backlog.poll_room(&mut waiting, context)).await;
    }

    #[test]
    fn a_stream_waits_when_a_pipe_s_worth_is_on_the_way_and_is_woken_when_it_is_gone() {
        let backlog = Arc::new(Backlog::default());
        let mut rooms = Vec::new();
        while backlog.has_room() {
            rooms.extend(backlog.take(PERMIT));
        }
        assert!(rooms.len() * PERMIT <= ROOM);
        let (mut first, mut second) = (Box::pin(room(&backlog)), Box::pin(room(&backlog)));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        rooms.clear();
        assert!(first.now_or_never().is_some());
        assert!(second.now_or_never().is_some());
    }

    #[test]
    fn what_is_written_without_waiting_ends_at_a_bound_of_bytes_and_of_writes() {
        for bytes in [0, 1, PERMIT] {
            let backlog = Arc::new(Backlog::default());
            let rooms: Vec<_> = std::iter::repeat_with(|| backlog.take(bytes))
                .take_while(Option::is_some)
                .collect();
            assert_eq!(rooms.len(), MOST / (bytes + OF_A_WRITE));
            drop(rooms);
            assert!(backlog.has_room());
        }
    }
}
