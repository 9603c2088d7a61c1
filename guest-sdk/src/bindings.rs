//! The raw bindings, as `wit-bindgen` generates them from the contract.
//!
//! For those who want the WIT itself: every function of the world
//! `weft:fabric/fabric-async` and every type, under the names the contract
//! gives them, such as [`weft::fabric::channel::Reader`]. The rest of the crate
//! is written over this module and hands its handles out and takes them back
//! (`into_raw`, `from_raw`).
//!
//! Invariant: this is the only module of the crate with unsafe code in it, and
//! all of it is generated.
#![allow(unsafe_code, missing_docs, clippy::all)]

wit_bindgen::generate!({
    path: "wit",
    world: "weft:fabric/fabric-async",
    generate_all,
});

/// The part of WASI 0.3 the crate waits with.
pub mod clocks {
    wit_bindgen::generate!({
        path: [],
        inline: "
            package weft:guest-clocks;
            world clocks { import wasi:clocks/monotonic-clock@0.3.0; }
            package wasi:clocks@0.3.0 {
                interface types { type duration = u64; }
                interface monotonic-clock {
                    use types.{duration};
                    wait-for: async func(how-long: duration);
                }
            }
        ",
        world: "weft:guest-clocks/clocks",
        generate_all,
    });
}
