//! The handle of a channel as a whole: makes ends, ends the channel, counts.
//!
//! Invariant: a [`Channel`] keeps nothing open. Only ends do, and only strong ones.

use crate::{
    attachment::Charge,
    cycles,
    error::{OpenError, OptionsError},
    options::{Limits, Options},
    reader::Reader,
    shared::Shared,
    state::{State, Strength},
    stats::Stats,
    sync::Arc,
    writer::Writer,
};

/// A channel, held as a whole. Clones are handles of the same channel; dropping
/// them leaves its ends as they are.
#[derive(Debug)]
pub struct Channel {
    shared: Arc<Shared>,
    options: Options,
}

impl Channel {
    /// Makes a channel. It allocates nothing for frames until some are written.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        Self::make(options, None)
    }

    /// Makes a channel that keeps `charge` until it is freed: when all its handles are gone, or
    /// nobody can reach them any more.
    pub fn with_charge(options: Options, charge: Charge) -> Result<Self, OptionsError> {
        Self::make(options, Some(charge))
    }

    fn make(options: Options, charge: Option<Charge>) -> Result<Self, OptionsError> {
        let limits = Limits::new(options)?;
        let state = State::new(limits, options.backpressure);
        Ok(Self {
            shared: Arc::new(Shared::new(state, charge)),
            options,
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Makes a writer that keeps the channel open.
    pub fn strong_writer(&self) -> Result<Writer, OpenError> {
        Writer::open(&self.shared, Strength::Strong)
    }

    /// Makes a writer that keeps nothing open.
    pub fn weak_writer(&self) -> Result<Writer, OpenError> {
        Writer::open(&self.shared, Strength::Weak)
    }

    /// Makes a reader that holds writers back, at the oldest frame retained.
    ///
    /// On an ended channel it reads what is left, on a terminated one only that.
    #[must_use]
    pub fn strong_reader(&self) -> Reader {
        Reader::open(&self.shared, Strength::Strong)
    }

    /// Makes a reader that may be overtaken, at the oldest frame retained.
    #[must_use]
    pub fn weak_reader(&self) -> Reader {
        Reader::open(&self.shared, Strength::Weak)
    }

    /// Takes no more frames: waiting writes fail with `Drained`, readers finish
    /// what is there and then read end-of-channel.
    pub fn drain(&self) {
        self.shared.with(|state, after| state.end(after));
    }

    /// Frees what is retained and fails every pending and later operation with
    /// `Terminated`.
    pub fn terminate(&self) {
        self.shared.terminate();
    }

    /// Reads the counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.with(|state, _| state.stats())
    }

    /// Watches the channel without holding it.
    #[cfg(not(weft_model))]
    #[must_use]
    pub fn observer(&self) -> crate::Observer {
        crate::Observer::new(&self.shared)
    }

    /// The options it was made with.
    #[must_use]
    pub fn options(&self) -> Options {
        self.options
    }

    /// Whether both are handles of one channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Clone for Channel {
    fn clone(&self) -> Self {
        self.shared.with(|state, _| state.open_channel());
        Self {
            shared: Arc::clone(&self.shared),
            options: self.options,
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.shared.with(|state, after| state.close_channel(after));
        cycles::closed(&self.shared);
    }
}
