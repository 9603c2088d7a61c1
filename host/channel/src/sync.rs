//! What the crate synchronises with, kept in one place so that a model checker can stand
//! in for it: built with `--cfg weft_model`, locks, counts and atomics are loom's, which tries
//! every order in which threads may get at them (see `tests/interleavings`).
//!
//! Invariant: nothing else in this crate that threads share and that changes comes from
//! elsewhere. The shared ends of a batch never change, so they may.

#[cfg(weft_model)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(weft_model))]
use parking_lot::{Mutex, MutexGuard};

#[cfg(weft_model)]
pub(crate) use loom::sync::{Arc, atomic};
#[cfg(not(weft_model))]
pub(crate) use std::sync::{Arc, atomic};

/// A mutex that knows no poison.
///
/// State is changed by code that does not panic; if that should fail, the
/// channel goes on with what is there and does not fail everybody who shares it.
///
/// It is not the standard library's because of how that one fares where two threads want it
/// all the time: with many readers a delivery took 1.5 to 2 times as long, relative to
/// tokio's broadcast; with a single one it made little difference.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        #[cfg(weft_model)]
        return self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        #[cfg(not(weft_model))]
        self.0.lock()
    }
}
