//! The embedder's own channels, under the names by which they are shown.
//!
//! Not the registry, where guests look channels up: nobody gets at a channel by a name here.
//!
//! Invariant: being in the list keeps nothing alive.

use std::sync::{Mutex, MutexGuard, PoisonError};
use weft_channel::{Channel, Observer};

/// A channel of the embedder's.
#[derive(Clone, Debug)]
pub struct NamedChannel {
    /// Its name.
    pub name: String,
    /// Watches it, and sees nothing any more once nobody holds a part of it.
    pub observer: Observer,
}

/// Those of one host, in the order in which they were named.
#[derive(Debug, Default)]
pub(crate) struct NamedChannels {
    list: Mutex<Vec<NamedChannel>>,
}

impl NamedChannels {
    /// Names a channel. Another of that name is forgotten.
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

    /// All of them.
    pub(crate) fn now(&self) -> Vec<NamedChannel> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<NamedChannel>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
