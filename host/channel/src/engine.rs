//! Which engine a handle, or a wait of it, is of.
//!
//! Not a trait: of the native engine every call is static, and costs one branch that always goes the same way.
//!
//! Invariant: what is made of a handle is of its engine, for as long as it lives.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// What the native engine has for it, or what stands for a remote one.
#[derive(Debug, Clone)]
pub(crate) enum Engine<N, R> {
    Native(N),
    Remote(R),
}

impl<N, R> Future for Engine<N, R>
where
    N: Future + Unpin,
    R: Future<Output = N::Output> + Unpin,
{
    type Output = N::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Native(native) => Pin::new(native).poll(cx),
            Self::Remote(remote) => Pin::new(remote).poll(cx),
        }
    }
}
