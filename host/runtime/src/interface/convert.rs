//! Errors of the host as errors of the WIT, and the types that its interfaces have in common.

use super::generated::weft::fabric::channel::{self as wit, ReadError, WriteError};
use super::generated::weft::fabric::process::{Exit, ExitStatus, Ownership, Trap};
use super::generated::weft::fabric::types::{self, Error};
use crate::access::Access;
use crate::account::Exhausted;
use crate::channel::NoChannel;
use crate::engine::EngineKind;
use crate::extension::{Extension, Import};
use crate::interface::registry::PublishError;
use crate::process::{self, NoPlace, ProcessState, StartError};
use wasmtime::component::Linker;

impl From<weft_channel::ReadError> for ReadError {
    fn from(error: weft_channel::ReadError) -> Self {
        match error {
            weft_channel::ReadError::Lagged(frames) => Self::Lagged(frames),
            weft_channel::ReadError::Terminated => Self::Terminated,
            weft_channel::ReadError::WouldBlock => Self::WouldBlock,
            weft_channel::ReadError::Unavailable(why) => Self::Unavailable(why.to_string()),
        }
    }
}

impl From<weft_channel::WriteError> for WriteError {
    fn from(error: weft_channel::WriteError) -> Self {
        match error {
            weft_channel::WriteError::Drained => Self::Drained,
            weft_channel::WriteError::Terminated => Self::Terminated,
            weft_channel::WriteError::TooLarge { capacity } => Self::TooLarge(capacity),
            weft_channel::WriteError::WouldBlock => Self::WouldBlock,
            weft_channel::WriteError::NoHandles => Self::TooManyHandles(0),
            weft_channel::WriteError::Unavailable(why) => Self::Unavailable(why.to_string()),
        }
    }
}

impl From<weft_channel::Unavailable> for Error {
    fn from(why: weft_channel::Unavailable) -> Self {
        Self::Unavailable(why.to_string())
    }
}

impl From<weft_channel::OpenError> for Error {
    fn from(error: weft_channel::OpenError) -> Self {
        match error {
            weft_channel::OpenError::Ended => Self::Closed,
            weft_channel::OpenError::Unavailable(why) => why.into(),
            error @ weft_channel::OpenError::WriterIdsExhausted => {
                Self::Exhausted(error.to_string())
            }
        }
    }
}

impl From<NoPlace> for Error {
    fn from(none: NoPlace) -> Self {
        Self::Exhausted(none.to_string())
    }
}

/// Bytes of the text of an error that a guest gets of a start: names that it gave itself may stand in it, and all that a component exports.
const START_ERROR_BYTES: usize = 16 << 10;

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let mut text = error.to_string();
        if text.len() > START_ERROR_BYTES {
            text.truncate(text.floor_char_boundary(START_ERROR_BYTES));
            text.push_str(" ...");
            text.shrink_to_fit();
        }
        match error {
            StartError::UnknownComponent { .. }
            | StartError::UnknownEntryPoint(_)
            | StartError::Unserved(_) => Self::NotFound(text),
            StartError::Argument(_)
            | StartError::Name { .. }
            | StartError::Surroundings(_)
            | StartError::Grant(_)
            | StartError::TooManyCapabilities { .. } => Self::InvalidArgument(text),
            StartError::Capability(error) => Self::PermissionDenied(error.capability),
            StartError::Limit(_)
            | StartError::Parent(_)
            | StartError::Descriptors(_)
            | StartError::Exhausted { .. } => Self::Exhausted(text),
            StartError::FuelNotCounted => Self::Unsupported(text),
            StartError::Mount(_)
            | StartError::Extension { .. }
            | StartError::ShuttingDown
            | StartError::Store(_) => Self::Failed(text),
        }
    }
}

