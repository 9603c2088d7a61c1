//! Watching a channel from outside, for those who show or export what goes on.
//!
//! An [`Observer`] is no handle: it keeps neither the channel nor any frame alive.
//!
//! Invariant: what is counted here is derived from what the channel keeps anyway, so that
//! being watched costs reads and writes nothing. Nobody is asked either: of a remote channel this is what its engine has heard last.

use crate::{
    Writer,
    engine::Engine,
    native::ChannelCore,
    remote::RemoteChannel,
    stats::{Glance, Observation},
    sync::{Arc, Weak},
};

/// Watches a channel for as long as somebody holds a part of it; a remote one, for as long as somebody holds a [`Channel`](crate::Channel) of it.
#[derive(Debug, Clone)]
pub struct Observer(Engine<Weak<ChannelCore>, std::sync::Weak<dyn RemoteChannel>>);

impl Observer {
    pub(crate) fn native(shared: &Arc<ChannelCore>) -> Self {
        Self(Engine::Native(Arc::downgrade(shared)))
    }

    pub(crate) fn remote(channel: &std::sync::Arc<dyn RemoteChannel>) -> Self {
        Self(Engine::Remote(std::sync::Arc::downgrade(channel)))
    }

    /// Whether this writer writes to the channel. Of a remote one it is not known.
    #[must_use]
    pub fn is_of(&self, writer: &Writer) -> bool {
        match (&self.0, writer.native()) {
            (Engine::Native(shared), Some(writer)) => shared
                .upgrade()
                .is_some_and(|shared| Arc::ptr_eq(&shared, writer.shared())),
            _ => false,
        }
    }

    /// What goes on now; none when the channel is gone.
    #[must_use]
    pub fn observe(&self) -> Option<Observation> {
        match &self.0 {
            Engine::Native(shared) => {
                let shared = shared.upgrade()?;
                Some(shared.with(|state, _| state.observe()))
            }
            Engine::Remote(channel) => Some(channel.upgrade()?.last_seen()),
        }
    }

    /// Frames that are retained now, from the one with this sequence number on, which counts all frames from 0. Of a
    /// [remote](crate::Channel::is_remote) channel these are the frames that its engine has in memory. None when the channel is gone, or
    /// its engine shows none.
    ///
    /// Nothing is read: no reader misses a frame or what is attached to it, and no writer finds room or waits.
    #[must_use]
    pub fn glance(&self, from: u64, most: usize) -> Option<Glance> {
        match &self.0 {
            Engine::Native(shared) => {
                let most = most.min(GLANCE_FRAMES);
                let shared = shared.upgrade()?;
                Some(shared.with(|state, _| state.glance(from, most)))
            }
            Engine::Remote(channel) => {
                let most = most.min(GLANCE_FRAMES);
                channel.upgrade()?.glance(from, most)
            }
        }
    }
}

/// Frames of one [`Observer::glance`] at most. The channel is locked meanwhile, for microseconds.
const GLANCE_FRAMES: usize = 256;
