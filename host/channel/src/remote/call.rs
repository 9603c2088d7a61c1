//! An answer of a remote engine, as the handles' futures wait for it.
//!
//! Invariant: an engine's future is polled no more once it has answered.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use crate::{
    budget,
    error::{ReadError, WriteError},
    remote::Asked,
};

/// A call under way. Polled again after its answer it does nothing, as the futures of the native engine.
pub(crate) struct Call<'a, T>(Option<Asked<'a, T>>);

impl<'a, T> Call<'a, T> {
    pub fn new(asked: Asked<'a, T>) -> Self {
        Self(Some(asked))
    }
}

impl<T> Future for Call<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Some(asked) = &mut self.0 else {
            return Poll::Pending;
        };
        ready!(budget::poll(cx));
        let answer = ready!(asked.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(answer)
    }
}

impl<T> fmt::Debug for Call<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// The answer, if the engine has it in hand. Else the call is given up.
pub(crate) fn now<T>(mut asked: Asked<'_, T>) -> Option<T> {
    match asked.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// The answer to a `try_` call, which never waits.
pub(crate) fn try_now<T, E: WouldBlock>(asked: Asked<'_, Result<T, E>>) -> Result<T, E> {
    now(asked).unwrap_or(Err(E::WOULD_BLOCK))
}

/// An error that can say so.
pub(crate) trait WouldBlock {
    const WOULD_BLOCK: Self;
}

impl WouldBlock for ReadError {
    const WOULD_BLOCK: Self = Self::WouldBlock;
}

impl WouldBlock for WriteError {
    const WOULD_BLOCK: Self = Self::WouldBlock;
}
