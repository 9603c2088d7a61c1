//! The functions of the contract, as the bindings of the test kit call them.
//!
//! A module for each interface, a function for each function; `tests/bindings.rs` makes the bindings, so that none can be missing.
//! Nothing here checks capabilities or limits: a test's guests have all rights.

pub(crate) mod channel;
pub(crate) mod channel_async;
pub(crate) mod clock;
pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod net;
pub(crate) mod net_async;
pub(crate) mod process;
pub(crate) mod process_async;
pub(crate) mod quic;
pub(crate) mod quic_async;
pub(crate) mod registry;
pub(crate) mod registry_async;

use super::world::try_world;
use crate::bindings::weft::fabric::types::Error;

/// A handle is dropped.
pub(crate) fn drop_handle(handle: u32) {
    if let Some(world) = try_world() {
        match world.release(handle) {
            Some(super::world::Held::Name(name)) => {
                let shown = world.names.borrow_mut().remove(&name);
                drop(shown);
            }
            held => drop(held),
        }
    }
}

/// What the kit does not imitate.
fn not_imitated(what: &str) -> Error {
    Error::Unsupported(format!("{what}: the test kit does not imitate it"))
}
