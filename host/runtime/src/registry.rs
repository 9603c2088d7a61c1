//! Channels under names, within one host.
//!
//! A name belongs to the [`Registration`] that took it and is free again when that is
//! dropped, as it is with the table of the process that holds it.
//!
//! Invariants: a name stands for one channel at a time; whoever waits for a name
//! is woken by each publication of it; a name nobody waits for any more leaves nothing behind.

use crate::access::Access;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;
use weft_channel::Channel;

/// Bytes of the longest name, so that names cannot be used to make the host grow.
const NAME_BYTES: usize = 255;

/// The names of one host.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    published: BTreeMap<String, Published>,
    /// Woken when the name is published. Each entry is held by those that wait.
    awaited: BTreeMap<String, Weak<Notify>>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) channel: Channel,
    pub(crate) access: Access,
}

/// Why a name was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It is no name.
    #[error("name: 1 to {NAME_BYTES} bytes of visible ASCII are wanted")]
    Name,
    /// Somebody holds it.
    #[error("the name `{0}` is taken")]
    Taken(String),
}

/// A name taken, and held until this is dropped.
#[derive(Debug)]
pub struct Registration {
    pub(crate) name: String,
    registry: Weak<Registry>,
}

/// Checks that this can be a name.
pub(crate) fn check_name(name: &str) -> Result<(), PublishError> {
    let fits = (1..=NAME_BYTES).contains(&name.len());
    match fits && name.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(PublishError::Name),
    }
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a name.
    pub(crate) fn publish(
        self: &Arc<Self>,
        name: &str,
        published: Published,
    ) -> Result<Registration, PublishError> {
        check_name(name)?;
        let mut names = self.lock();
        match names.published.entry(name.to_owned()) {
            Entry::Occupied(_) => return Err(PublishError::Taken(name.to_owned())),
            Entry::Vacant(vacant) => vacant.insert(published),
        };
        let awaited = names.awaited.get(name).and_then(Weak::upgrade);
        drop(names);
        if let Some(awaited) = awaited {
            awaited.notify_waiters();
        }
        Ok(Registration {
            name: name.to_owned(),
            registry: Arc::downgrade(self),
        })
    }

    /// Names that stand for a channel or that somebody waits for.
    pub(crate) fn names(&self) -> usize {
        let names = self.lock();
        names.published.len() + names.awaited.len()
    }

    /// What a name stands for now.
    pub(crate) fn lookup(&self, name: &str) -> Option<Published> {
        self.lock().published.get(name).cloned()
    }

    /// What a name stands for, as soon as it stands for something.
    pub(crate) async fn await_name(&self, name: &str) -> Published {
        let mut waiting = Waiting {
            registry: self,
            name,
            notify: None,
        };
        loop {
            // Registered before the look, so that no publication is missed.
            let notify = waiting.join();
            let mut notified = std::pin::pin!(notify.notified());
            notified.as_mut().enable();
            if let Some(published) = self.lookup(name) {
                return published;
            }
            notified.await;
        }
    }
}

/// One who waits for a name.
struct Waiting<'a> {
    registry: &'a Registry,
    name: &'a str,
    notify: Option<Arc<Notify>>,
}

impl Waiting<'_> {
    fn join(&mut self) -> Arc<Notify> {
        if let Some(notify) = &self.notify {
            return notify.clone();
        }
        let mut names = self.registry.lock();
        let notify = names.awaited.get(self.name).and_then(Weak::upgrade);
        let notify = notify.unwrap_or_else(|| {
            let notify = Arc::new(Notify::new());
            let entry = Arc::downgrade(&notify);
            names.awaited.insert(self.name.to_owned(), entry);
            notify
        });
        drop(names);
        self.notify.insert(notify).clone()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut names = self.registry.lock();
        self.notify = None;
        let nobody = |notify: &Weak<Notify>| notify.strong_count() == 0;
        if names.awaited.get(self.name).is_some_and(nobody) {
            names.awaited.remove(self.name);
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            let removed = registry.lock().published.remove(&self.name);
            // Dropped outside the lock: it may be the last handle of its channel.
            drop(removed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use weft_channel::{Backpressure, Options};

    fn published() -> Published {
        let options = Options {
            capacity: 1,
            backpressure: Backpressure::Block,
        };
        Published {
            channel: Channel::new(options).unwrap(),
            access: Access::all(),
        }
    }

    #[test]
    fn a_name_is_taken_once_and_free_again_with_its_registration() {
        let registry = Arc::new(Registry::default());
        let held = registry.publish("a/b", published()).unwrap();
        let again = registry.publish("a/b", published()).unwrap_err();
        assert_eq!(again.to_string(), "the name `a/b` is taken");
        drop(held);
        assert!(registry.lookup("a/b").is_none());
        assert!(registry.publish("a/b", published()).is_ok());
    }

    #[test]
    fn names_are_short_and_visible() {
        let registry = Arc::new(Registry::default());
        let long = "x".repeat(NAME_BYTES + 1);
        for name in ["", " ", "a b", "a\n", "\u{e9}", long.as_str()] {
            assert!(matches!(
                registry.publish(name, published()),
                Err(PublishError::Name)
            ));
        }
        assert!(registry.publish(&long[1..], published()).is_ok());
    }

    #[test]
    fn those_who_wait_are_woken_and_those_who_gave_up_leave_nothing() {
        let registry = Arc::new(Registry::default());
        let mut waits = Box::pin(registry.await_name("a"));
        let mut gives_up = Box::pin(registry.await_name("b"));
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(gives_up.as_mut().now_or_never().is_none());
        let _held = registry.publish("a", published()).unwrap();
        assert!(waits.as_mut().now_or_never().is_some());
        drop((waits, gives_up));
        assert!(registry.lock().awaited.is_empty());
    }
}
