//! What the crate synchronises with, kept in one place so that a model checker can stand
//! in for it: built with `--cfg weft_model`, locks, counts and atomics are loom's, which tries
//! every order in which threads may get at them (see `tests/interleavings`).
//!
//! Invariant: whatever threads share and change in this crate comes from here. There are three exceptions. The shared ends of a batch
//! never change; a charge belongs to the embedder, who does not use loom; and what is around a remote engine is not modelled.

#[cfg(weft_model)]
use loom::sync::Mutex;
#[cfg(not(weft_model))]
use parking_lot::Mutex;

#[cfg(weft_model)]
pub(crate) use loom::{
    sync::{Arc, atomic},
    thread_local,
};
// Loom knows no weak pointers; what uses them is not modelled.
#[cfg(not(weft_model))]
pub(crate) use std::{
    sync::{Arc, Weak, atomic},
    thread_local,
};

#[cfg(weft_model)]
pub(crate) use loom::sync::MutexGuard as Guard;
#[cfg(not(weft_model))]
pub(crate) use parking_lot::MutexGuard as Guard;

use atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::OnceLock;

/// A mutex that knows no poison.
///
/// State is changed by code that does not panic; if that should fail, the
/// channel goes on with what is there and does not fail everybody who shares it.
///
/// It is not the standard library's, which is slow where two threads want it all the time. With many readers a delivery
/// took 1.5 to 2 times as long, relative to tokio's broadcast. With a single reader it made little difference.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn lock(&self) -> Guard<'_, T> {
        #[cfg(weft_model)]
        return self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        #[cfg(not(weft_model))]
        self.0.lock()
    }

    /// Without locking, for the one who has it all.
    pub fn get_mut(&mut self) -> &mut T {
        #[cfg(weft_model)]
        return self
            .0
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        #[cfg(not(weft_model))]
        self.0.get_mut()
    }
}

/// A count whose changes, and those of all other such counts, every thread sees in one order.
#[derive(Debug)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub fn new(value: usize) -> Self {
        let count = AtomicUsize::new(value);
        // Loom does not treat the value given to `new` as `SeqCst`, and may let a later read see it.
        #[cfg(weft_model)]
        count.store(value, SeqCst);
        Self(count)
    }

    pub fn add_one(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    pub fn subtract_one(&self) {
        self.0.fetch_sub(1, SeqCst);
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// A value that is put in once, and from then on seen by every thread without a lock.
#[derive(Debug)]
pub(crate) struct Once<T> {
    value: OnceLock<T>,
    /// Loom knows no `OnceLock`. What it sees is this flag, with the same order.
    #[cfg(weft_model)]
    is_there: atomic::AtomicBool,
}

impl<T> Once<T> {
    pub fn new() -> Self {
        Self {
            value: OnceLock::new(),
            #[cfg(weft_model)]
            is_there: atomic::AtomicBool::new(false),
        }
    }

    /// Puts the value in. If there is one, that stays.
    #[inline]
    pub fn put(&self, value: T) {
        let _ = self.value.set(value);
        #[cfg(weft_model)]
        self.is_there.store(true, atomic::Ordering::Release);
    }

    #[inline]
    pub fn get(&self) -> Option<&T> {
        #[cfg(weft_model)]
        if !self.is_there.load(atomic::Ordering::Acquire) {
            return None;
        }
        self.value.get()
    }
}
