//! What a handle of a channel as a whole is in this engine.
//!
//! Invariant: the state counts the handles there are; see `cycles`.

use crate::{
    attachment::Charge,
    error::{OpenError, OptionsError},
    native::{cycles, reader::Reader, shared::ChannelCore, state::State, writer::Writer},
    options::{Limits, Options, Strength},
    stats::Stats,
    sync::Arc,
};

#[derive(Debug)]
pub(crate) struct Channel {
    shared: Arc<ChannelCore>,
    options: Options,
}

impl Channel {
    pub fn make(options: Options, charge: Option<Charge>) -> Result<Self, OptionsError> {
        let limits = Limits::new(options)?;
        let state = State::new(limits, options.backpressure);
        Ok(Self {
            shared: Arc::new(ChannelCore::new(state, charge)),
            options,
        })
    }

    pub fn shared(&self) -> &Arc<ChannelCore> {
        &self.shared
    }

    pub fn open_writer(&self, strength: Strength) -> Result<Writer, OpenError> {
        Writer::open(&self.shared, strength)
    }

    pub fn open_reader(&self, strength: Strength) -> Reader {
        Reader::open(&self.shared, strength)
    }

    pub fn drain(&self) {
        self.shared.with(|state, after| state.end(after));
    }

    pub fn terminate(&self) {
        self.shared.terminate();
    }

    pub fn stats(&self) -> Stats {
        self.shared.with(|state, _| state.stats())
    }

    pub fn options(&self) -> Options {
        self.options
    }

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
