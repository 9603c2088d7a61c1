//! The embedder's own channels, with names for display.
//!
//! This is not the registry, in which guests look channels up: no guest gets a channel by these names.
//!
//! Invariant: the list keeps no channel alive.

use std::sync::{Mutex, MutexGuard, PoisonError};
use weft_channel::{Channel, Observer, Writer};

/// A named channel of the embedder's.
#[derive(Clone, Debug)]
pub struct NamedChannel {
    /// Its name.
    pub name: String,
    /// Observes the channel; shows nothing once nobody holds a part of the channel.
    pub observer: Observer,
}

/// The named channels of one host, in the order in which they were named.
#[derive(Debug, Default)]
pub(crate) struct NamedChannels {
    list: Mutex<Vec<NamedChannel>>,
}

impl NamedChannels {
    /// Names a channel. Replaces another channel of that name.
    pub(crate) fn name(&self, name: &str, channel: &Channel) {
        let named = NamedChannel {
            name: name.to_owned(),
            observer: channel.observer(),
        };
        let mut list = self.lock();
        match list.iter_mut().find(|it| it.name == name) {
            Some(before) => *before = named,
            None => list.push(named),
        }
    }

    /// The name of the channel that this writes to.
    pub(crate) fn name_of(&self, writer: &Writer) -> Option<String> {
        let list = self.lock();
        let named = list.iter().find(|it| it.observer.is_of(writer))?;
        Some(named.name.clone())
    }

    /// All named channels.
    pub(crate) fn now(&self) -> Vec<NamedChannel> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<NamedChannel>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
