//! Who looks on: the clients that peek at a channel, by its name.
//!
//! They are no readers, so the channel does not know of them. They are counted here, for those who ask who gets its frames.
//!
//! Invariant: a channel that nobody peeks at has no entry, so there are never more than clients.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Numbers of clients that peek.
#[derive(Debug, Default)]
pub(crate) struct Lookers(Mutex<BTreeMap<String, u32>>);

/// A client that peeks at a channel, until this is dropped.
#[derive(Debug)]
pub(crate) struct Looking<'a> {
    all: &'a Lookers,
    channel: String,
}

impl Lookers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more peeks at this channel.
    pub(crate) fn begin(&self, channel: &str) -> Looking<'_> {
        *self.lock().entry(channel.to_owned()).or_default() += 1;
        Looking {
            all: self,
            channel: channel.to_owned(),
        }
    }

    /// How many peek at this channel.
    pub(crate) fn of(&self, channel: &str) -> u32 {
        self.lock().get(channel).copied().unwrap_or(0)
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(count) = all.get_mut(&self.channel) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.channel);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_on_is_counted_until_the_end_and_leaves_nothing() {
        let all = Lookers::default();
        let (one, other) = (all.begin("lines"), all.begin("lines"));
        assert_eq!((all.of("lines"), all.of("flights")), (2, 0));
        drop(one);
        assert_eq!(all.of("lines"), 1);
        drop(other);
        assert_eq!(all.of("lines"), 0);
        assert!(all.lock().is_empty());
    }
}
