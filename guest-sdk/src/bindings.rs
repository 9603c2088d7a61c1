//! The raw bindings, as `wit-bindgen` generates them from the contract.
//!
//! For those who want the WIT itself: every function of the world
//! `weft:fabric/fabric-async` and every type, under the names the contract
//! gives them, such as [`weft::fabric::channel::Reader`]. The rest of the crate
//! is written over this module and hands its handles out and takes them back
//! (`into_raw`, `from_raw`).
//!
//! Invariant: this is the only module of the crate with unsafe code in it, all
//! of it generated but for the three lines of `unshare`.
#![allow(unsafe_code, missing_docs, clippy::all)]

use std::rc::Rc;

wit_bindgen::generate!({
    path: "wit",
    world: "weft:fabric/fabric-async",
    generate_all,
});

/// The part of WASI 0.3 this crate waits with.
pub mod clocks {
    wit_bindgen::generate!({
        path: [],
        inline: "
            package weft:guest-clocks;

            package wasi:clocks@0.3.0 {
                interface types {
                    type duration = u64;
                }
                interface monotonic-clock {
                    use types.{duration};
                    wait-for: async func(how-long: duration);
                }
            }

            world clocks {
                import wasi:clocks/monotonic-clock@0.3.0;
            }
        ",
        world: "weft:guest-clocks/clocks",
        generate_all,
    });
}

/// The world `transform-with-rest`, with the macro that exports it.
pub mod transform {
    wit_bindgen::generate!({
        path: "wit",
        world: "weft:fabric/transform-with-rest",
        with: { "weft:fabric/frames@0.2.0": super::weft::fabric::frames },
        pub_export_macro: true,
        export_macro_name: "export_transformer",
        default_bindings_module: "weft_guest::bindings::transform",
    });
}

/// The world `transform-user`.
pub mod transform_user {
    wit_bindgen::generate!({
        path: "wit",
        world: "weft:fabric/transform-user",
        with: { "weft:fabric/frames@0.2.0": super::weft::fabric::frames },
    });
}

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
