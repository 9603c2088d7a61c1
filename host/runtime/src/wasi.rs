//! What a process sees of WASI: only what its capabilities say.
//!
//! Not the file system; that is in `files`.
//!
//! Denials take WASI's own forms: no variable, no folder, no socket. Clock calls cannot
//! fail, so without `clocks` they stand still at zero. What is denied leaves a warning in the log, the first time: a wrong
//! time is worse to find than a missing one, and a socket's error says nothing of a capability.

use crate::capability::{Capabilities, Right};
use crate::log::{LineStream, ProcessLog};
use crate::process::Stdin;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi::cli::AsyncStdinStream;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder};

/// The streams and words a process starts with.
pub(crate) struct Surroundings<'a> {
    pub(crate) arguments: &'a [String],
    pub(crate) stdin: Stdin,
    pub(crate) stdout: LineStream,
    pub(crate) stderr: LineStream,
    pub(crate) log: Arc<ProcessLog>,
}

/// Makes the WASI context of one process.
pub(crate) fn context(capabilities: &Capabilities, surroundings: Surroundings<'_>) -> WasiCtx {
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
    for (name, value) in &capabilities.environment {
        builder.env(name, value);
    }
    if !capabilities.holds(Right::Clocks) {
        let stopped = StoppedClock {
            log: surroundings.log,
        };
        builder.wall_clock(stopped.clone());
        builder.monotonic_clock(stopped);
    }
    builder.build()
}

/// A clock that stands at zero. The log says so once: of the monotonic clock by the calls of the guest, which are
/// told from the host's own there.
#[derive(Clone)]
struct StoppedClock {
    log: Arc<ProcessLog>,
}

impl HostWallClock for StoppedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.log.note_denial(Right::Clocks.into());
        Duration::ZERO
    }
}

impl HostMonotonicClock for StoppedClock {
    fn resolution(&self) -> u64 {
        Duration::from_secs(1).as_nanos() as u64
    }

    fn now(&self) -> u64 {
        0
    }
}
