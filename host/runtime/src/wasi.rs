//! What a process sees of WASI: only what its capabilities say.
//!
//! Here it is begun, with what every process has. What each capability gives is put there by the unit in its folder of `interface`.
//!
//! Denials take WASI's own forms: no variable, no folder, no socket. Clock calls cannot
//! fail, so without `clocks` they stand still at zero. What is denied leaves a warning in the log, the first time: a wrong
//! time is worse to find than a missing one, and a socket's error says nothing of a capability.

use crate::log::LineStream;
use crate::process::Stdin;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::AsyncStdinStream;

/// The streams and words a process starts with.
pub(crate) struct Surroundings<'a> {
    pub(crate) arguments: &'a [String],
    pub(crate) stdin: Stdin,
    pub(crate) stdout: LineStream,
    pub(crate) stderr: LineStream,
}

/// Begins the WASI context of one process.
pub(crate) fn begin(surroundings: Surroundings<'_>) -> WasiCtxBuilder {
    let mut builder = WasiCtxBuilder::new();
    builder
        .args(surroundings.arguments)
        .stdout(surroundings.stdout)
        .stderr(surroundings.stderr);
    match surroundings.stdin {
        Stdin::Closed => {}
        Stdin::Inherit => {
            builder.inherit_stdin();
        }
        Stdin::Source(source) => {
            builder.stdin(AsyncStdinStream::new(Box::into_pin(source.open())));
        }
    }
    builder
}
