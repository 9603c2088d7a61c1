//! The only synchronisation primitive of the crate, kept in one place so that a
//! model checker can stand in for it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex that ignores poison.
///
/// State is changed by code that does not panic; if that should fail, the
/// channel goes on with what is there and does not fail everybody who shares it.
#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
