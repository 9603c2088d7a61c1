//! Why a start is refused, and a name for each check.
//!
//! The checks themselves are in `start`.

use super::argument::ArgumentError;
use super::surroundings::SurroundingsError;
use crate::account::Exhausted;
use crate::capability::{CapabilityError, GrantError};
use crate::component::UnknownEntryPoint;
use crate::interface::filesystem::{MountError, NoDescriptor, NoMount};
use crate::limits::{LimitError, NAME_BYTES};
use crate::naming::named;

/// Why no process was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No component of this name is loaded.
    #[error("there is no component `{name}`; loaded are: {}", available.join(", "))]
    UnknownComponent {
        /// The name.
        name: String,
        /// The names of the components that are loaded.
        available: Vec<String>,
    },
    /// The component has no such entry point.
    #[error(transparent)]
    UnknownEntryPoint(#[from] UnknownEntryPoint),
    /// The component does not export what is to be called in it.
    #[error("{0}")]
    Unserved(String),
    /// An argument does not fit.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// A capability is beyond the parent's.
    #[error(transparent)]
    Capability(#[from] CapabilityError),
    /// A right of an extension is none that the host knows, or has a wrong value.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// An extension refuses the process.
    #[error("{name}: {reason}")]
    Extension {
        /// The extension.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// A limit is beyond the parent's.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The name is too long.
    #[error("the name of a process has at most {NAME_BYTES} bytes, {given} given")]
    Name {
        /// Bytes given.
        given: usize,
    },
    /// The program would not see a text as it was written.
    #[error(transparent)]
    Surroundings(#[from] SurroundingsError),
    /// The capabilities have more entries or text than a process may keep.
    #[error("{what} of one process: {given} given, {most} is the most")]
    TooManyCapabilities {
        /// What exceeds its bound.
        what: &'static str,
        /// How much was given.
        given: usize,
        /// The bound.
        most: usize,
    },
    /// A fuel limit on a host that does not count fuel.
    #[error(
        "limit `fuel`: this host does not count fuel; an embedder sets `HostConfig::count_fuel`, \
             `weft` counts when a limit `fuel` is given to what it starts"
    )]
    FuelNotCounted,
    /// The parent would exceed a limit of its own; or the process would, with its mounts.
    #[error("{0}")]
    Parent(String),
    /// A folder cannot be mounted.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The host has no descriptors left for its mounts; see
    /// [`HostConfig::max_open_files`](crate::HostConfig::max_open_files).
    #[error("{0}")]
    Descriptors(String),
    /// The host is full.
    #[error(
        "no room for another process: this host holds {most}, and those with many memories count for several"
    )]
    Exhausted {
        /// How many may live at once.
        most: u32,
    },
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
    /// The store could not be made.
    #[error("the process could not be laid out: {0}")]
    Store(String),
}

named! {
    /// The check of a start that failed, in a word.
    pub enum StartErrorKind {
        /// There is no such component.
        Component = "component",
        /// The component has no such entry point, or several.
        EntryPoint = "entry-point",
        /// An argument, variable or command line does not fit.
        Argument = "argument",
        /// It would have a capability that its parent has not, or too many.
        Capability = "capability",
        /// An extension refused it.
        Extension = "extension",
        /// A limit is higher than its parent's, or than the host's.
        Limit = "limit",
        /// Its name is too long.
        Name = "name",
        /// Fuel is limited, and this host counts none.
        Fuel = "fuel",
        /// Its parent would hold more than it may.
        Parent = "parent",
        /// A folder cannot be mounted.
        Mount = "mount",
        /// The host has no room for it.
        Exhausted = "exhausted",
        /// The host is shutting down.
        ShuttingDown = "shutting-down",
        /// The engine could not make a store.
        Store = "store",
    }
}

impl StartError {
    /// The check that failed.
    pub fn kind(&self) -> StartErrorKind {
        match self {
            StartError::UnknownComponent { .. } => StartErrorKind::Component,
            StartError::UnknownEntryPoint(_) | StartError::Unserved(_) => {
                StartErrorKind::EntryPoint
            }
            StartError::Argument(_) | StartError::Surroundings(_) => StartErrorKind::Argument,
            StartError::Capability(_)
            | StartError::Grant(_)
            | StartError::TooManyCapabilities { .. } => StartErrorKind::Capability,
            StartError::Extension { .. } => StartErrorKind::Extension,
            StartError::Limit(_) => StartErrorKind::Limit,
            StartError::Name { .. } => StartErrorKind::Name,
            StartError::FuelNotCounted => StartErrorKind::Fuel,
            StartError::Parent(_) => StartErrorKind::Parent,
            StartError::Mount(_) => StartErrorKind::Mount,
            StartError::Exhausted { .. } | StartError::Descriptors(_) => StartErrorKind::Exhausted,
            StartError::ShuttingDown => StartErrorKind::ShuttingDown,
            StartError::Store(_) => StartErrorKind::Store,
        }
    }
}

impl From<Exhausted> for StartError {
    fn from(error: Exhausted) -> Self {
        StartError::Parent(error.to_string())
    }
}

impl From<NoMount> for StartError {
    fn from(error: NoMount) -> Self {
        match error {
            NoMount::Folder(error) => error.into(),
            NoMount::Denied(error) => error.into(),
            NoMount::Descriptor(NoDescriptor::Limit(error)) => error.into(),
            NoMount::Descriptor(error) => StartError::Descriptors(error.to_string()),
        }
    }
}
