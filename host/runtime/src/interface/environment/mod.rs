//! Environment variables: what `wasi:cli/environment` shows of them, which is what a process was granted.
//!
//! The interface itself is wasmtime-wasi's, and linked with the rest of WASI. Which names and values there can be is checked in
//! `process/surroundings`.

use crate::capability::Capabilities;
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import, NewProcess, Refused};
use crate::process::ProcessState;
use wasmtime::component::Linker;

/// To see a variable. It is in no list of capabilities: variables have settings of their own.
pub(crate) const ENVIRONMENT: &ExtensionRight = &ExtensionRight {
    name: "environment",
    value: None,
    help: "see an environment variable, with its value",
};

/// A variable of the second set that the first does not have with the same value, as denials have it.
pub(crate) fn unheld(held: &Capabilities, asked: &Capabilities) -> Option<String> {
    let mut variables = asked.environment.iter();
    let (name, value) =
        variables.find(|(name, value)| held.environment.get(*name) != Some(*value))?;
    Some(format!("{name}={value}"))
}

/// The folder.
pub(super) struct Unit;

/// What gives nothing without the right.
const NEEDS: &[(&str, &ExtensionRight)] = &[("get-environment", ENVIRONMENT)];

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "environment"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[ENVIRONMENT]
    }

    fn imports(&self) -> &'static [Import] {
        &[
            Import {
                interface: "wasi:cli/environment@0.2.12",
                needs: NEEDS,
            },
            Import {
                interface: "wasi:cli/environment@0.3.0",
                needs: NEEDS,
            },
        ]
    }

    /// wasmtime-wasi's, which is linked already.
    fn link(&self, _: &mut Linker<ProcessState>, _: EngineKind) -> wasmtime::Result<()> {
        Ok(())
    }

    /// Shows a process its variables.
    fn start(&self, process: &mut NewProcess<'_>) -> Result<(), Refused> {
        for (name, value) in &process.capabilities.environment {
            process.wasi.env(name, value);
        }
        Ok(())
    }
}
