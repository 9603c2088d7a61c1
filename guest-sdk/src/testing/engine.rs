//! The channels of the test kit: the contract of channels, in this program's memory.
//!
//! Not the engine of the host, which is made for speed. This one is made to be read: one lock, one list of frames, and whoever waits
//! looks again after each change. `tests` holds it to the same suite as the host's (`weft-channel-contract`).
//!
//! The rules are in `state`, and in `committed` those of readers whose frames come again; here are the ends, which belong to nobody's table yet, and their waits.
//!
//! Invariant: nothing is dropped and nobody is woken while the lock is held, as a frame may carry ends of its own channel.

mod committed;
mod reader;
mod state;
#[cfg(test)]
mod tests;
mod ticket;

pub(in crate::testing) use committed::{Committed, Rejected};
pub(in crate::testing) use reader::Reader;
pub(in crate::testing) use state::{Delivered, Outcome};
use state::{Fault, State};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use ticket::Ticket;

/// A channel with the right to make ends of it.
pub(in crate::testing) struct Channel {
    shared: Arc<LockedState>,
    /// Whether readers can be made with this handle.
    reads: bool,
}

/// A writing end.
pub(in crate::testing) struct Writer {
    shared: Arc<LockedState>,
    id: u32,
    strong: Mutex<bool>,
    /// The turn that `await_room` has won.
    turn: Mutex<Option<u64>>,
}

/// A handle that travels with a frame.
pub(in crate::testing) enum Attachment {
    /// A channel, and a note of the kit's, handed over unchanged.
    Channel(Channel, u8),
    /// A reader, at its place.
    Reader(Reader),
    /// A writer.
    Writer(Writer),
}

/// Why a read gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) enum ReadFault {
    /// So many frames were lost.
    Lagged(u64),
    /// The channel was terminated.
    Terminated,
    /// There is nothing yet.
    WouldBlock,
}

/// Why a write sent nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) enum WriteFault {
    /// The channel takes no more frames.
    Drained,
    /// The channel was terminated.
    Terminated,
    /// Larger than this.
    TooLarge(u64),
    /// There is no room yet, or others wait for it.
    WouldBlock,
}

/// Counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) struct Stats {
    /// Frames accepted.
    pub(in crate::testing) written: u64,
    /// Frames dropped.
    pub(in crate::testing) dropped: u64,
    /// Frames retained.
    pub(in crate::testing) held: u64,
    /// Bytes retained.
    pub(in crate::testing) bytes: u64,
    /// The capacity.
    pub(in crate::testing) capacity: u64,
    /// Strong and weak writers.
    pub(in crate::testing) writers: (u32, u32),
    /// Strong and weak readers.
    pub(in crate::testing) readers: (u32, u32),
}

struct LockedState(Mutex<State>);

