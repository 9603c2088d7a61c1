//! Channels by name, within one host.
//!
//! A name belongs to the [`Registration`] that took it. Dropping the registration frees the name; the table of
//! a process drops its registrations.
//!
//! Invariants:
//! - A name stands for one channel at a time.
//! - Each publication of a name wakes everyone who waits for it.
//! - A name that is neither published nor awaited takes no memory.

use crate::access::Access;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;
use weft_channel::Channel;

/// Most bytes of a name, so that names cannot make the host grow.
const NAME_BYTES: usize = 255;

/// The names of one host.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    published: BTreeMap<String, Published>,
    /// Notified when the name is published. Held by the waiters.
    awaited: BTreeMap<String, Weak<Notify>>,
}

/// A published channel.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) channel: Channel,
    pub(crate) access: Access,
}

/// Why a name could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It is not a valid name.
    #[error("name: 1 to {NAME_BYTES} bytes of visible ASCII are wanted")]
    Name,
    /// Somebody holds the name.
    #[error("the name `{0}` is taken")]
    Taken(String),
}

/// Holds a name until it is dropped.
#[derive(Debug)]
pub struct Registration {
    pub(crate) name: String,
    registry: Weak<Registry>,
}

/// Checks that this is a valid name.
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

    /// The number of names that are published or awaited.
    pub(crate) fn names(&self) -> usize {
        let names = self.lock();
        names.published.len() + names.awaited.len()
    }

    /// The channel that is published under a name now.
    pub(crate) fn lookup(&self, name: &str) -> Option<Published> {
        self.lock().published.get(name).cloned()
    }

    /// Waits until a channel is published under a name.
    pub(crate) async fn await_name(&self, name: &str) -> Published {
        let mut waiting = Waiting {
            registry: self,
            name,
            notify: None,
        };
        loop {
            // Enabled before the look, so that no publication is missed.
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

/// A waiter for a name.
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
            // Dropped outside the lock: this may be the last handle of its channel.
            drop(removed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use weft_channel::Options;

    fn published() -> Published {
        let options = Options::new(1);
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
