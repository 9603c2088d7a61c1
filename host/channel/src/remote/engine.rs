//! What a remote engine implements: one trait for each kind of handle.
//!
//! What each call means is the contract of channels, which `tests/contract` checks. Here is what is asked of an engine besides.
//!
//! - **Waiting.** A call may wait for the engine. It must not wait for anything else, unless its name says so: `read`, `write`,
//!   `readable`, `reserve`, `unread`.
//! - **Giving up.** A future may be dropped at any time. A read has then taken nothing, a write has sent nothing, an open end is
//!   closed. An engine far away needs two steps for that: what is granted first and committed then can be given up in between.
//! - **Failing.** `Unavailable` is an answer like any other: nothing was taken or sent, and the end goes on once the engine is
//!   back. An engine says so when it knows, also to calls that wait already. How long it takes to know is its own affair.
//! - **In hand.** Some callers never wait. They poll a future once and drop it. So an engine answers in the first poll
//!   what it can answer without asking: frames that `readable` has fetched, room that it was granted.
//! - **Order.** Writes of one writer are sent in the order in which they were first polled.
//! - **Closing.** A handle that is dropped is closed in the end, also where the engine cannot be reached just now. Dropping
//!   does not wait.
//!
//! Frames that a reader is given back never get here: the handle keeps them.
//!
//! Channels that only frames hold are freed by the native engine alone. It takes a handle that a remote engine keeps for one that
//! somebody holds, and a handle of a remote channel for one that leads nowhere.

use std::{fmt::Debug, pin::Pin};

use bytes::Bytes;

use crate::{
    attachment::Attachments,
    batch::Batch,
    error::{OpenError, ReadError, Unavailable, WriteError},
    frame::{Frame, Frames},
    options::{Need, Options, Strength},
    stats::{Glance, Observation},
};

/// An answer that may have to be waited for.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Frames on their way into a channel of another engine.
#[derive(Debug)]
pub enum Outgoing {
    /// One frame.
    Frame {
        /// Its bytes.
        payload: Bytes,
        /// The handles that travel with it, mostly none. An engine that takes none says `NoHandles`.
        attached: Attachments,
    },
    /// Frames that are sent together.
    Batch(Batch),
}

impl Outgoing {
    /// A frame without handles.
    #[must_use]
    pub fn frame(payload: Bytes) -> Self {
        Self::Frame {
            payload,
            attached: Attachments::default(),
        }
    }

    /// Number of frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        match self {
            Self::Frame { .. } => 1,
            Self::Batch(batch) => batch.len(),
        }
    }

    /// Bytes of payload in all frames together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Frame { payload, .. } => payload.len(),
            Self::Batch(batch) => batch.bytes(),
        }
    }
}

/// A channel of a remote engine, held as a whole. It is dropped with the last [`Channel`](crate::Channel) made of it.
pub trait RemoteChannel: Debug + Send + Sync + 'static {
    /// The options it was made with.
    fn options(&self) -> Options;

    /// Makes a writer.
    fn open_writer(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteWriter>, OpenError>>;

    /// Makes a reader at the oldest frame retained.
    fn open_reader(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteReader>, OpenError>>;

    /// Takes no more frames.
    fn drain(&self) -> Asked<'_, Result<(), Unavailable>>;

    /// Fails every pending and later operation.
    fn terminate(&self) -> Asked<'_, Result<(), Unavailable>>;

    /// What goes on in it now.
    fn look(&self) -> Asked<'_, Result<Observation, Unavailable>>;

    /// What went on in it when the engine last heard of it: of a look, or by its own means.
    fn last_seen(&self) -> Observation;

    /// Frames that the engine has in memory, as [`Observer::glance`](crate::Observer::glance) gives them. None: it shows none.
    fn glance(&self, _from: u64, _most: usize) -> Option<Glance> {
        None
    }
}

/// A writing end of a remote engine. Dropping it closes it.
pub trait RemoteWriter: Debug + Send + Sync + 'static {
    /// Names it in the frames it sends.
    fn id(&self) -> u32;

    /// Sends, waiting for room on a `Block` channel; how many frames were sent.
    fn write(&self, frames: Outgoing) -> Asked<'_, Result<u32, WriteError>>;

    /// Sends if there is room, else `WouldBlock`.
    fn try_write(&self, frames: Outgoing) -> Asked<'_, Result<u32, WriteError>>;

    /// Waits for the turn of a write and for room, and sends nothing.
    fn reserve(&self, need: Need) -> Asked<'_, Result<Box<dyn RemotePermit>, WriteError>>;

    /// Whether such a batch can be sent at all, once there is room.
    fn can_ever_send(&self, batch: &Batch) -> bool;

    /// Whether the engine has heard that nobody will ever read what is written.
    fn is_unread(&self) -> bool;

    /// Waits until nobody will ever read what is written.
    fn unread(&self) -> Asked<'_, ()>;

    /// Makes it a weak one. It is not called twice.
    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>>;
}

/// The turn of a write. Dropped, it leaves its turn to the next.
pub trait RemotePermit: Send + 'static {
    /// Sends without waiting: the permit is the engine's grant, so all that is left is to take the frames.
    fn send(self: Box<Self>, frames: Outgoing) -> Result<u32, WriteError>;
}

/// A reading end of a remote engine. Dropping it closes it.
pub trait RemoteReader: Debug + Send + Sync + 'static {
    /// Whether the engine has heard that the channel takes no more frames.
    fn is_ending(&self) -> bool;

    /// Takes the next frame, waiting for it; `None` is the end.
    fn read(&self) -> Asked<'_, Result<Option<Frame>, ReadError>>;

    /// Takes the next frame if there is one, else `WouldBlock`.
    fn try_read(&self) -> Asked<'_, Result<Option<Frame>, ReadError>>;

    /// Takes the frames that are there, waiting for the first; no frames are the end. The limits are as in
    /// [`Reader::read_batch`](crate::Reader::read_batch).
    fn read_batch(&self, max_frames: u32, max_bytes: u64) -> Asked<'_, Result<Frames, ReadError>>;

    /// Takes the frames that are there, `WouldBlock` if there are none.
    fn try_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Asked<'_, Result<Frames, ReadError>>;

    /// Waits until a read would not wait, and takes nothing from other readers' view. What it fetches stays in hand, so that the
    /// next `try_` call answers at once.
    fn readable(&self) -> Asked<'_, ()>;

    /// Whether the engine keeps a place for it that moves by [`finished`](Self::finished) alone.
    fn keeps_place(&self) -> bool {
        false
    }

    /// So many more of the frames that it was handed, oldest first, are done with. Who goes on at its place is not handed them again.
    fn finished(&self, _frames: u64) {}

    /// Makes it a weak one, at the same place. It is not called twice.
    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>>;
}
