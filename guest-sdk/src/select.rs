//! `select!`: whichever of several futures is ready first.
//!
//! The macro of [`futures`] does the work. This one makes the futures as that one wants them, so that nobody has to write `.fuse()` and `pin!`.

use futures::future::{Fuse, FutureExt};
use std::pin::Pin;

/// Waits for whichever of several futures is ready first, and runs its branch. The others are dropped, which gives them up.
///
/// An expression is polled until `select!` is left. A variable stands for a future that is used again, such as in a loop; it has to be
/// `Unpin`, as what [`std::pin::pin!`] and [`Box::pin`] give is, and must not be ready already, unless it is fused. As in [`futures::select!`]:
/// one of several futures that are ready is taken at random, `complete` is the branch for when all futures are fused and have ended before,
/// and `default` is that for when none is ready.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::{process, select};
/// loop {
///     select! {
///         _ = process::stop_request() => break,
///         frame = input.read() => if frame?.is_none() { break },
///     }
/// }
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => {
        $crate::__select_branches!([] $($branches)*)
    };
}

/// Takes the branches one by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __select_branches {
    ([$($done:tt)*]) => {
        $crate::futures::select! { $($done)* }
    };
    ([$($done:tt)*] complete => $body:block, $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* complete => $body,] $($rest)*)
    };
    ([$($done:tt)*] complete => $body:block $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* complete => $body,] $($rest)*)
    };
    ([$($done:tt)*] complete => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select_branches!([$($done)* complete => $body,] $($($rest)*)?)
    };
    ([$($done:tt)*] default => $body:block, $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* default => $body,] $($rest)*)
    };
    ([$($done:tt)*] default => $body:block $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* default => $body,] $($rest)*)
    };
    ([$($done:tt)*] default => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select_branches!([$($done)* default => $body,] $($($rest)*)?)
    };
    ([$($done:tt)*] $pattern:pat = $future:ident => $body:block, $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::again(&mut $future) => $body,] $($rest)*)
    };
    ([$($done:tt)*] $pattern:pat = $future:ident => $body:block $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::again(&mut $future) => $body,] $($rest)*)
    };
    ([$($done:tt)*] $pattern:pat = $future:ident => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::again(&mut $future) => $body,] $($($rest)*)?)
    };
    ([$($done:tt)*] $pattern:pat = $future:expr => $body:block, $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::once($future) => $body,] $($rest)*)
    };
    ([$($done:tt)*] $pattern:pat = $future:expr => $body:block $($rest:tt)*) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::once($future) => $body,] $($rest)*)
    };
    ([$($done:tt)*] $pattern:pat = $future:expr => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select_branches!([$($done)* $pattern = $crate::rt::once($future) => $body,] $($($rest)*)?)
    };
}

/// A future that one `select!` polls.
pub fn once<F: Future>(future: F) -> Pin<Box<Fuse<F>>> {
    Box::pin(future.fuse())
}

/// A future that is polled by more than one `select!`.
pub fn again<F: Future + Unpin>(future: &mut F) -> Fuse<&mut F> {
    future.fuse()
}
