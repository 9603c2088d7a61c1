//! Errors of the host as errors of the WIT.

use super::generated::weft::fabric::channel::{PackedFrames, ReadError, WriteError};
use super::generated::weft::fabric::process::{ExitStatus, Trap};
use super::generated::weft::fabric::types::{self, Error};
use crate::process::{self, ProcessState, StartError};
use wasmtime::component::ResourceTableError;

impl From<weft_channel::ReadError> for ReadError {
    fn from(error: weft_channel::ReadError) -> Self {
        match error {
            weft_channel::ReadError::Lagged(frames) => Self::Lagged(frames),
            weft_channel::ReadError::Terminated => Self::Terminated,
            weft_channel::ReadError::WouldBlock => Self::WouldBlock,
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
        }
    }
}

impl From<weft_channel::OpenError> for Error {
    fn from(error: weft_channel::OpenError) -> Self {
        match error {
            weft_channel::OpenError::Ended => Self::Closed,
            error => Self::Exhausted(error.to_string()),
        }
    }
}

/// The table's only failure on insertion is that the process's handles are used up.
impl From<ResourceTableError> for Error {
    fn from(_: ResourceTableError) -> Self {
        Self::Exhausted("the process holds as many handles as its limit `handles` allows".into())
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        let text = error.to_string();
        match error {
            StartError::UnknownComponent { .. } | StartError::UnknownEntryPoint(_) => {
                Self::NotFound(text)
            }
            StartError::Argument(_) => Self::InvalidArgument(text),
            StartError::Capability(error) => Self::PermissionDenied(error.capability),
            StartError::Limit(_) | StartError::Exhausted { .. } => Self::Exhausted(text),
            StartError::Mount(_) | StartError::ShuttingDown | StartError::Store(_) => {
                Self::Failed(text)
            }
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
        }
    }
}

impl From<weft_channel::PackedFrames> for PackedFrames {
    fn from(frames: weft_channel::PackedFrames) -> Self {
        Self {
            ends: frames.ends,
            writers: frames.writers,
            payload: frames.payload,
        }
    }
}

/// The interface has types only.
impl types::Host for ProcessState {}
