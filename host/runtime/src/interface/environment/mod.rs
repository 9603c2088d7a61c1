//! Environment variables: what `wasi:cli/environment` shows of them, which is what a process was granted.
//!
//! The interface itself is wasmtime-wasi's, and linked with the rest of WASI. Which names and values there can be is checked in
//! `process/surroundings`.

use super::Unit;
use crate::capability::{Capabilities, Capability};
use wasmtime_wasi::WasiCtxBuilder;

/// The folder.
pub(super) const UNIT: Unit = Unit {
    needs: &[(
        "wasi:cli/environment",
        "get-environment",
        Capability::Environment,
    )],
    link: |_, _| Ok(()),
};

/// Shows a process its variables.
pub(crate) fn enter(builder: &mut WasiCtxBuilder, capabilities: &Capabilities) {
    for (name, value) in &capabilities.environment {
        builder.env(name, value);
    }
}
