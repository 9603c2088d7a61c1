//! The channels that guests of a host have made, for display.
//!
//! Invariant: a channel is in the list from its creation until nobody holds any part of it. The list keeps no
//! channel alive.

use crate::changes::Changes;
use crate::process::ProcessShared;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weft_channel::{Observation, Observer};

/// A channel that a guest has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelUsage {
    /// Its id, unique in its host's lifetime.
    pub id: u64,
    /// The id of the process that made it.
    pub maker: u64,
    /// The friendly name of that process.
    pub maker_name: String,
    /// Its current state.
    pub observation: Observation,
}

/// The channels of one host.
#[derive(Debug)]
pub(crate) struct Channels {
    state: Mutex<State>,
    changes: Arc<Changes>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    made: BTreeMap<u64, Made>,
}

#[derive(Debug)]
struct Made {
    maker: u64,
    maker_name: Arc<str>,
    /// None until the channel itself is made.
    observer: Option<Observer>,
}

/// A place in the list. The channel keeps it, so the place goes when the channel goes.
#[derive(Debug)]
pub(crate) struct Listed {
    id: u64,
    channels: Arc<Channels>,
}

impl Channels {
    /// An empty list. `changes` are signalled when it changes.
    pub(crate) fn new(changes: &Arc<Changes>) -> Self {
        Self {
            state: Mutex::default(),
            changes: changes.clone(),
        }
    }

    /// A place for a channel that this process is about to make.
    pub(crate) fn list(self: &Arc<Self>, maker: &ProcessShared) -> Listed {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        let made = Made {
            maker: maker.id,
            maker_name: maker.name.as_str().into(),
            observer: None,
        };
        state.made.insert(id, made);
        Listed {
            id,
            channels: self.clone(),
        }
    }

    /// The channel for that place has been made.
    pub(crate) fn made(&self, id: u64, observer: Observer) {
        if let Some(made) = self.lock().made.get_mut(&id) {
            made.observer = Some(observer);
        }
        self.changes.note();
    }

    /// All channels, oldest first.
    pub(crate) fn now(&self) -> Vec<ChannelUsage> {
        self.oldest(usize::MAX).0
    }

    /// The oldest channels, and the number of the others.
    pub(crate) fn oldest(&self, most: usize) -> (Vec<ChannelUsage>, u64) {
        let (watched, besides): (Vec<_>, _) = {
            let state = self.lock();
            let besides = state.made.len().saturating_sub(most) as u64;
            let made = state.made.iter().take(most);
            let watched = made.filter_map(|(id, made)| {
                Some((
                    *id,
                    made.maker,
                    made.maker_name.clone(),
                    made.observer.clone()?,
                ))
            });
            (watched.collect(), besides)
        };
        // Outside the lock: a channel whose last handle is dropped meanwhile removes itself from the list.
        let usage = watched
            .into_iter()
            .filter_map(|(id, maker, maker_name, observer)| {
                Some(ChannelUsage {
                    id,
                    maker,
                    maker_name: maker_name.to_string(),
                    observation: observer.observe()?,
                })
            });
        (usage.collect(), besides)
    }

    /// The number of channels.
    pub(crate) fn count(&self) -> usize {
        self.lock().made.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    /// The id of the channel.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let gone = self.channels.lock().made.remove(&self.id);
        drop(gone);
        self.channels.changes.note();
    }
}