impl From<process::ExitStatus> for ExitStatus {
    fn from(status: process::ExitStatus) -> Self {
        match status {
            process::ExitStatus::Returned(value) => Self::Returned(value),
            process::ExitStatus::Failed(error) => Self::Failed(error),
            process::ExitStatus::Exited(code) => Self::Exited(code),
            process::ExitStatus::Trapped(trap) => Self::Trapped(Trap {
                message: trap.message,
                panicked: trap.panicked,
                backtrace: trap.backtrace.join("\n"),
            }),
            process::ExitStatus::Stopped => Self::Stopped,
            process::ExitStatus::Killed => Self::Killed,
            process::ExitStatus::Limit(limit) => Self::Limit(limit),
            process::ExitStatus::Linked(reason) => Self::Linked(reason),
        }
    }
}

impl From<process::Exit> for Exit {
    fn from(exit: process::Exit) -> Self {
        Self {
            process: exit.process.id(),
            name: exit.process.name().to_owned(),
            tag: exit.tag,
            status: exit.status.into(),
        }
    }
}

impl From<Ownership> for process::Ownership {
    fn from(ownership: Ownership) -> Self {
        match ownership {
            Ownership::Child => Self::Child,
            Ownership::Linked => Self::Linked,
            Ownership::Detached => Self::Detached,
        }
    }
}

/// The flags of a channel handle, as the WIT and as the host have them.
const ACCESS: [(wit::Access, Access); 4] = [
    (wit::Access::WEAK_READERS, Access::WEAK_READERS),
    (wit::Access::STRONG_READERS, Access::STRONG_READERS),
    (wit::Access::WRITERS, Access::WRITERS),
    (wit::Access::LIFECYCLE, Access::LIFECYCLE),
];

impl From<wit::Access> for Access {
    fn from(access: wit::Access) -> Self {
        ACCESS
            .into_iter()
            .filter(|(flag, _)| access.contains(*flag))
            .fold(Self::empty(), |all, (_, flag)| all | flag)
    }
}

impl From<Access> for wit::Access {
    fn from(access: Access) -> Self {
        ACCESS
            .into_iter()
            .filter(|(_, flag)| access.contains(*flag))
            .fold(Self::empty(), |all, (flag, _)| all | flag)
    }
}

impl From<Exhausted> for Error {
    fn from(error: Exhausted) -> Self {
        Self::Exhausted(error.to_string())
    }
}

impl From<NoChannel> for Error {
    fn from(none: NoChannel) -> Self {
        match none {
            NoChannel::Limit(limit) => limit.into(),
            wrong @ (NoChannel::TooLarge { .. } | NoChannel::Options(_)) => {
                Self::InvalidArgument(wrong.to_string())
            }
        }
    }
}

impl From<PublishError> for Error {
    fn from(error: PublishError) -> Self {
        let text = error.to_string();
        match error {
            PublishError::Name => Self::InvalidArgument(text),
            PublishError::Taken(_) => Self::AlreadyExists(text),
        }
    }
}

/// The interface has types only.
impl types::Host for ProcessState {}

/// What the interfaces of `weft:fabric` have in common, which is types alone.
pub(super) struct Types;

impl Extension for Types {
    fn name(&self) -> &'static str {
        "types"
    }

    fn imports(&self) -> &'static [Import] {
        const TYPES: &[Import] = &[
            Import {
                interface: "weft:fabric/types@0.2.0",
                needs: &[],
            },
            Import {
                interface: "weft:fabric/frames@0.2.0",
                needs: &[],
            },
        ];
        TYPES
    }

    /// They need nothing to be linked, but are there.
    fn link(&self, linker: &mut Linker<ProcessState>, _: EngineKind) -> wasmtime::Result<()> {
        for import in self.imports() {
            linker.instance(import.interface)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn the_error_of_a_start_repeats_little_of_what_it_was_given() {
        let error = StartError::UnknownComponent {
            name: "é".repeat(1 << 20),
            available: Vec::new(),
        };
        let Error::NotFound(text) = Error::from(error) else {
            panic!("another error")
        };
        assert!(text.len() <= START_ERROR_BYTES + 4, "{}", text.len());
        assert!(text.ends_with("é ..."));
    }
}
