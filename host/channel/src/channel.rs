//! The handle of a channel as a whole: makes ends, ends the channel, counts.
//!
//! Calls whose names begin with `ask_` or `open_` work with every engine: they wait until it has answered, and for nothing else.
//! The others never wait. Of a remote channel they say what is known without asking.
//!
//! Invariant: a [`Channel`] keeps nothing open. Only ends do, and only strong ones.

use std::sync::Arc;

use crate::{
    attachment::Charge,
    engine::Engine,
    error::{OpenError, OptionsError, Unavailable},
    native,
    options::{Options, Strength},
    reader::Reader,
    remote::{self, RemoteChannel},
    stats::Stats,
    writer::Writer,
};

/// A channel, held as a whole. Clones are handles of the same channel; dropping
/// them leaves its ends as they are.
#[derive(Debug, Clone)]
pub struct Channel(Engine<native::Channel, Arc<dyn RemoteChannel>>);

impl Channel {
    /// Makes a channel. It allocates nothing for frames until some are written.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        native::Channel::make(options, None).map(Self::of_native)
    }

    /// Makes a channel that keeps `charge` until it is freed: when all its handles are gone, or
    /// nobody can reach them any more.
    pub fn with_charge(options: Options, charge: Charge) -> Result<Self, OptionsError> {
        native::Channel::make(options, Some(charge)).map(Self::of_native)
    }

    /// A handle of a channel that another engine has.
    pub fn remote(channel: impl RemoteChannel) -> Self {
        Self(Engine::Remote(Arc::new(channel)))
    }

    fn of_native(channel: native::Channel) -> Self {
        Self(Engine::Native(channel))
    }

    pub(crate) fn native(&self) -> Option<&native::Channel> {
        match &self.0 {
            Engine::Native(channel) => Some(channel),
            Engine::Remote(_) => None,
        }
    }

    /// Whether another engine than the native one has it.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.0, Engine::Remote(_))
    }

    /// Makes a writer. It may wait for the engine. A wait that is dropped has opened nothing.
    pub async fn open_writer(&self, strength: Strength) -> Result<Writer, OpenError> {
        match &self.0 {
            Engine::Native(channel) => channel.open_writer(strength).map(Writer::of_native),
            Engine::Remote(channel) => {
                let end = channel.open_writer(strength).await?;
                Ok(Writer::of_remote(remote::Writer::new(end, strength)))
            }
        }
    }

    /// Makes a reader at the oldest frame retained. It may wait for the engine. A wait that is dropped has opened nothing.
    pub async fn open_reader(&self, strength: Strength) -> Result<Reader, OpenError> {
        match &self.0 {
            Engine::Native(channel) => Ok(Reader::of_native(channel.open_reader(strength))),
            Engine::Remote(channel) => {
                let end = channel.open_reader(strength).await?;
                Ok(Reader::of_remote(remote::Reader::new(Some(end), strength)))
            }
        }
    }

    /// Makes a writer that keeps the channel open. `Unavailable` for a remote channel, as this does not wait: see
    /// [`open_writer`](Self::open_writer).
    pub fn strong_writer(&self) -> Result<Writer, OpenError> {
        self.writer_now(Strength::Strong)
    }

    /// Makes a writer that keeps nothing open. `Unavailable` for a remote channel, as this does not wait: see
    /// [`open_writer`](Self::open_writer).
    pub fn weak_writer(&self) -> Result<Writer, OpenError> {
        self.writer_now(Strength::Weak)
    }

    fn writer_now(&self, strength: Strength) -> Result<Writer, OpenError> {
        match &self.0 {
            Engine::Native(channel) => channel.open_writer(strength).map(Writer::of_native),
            Engine::Remote(_) => Err(Unavailable.into()),
        }
    }

    /// Makes a reader that holds writers back, at the oldest frame retained.
    ///
    /// On an ended channel it reads what is left, on a terminated one only that.
    ///
    /// Of a remote channel this opens nothing, as it does not wait: every call of the reader fails with `Unavailable`. See
    /// [`open_reader`](Self::open_reader).
    #[must_use]
    pub fn strong_reader(&self) -> Reader {
        self.reader_now(Strength::Strong)
    }

    /// Makes a reader that may be overtaken, at the oldest frame retained. For a remote channel see
    /// [`strong_reader`](Self::strong_reader).
    #[must_use]
    pub fn weak_reader(&self) -> Reader {
        self.reader_now(Strength::Weak)
    }

    fn reader_now(&self, strength: Strength) -> Reader {
        match &self.0 {
            Engine::Native(channel) => Reader::of_native(channel.open_reader(strength)),
            Engine::Remote(_) => Reader::of_remote(remote::Reader::new(None, strength)),
        }
    }

    /// Takes no more frames: waiting writes fail with `Drained`, readers finish
    /// what is there and then read end-of-channel.
    ///
    /// A remote engine is asked once, and nobody hears its answer: see [`ask_drain`](Self::ask_drain).
    pub fn drain(&self) {
        match &self.0 {
            Engine::Native(channel) => channel.drain(),
            Engine::Remote(channel) => drop(remote::now(channel.drain())),
        }
    }

    /// Does what `drain` does, and waits until the engine has done it.
    pub async fn ask_drain(&self) -> Result<(), Unavailable> {
        match &self.0 {
            Engine::Native(channel) => {
                channel.drain();
                Ok(())
            }
            Engine::Remote(channel) => channel.drain().await,
        }
    }

    /// Frees what is retained and fails every pending and later operation with
    /// `Terminated`.
    ///
    /// A remote engine is asked once, and nobody hears its answer: see [`ask_terminate`](Self::ask_terminate).
    pub fn terminate(&self) {
        match &self.0 {
            Engine::Native(channel) => channel.terminate(),
            Engine::Remote(channel) => drop(remote::now(channel.terminate())),
        }
    }

    /// Does what `terminate` does, and waits until the engine has done it.
    pub async fn ask_terminate(&self) -> Result<(), Unavailable> {
        match &self.0 {
            Engine::Native(channel) => {
                channel.terminate();
                Ok(())
            }
            Engine::Remote(channel) => channel.terminate().await,
        }
    }

    /// Reads the counters. Those of a remote channel are as they were when its engine last heard of them.
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.0 {
            Engine::Native(channel) => channel.stats(),
            Engine::Remote(channel) => channel.last_seen().stats,
        }
    }

    /// Asks the engine for the counters. Those of a channel that cannot be reached are as they were when it last could.
    pub async fn ask_stats(&self) -> Stats {
        match &self.0 {
            Engine::Native(channel) => channel.stats(),
            Engine::Remote(channel) => match channel.look().await {
                Ok(seen) => seen.stats,
                Err(Unavailable) => channel.last_seen().stats,
            },
        }
    }

    /// Ends the channel later without holding it meanwhile.
    #[cfg(not(weft_model))]
    #[must_use]
    pub fn terminator(&self) -> crate::Terminator {
        match &self.0 {
            Engine::Native(channel) => crate::Terminator::native(channel.shared()),
            Engine::Remote(channel) => crate::Terminator::remote(channel),
        }
    }

    /// Watches the channel without holding it.
    #[cfg(not(weft_model))]
    #[must_use]
    pub fn observer(&self) -> crate::Observer {
        match &self.0 {
            Engine::Native(channel) => crate::Observer::native(channel.shared()),
            Engine::Remote(channel) => crate::Observer::remote(channel),
        }
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> Options {
        match &self.0 {
            Engine::Native(channel) => channel.options(),
            Engine::Remote(channel) => channel.options(),
        }
    }

    /// Whether both are handles of one channel. Of a remote channel only clones of one handle are known to be.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Engine::Native(one), Engine::Native(other)) => one.same_channel(other),
            (Engine::Remote(one), Engine::Remote(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}