impl LockedState {
    /// Changes the state; then drops what fell out of it and wakes whoever waits for a change.
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut state);
        let (fallen, wakers) = state.take_aftermath();
        drop(state);
        drop(fallen);
        for waker in wakers {
            waker.wake();
        }
        result
    }

    /// Looks, and looks again after each change until there is a result.
    fn poll<R>(
        &self,
        cx: &mut Context<'_>,
        mut look: impl FnMut(&mut State) -> Option<R>,
    ) -> Poll<R> {
        self.with(|state| match look(state) {
            Some(result) => Poll::Ready(result),
            None => {
                state.wait(cx.waker());
                Poll::Pending
            }
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Channel {
    /// Makes a channel of this capacity, which is not 0.
    pub(in crate::testing) fn new(capacity: u64, dropping: bool) -> Self {
        let mut state = State::new(capacity, dropping);
        state.holders = 1;
        Channel {
            shared: Arc::new(LockedState(Mutex::new(state))),
            reads: true,
        }
    }

    /// Another handle of it.
    pub(in crate::testing) fn narrow(&self, reads: bool) -> Self {
        let reads = reads && self.reads;
        self.shared
            .with(|state| state.holders += usize::from(reads));
        let shared = Arc::clone(&self.shared);
        Channel { shared, reads }
    }

    /// Makes a writer; `None` when the channel takes no more frames.
    pub(in crate::testing) fn writer(&self, strong: bool) -> Option<Writer> {
        let id = self.shared.with(|state| state.open_writer(strong))?;
        Some(Writer {
            shared: Arc::clone(&self.shared),
            id,
            strong: Mutex::new(strong),
            turn: Mutex::new(None),
        })
    }

    /// Makes a reader.
    pub(in crate::testing) fn reader(&self, strong: bool) -> Reader {
        let key = self.shared.with(|state| state.open_reader(strong));
        Reader::new(&self.shared, key)
    }

    /// Takes no more frames.
    pub(in crate::testing) fn drain(&self) {
        self.shared.with(State::end);
    }

    /// Fails whatever waits or comes later.
    pub(in crate::testing) fn terminate(&self) {
        self.shared.with(State::terminate);
    }

    /// The counters.
    pub(in crate::testing) fn stats(&self) -> Stats {
        self.shared.with(|state| state.stats())
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if self.reads {
            self.shared.with(|state| {
                state.holders -= 1;
                state.changed();
            });
        }
    }
}

impl Writer {
    /// Names it.
    pub(in crate::testing) fn id(&self) -> u32 {
        self.id
    }

    /// Sends frames without waiting.
    pub(in crate::testing) fn try_send(
        &self,
        frames: &[&[u8]],
        handles: &mut Vec<Attachment>,
    ) -> Outcome {
        let turn = lock(&self.turn).take();
        self.shared.with(|state| {
            let sent = state.send(self.id, turn, frames, handles);
            if let Some(turn) = turn {
                state.leave(turn);
            }
            sent
        })
    }

    /// Sends frames when there is room for them.
    pub(in crate::testing) async fn send(
        &self,
        frames: &[&[u8]],
        handles: &mut Vec<Attachment>,
    ) -> Outcome {
        let ticket = Ticket::new(&self.shared);
        poll_fn(|cx| {
            self.shared.poll(cx, |state| {
                match state.send(self.id, Some(ticket.number), frames, handles) {
                    Err(WriteFault::WouldBlock) => None,
                    sent => Some(sent),
                }
            })
        })
        .await
    }

    /// Waits for the turn of a write of so many frames and bytes, and keeps it for the next [`Writer::try_send`].
    pub(in crate::testing) async fn await_turn(&self, frames: u32, bytes: u64) {
        let ticket = Ticket::new(&self.shared);
        poll_fn(|cx| {
            self.shared
                .poll(cx, |state| state.may_send(ticket.number, frames, bytes))
        })
        .await;
        *lock(&self.turn) = Some(ticket.keep());
    }

    /// Gives up a turn that was not used.
    pub(in crate::testing) fn leave_turn(&self) {
        if let Some(turn) = lock(&self.turn).take() {
            self.shared.with(|state| state.leave(turn));
        }
    }

    /// Whether nobody will ever read what is sent.
    pub(in crate::testing) fn is_unread(&self) -> bool {
        self.shared.with(|state| state.is_unread())
    }

    /// Waits until nobody will ever read what is sent.
    pub(in crate::testing) async fn unread(&self) {
        poll_fn(|cx| {
            self.shared
                .poll(cx, |state| state.is_unread().then_some(()))
        })
        .await;
    }

    /// Makes it a weak one.
    pub(in crate::testing) fn weaken(&self) {
        if std::mem::take(&mut *lock(&self.strong)) {
            self.shared.with(State::weaken_writer);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.leave_turn();
        let strong = *lock(&self.strong);
        self.shared.with(|state| state.close_writer(strong));
    }
}

macro_rules! opaque {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

opaque!(Channel Writer Reader Attachment);

impl From<Fault> for WriteFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Drained => WriteFault::Drained,
            Fault::Terminated => WriteFault::Terminated,
        }
    }
}
