//! Sources and sinks of NATS: the cargo feature `nats`.

use std::sync::Arc;
use weft_host::process::Program;

#[cfg(not(feature = "nats"))]
mod absent;
#[cfg(feature = "nats")]
mod made;

/// A program that reads or sends messages. Without the feature there is none.
#[derive(Clone, Debug)]
pub(crate) struct Nats {
    program: Arc<dyn Program>,
    kind: &'static str,
}

impl Nats {
    pub(super) fn is_source(&self) -> bool {
        self.kind.starts_with("source")
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// The program.
    pub(crate) fn program(&self) -> Arc<dyn Program> {
        self.program.clone()
    }
}
