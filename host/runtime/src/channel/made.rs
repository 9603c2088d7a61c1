//! The channels that guests of a host have made, for display.
//!
//! Invariant: a channel is in the list from its creation until nobody holds any part of it. The list keeps no
//! channel alive.

use crate::account::{Account, Exhausted, Good};
use crate::changes::Changes;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weft_channel::{Channel, Observation, Observer, Options, OptionsError};

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
    /// The largest capacity that a channel may have.
    most: u64,
}

/// For whom a channel is made: the id of a process, and its name.
pub(crate) type Maker<'a> = (u64, &'a str);

/// Why no channel was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoChannel {
    /// The host allows no channel of this capacity.
    #[error("capacity: {given} bytes given, this host allows 1 to {most}")]
    TooLarge { given: u64, most: u64 },
    #[error("capacity: {0}")]
    Options(#[from] OptionsError),
    /// A limit of the process.
    #[error(transparent)]
    Limit(#[from] Exhausted),
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
    /// An empty list of channels with at most this capacity. `changes` are signalled when it changes.
    pub(crate) fn new(changes: &Arc<Changes>, most: u64) -> Self {
        Self {
            state: Mutex::default(),
            changes: changes.clone(),
            most,
        }
    }

    /// Makes a channel for a process, which pays for it, and puts it into the list.
    pub(crate) fn make(
        self: &Arc<Self>,
        maker: Maker<'_>,
        account: &Arc<Account>,
        options: Options,
    ) -> Result<Channel, NoChannel> {
        let given = options.capacity;
        if given > self.most {
            let most = self.most;
            return Err(NoChannel::TooLarge { given, most });
        }
        let bytes = account.charge(Good::ChannelBytes, given);
        let charge = (account.charge(Good::Channels, 1)?, bytes?);
        let listed = self.list(maker);
        let id = listed.id();
        let channel = Channel::with_charge(options, Arc::new((charge, listed)))?;
        self.made(id, channel.observer());
        Ok(channel)
    }

    /// A place for a channel that this process is about to make.
    fn list(self: &Arc<Self>, (maker, maker_name): Maker<'_>) -> Listed {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        let made = Made {
            maker,
            maker_name: maker_name.into(),
            observer: None,
        };
        state.made.insert(id, made);
        Listed {
            id,
            channels: self.clone(),
        }
    }

    /// The channel for that place has been made.
    fn made(&self, id: u64, observer: Observer) {
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
    fn id(&self) -> u64 {
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
