//! What extensions keep in the store of a process: a value of each type.
//!
//! Invariant: each value counts in [`Usage::extensions`](crate::usage::Usage::extensions) until it is dropped.

use super::{ExtensionRight, OnBehalf, OtherRight};
use crate::account::Account;
use crate::capability::Capabilities;
use crate::channel::Channels;
use crate::interface::filesystem::FamilyShare;
use crate::limits::Limits;
use crate::log::ProcessLog;
use crate::process::ProcessShared;
use crate::usage::{Counted, Counter};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime_wasi::WasiCtxBuilder;

/// A value, and its place in the count.
struct Slot {
    value: Box<dyn Any + Send>,
    _counted: Counted,
}

/// The values by their types.
pub(crate) struct Slots {
    values: HashMap<TypeId, Slot>,
    counter: Counter,
}

impl Slots {
    pub(crate) fn new(counter: Counter) -> Self {
        Self {
            values: HashMap::new(),
            counter,
        }
    }

    fn put<T: Send + 'static>(&mut self, value: T) {
        let slot = self.slot(Box::new(value));
        self.values.insert(TypeId::of::<T>(), slot);
    }

    fn slot(&self, value: Box<dyn Any + Send>) -> Slot {
        Slot {
            value,
            _counted: self.counter.one(),
        }
    }

    /// The value of this type. What nobody has put there is the type's default.
    pub(super) fn get<T: Default + Send + 'static>(&mut self) -> &mut T {
        let counter = &self.counter;
        let slot = self.values.entry(TypeId::of::<T>());
        let slot = slot.or_insert_with(|| Slot {
            value: Box::<T>::default(),
            _counted: counter.one(),
        });
        let value = slot.value.downcast_mut();
        // Every value is stored under its own type, so the cast succeeds. Should it ever fail, a default that is leaked does less harm than a
        // panic of the host.
        value.unwrap_or_else(|| Box::leak(Box::default()))
    }

    /// One more thing that counts until what is returned is dropped.
    pub(super) fn one(&self) -> Counted {
        self.counter.one()
    }

    pub(super) fn counter(&self) -> &Counter {
        &self.counter
    }
}

/// A process that is about to be started, as extensions see it.
pub struct NewProcess<'a> {
    pub(crate) shared: &'a ProcessShared,
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) limits: &'a Limits,
    pub(crate) account: &'a Arc<Account>,
    pub(crate) log: &'a Arc<ProcessLog>,
    pub(crate) family: &'a Arc<FamilyShare>,
    pub(crate) channels: &'a Arc<Channels>,
    pub(crate) slots: &'a mut Slots,
    /// What WASI is to show it.
    pub(crate) wasi: &'a mut WasiCtxBuilder,
}

impl NewProcess<'_> {
    /// Its id, which no other process of this host has had.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        self.limits
    }

    /// What tasks and callbacks that have no store may do for it, once it runs.
    pub fn on_behalf(&self) -> OnBehalf {
        OnBehalf {
            id: self.shared.id,
            name: self.shared.name.as_str().into(),
            account: self.account.clone(),
            log: self.log.clone(),
            family: self.family.clone(),
            channels: self.channels.clone(),
            counter: self.slots.counter().clone(),
        }
    }

    /// Whether it holds the right, with whatever value.
    pub fn holds(&self, right: &ExtensionRight) -> bool {
        self.of(right).next().is_some()
    }

    /// The values with which it holds the right, in the form of [`RightValue::read`](super::RightValue::read).
    pub fn values(&self, right: &ExtensionRight) -> impl Iterator<Item = &str> {
        self.of(right).filter_map(|held| held.value.as_deref())
    }

    fn of(&self, right: &ExtensionRight) -> impl Iterator<Item = &OtherRight> {
        let held = self.capabilities.other.iter();
        held.filter(move |held| held.name == right.name)
    }

    /// Keeps a value in its store, for [`ProcessState::own`](crate::process::ProcessState::own). One of the same type that is there goes.
    pub fn keep<T: Default + Send + 'static>(&mut self, value: T) {
        self.slots.put(value);
    }
}
