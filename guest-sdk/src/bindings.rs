//! The raw bindings, as `wit-bindgen` generates them from the contract. They are made ahead of time, by `tests/bindings.rs`.
//!
//! For those who want the WIT itself: every function of the world
//! `weft:fabric/fabric-async` and every type, under the names the contract
//! gives them, such as [`weft::fabric::channel::Reader`]. The rest of the crate
//! is written over this module and hands its handles out and takes them back
//! (`into_raw`, `from_raw`).
//!
//! Invariant: the unsafe code of the crate is here, all of it generated but for the lines of `unshare` and `renew`, and in `rt`, which passes
//! the arguments and the result of an entry point through memory.
#![allow(unsafe_code, missing_docs, clippy::all)]

use std::rc::Rc;

#[cfg(target_family = "wasm")]
#[rustfmt::skip]
mod fabric;
#[cfg(target_family = "wasm")]
pub use fabric::{weft, wit_stream};

// Outside of a guest there is no host to call, but the test kit.
#[cfg(not(target_family = "wasm"))]
#[rustfmt::skip]
#[allow(clippy::all, clippy::panic, clippy::unwrap_used)]
mod native;
#[cfg(not(target_family = "wasm"))]
pub use native::weft;

/// The world `networks-async`.
#[cfg(target_family = "wasm")]
#[rustfmt::skip]
pub mod networks;
#[cfg(not(target_family = "wasm"))]
#[path = "bindings/native_networks.rs"]
#[rustfmt::skip]
#[allow(clippy::all, clippy::panic, clippy::unwrap_used)]
pub mod networks;

/// The part of WASI 0.3 this crate waits with.
#[cfg(target_family = "wasm")]
#[rustfmt::skip]
pub mod clocks;

/// The world `transform-with-rest`, with the macro that exports it.
#[rustfmt::skip]
#[allow(clippy::panic, clippy::unwrap_used)]
pub mod transform;

/// The world `transform-user`.
#[cfg(target_family = "wasm")]
#[rustfmt::skip]
pub mod transform_user;

/// Makes `unshare` for a resource: takes it out of its last `Rc`.
macro_rules! unshare {
    ($name:ident, $resource:ty) => {
        /// Takes the handle out of an `Rc`. The caller has dropped every other
        /// clone, or never uses one again.
        pub(crate) fn $name(shared: Rc<$resource>) -> $resource {
            Rc::try_unwrap(shared).unwrap_or_else(|shared| {
                // SAFETY: the handle is this guest's own, and `take_handle`
                // leaves none behind, so that it still has one owner.
                unsafe { <$resource>::from_handle(shared.take_handle()) }
            })
        }
    };
}

unshare!(unshare_reader, weft::fabric::channel::Reader);
unshare!(unshare_writer, weft::fabric::channel::Writer);
unshare!(unshare_process, weft::fabric::process::Process);
unshare!(unshare_monitor, weft::fabric::process::Monitor);

/// Makes a resource of a handle.
macro_rules! renew {
    ($($name:ident, $resource:ty;)*) => {$(
        /// Takes a handle that nobody else has: one that the host has passed, or that the test kit has made.
        pub(crate) fn $name(handle: u32) -> $resource {
            // SAFETY: the handle is this guest's own, and has one owner.
            unsafe { <$resource>::from_handle(handle) }
        }
    )*};
}

renew! {
    new_channel, weft::fabric::channel::Channel;
    new_reader, weft::fabric::channel::Reader;
    new_writer, weft::fabric::channel::Writer;
    new_process, weft::fabric::process::Process;
}

#[cfg(not(target_family = "wasm"))]
renew! {
    new_monitor, weft::fabric::process::Monitor;
    new_registration, weft::fabric::registry::Registration;
    new_span, weft::fabric::log::Span;
    new_counter, weft::fabric::metrics::Counter;
    new_gauge, weft::fabric::metrics::Gauge;
    new_histogram, weft::fabric::metrics::Histogram;
}
