//! Why a start is refused, and the word that stands for each check.
//!
//! The checks themselves are in `start`.

use super::argument::ArgumentError;
use super::surroundings::SurroundingsError;
use crate::account::Exhausted;
use crate::capability::CapabilityError;
use crate::component::UnknownEntryPoint;
use crate::files::{MountError, NoDescriptor, NoMount};
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
        /// The names there are.
        available: Vec<String>,
    },
    /// The component has no such entry point.
    #[error(transparent)]
    UnknownEntryPoint(#[from] UnknownEntryPoint),
    /// An argument does not fit.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// A capability is beyond the parent's.
    #[error(transparent)]
    Capability(#[from] CapabilityError),
    /// A limit is beyond the parent's.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The name is too long.
    #[error("the name of a process has at most {NAME_BYTES} bytes, {given} given")]
    Name {
        /// Bytes given.
        given: usize,
    },
    /// The program would see a text as another one.
    #[error(transparent)]
    Surroundings(#[from] SurroundingsError),
    /// There is more to the capabilities than a process may keep.
    #[error("{what} of one process: {given} given, {most} is the most")]
    TooManyCapabilities {
        /// What there is too much of.
        what: &'static str,
        /// How much was given.
        given: usize,
        /// How much there may be.
        most: usize,
    },
    /// A limit on fuel in a host that counts none.
    #[error(
        "limit `fuel`: this host does not count fuel; an embedder sets `HostConfig::count_fuel`, \
             `weft` counts when a limit `fuel` is given to what it starts"
    )]
    FuelNotCounted,
    /// Its parent, or itself with its mounts, would hold more than it may.
    #[error("{0}")]
    Parent(String),
    /// A folder cannot be mounted.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The host has no descriptors left for its mounts; see
    /// [`HostConfig::max_open_files`](crate::HostConfig::max_open_files).
    #[error("{0}")]
    Descriptors(String),
    /// There is no room.
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
    pub(crate) enum Refusal {
        Component = "component",
        EntryPoint = "entry-point",
        Argument = "argument",
        Capability = "capability",
        Limit = "limit",
        Name = "name",
        Fuel = "fuel",
        Parent = "parent",
        Mount = "mount",
        Exhausted = "exhausted",
        ShuttingDown = "shutting-down",
        Store = "store",
    }
}

impl StartError {
    /// The check that failed.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            StartError::UnknownComponent { .. } => Refusal::Component,
            StartError::UnknownEntryPoint(_) => Refusal::EntryPoint,
            StartError::Argument(_) | StartError::Surroundings(_) => Refusal::Argument,
            StartError::Capability(_) | StartError::TooManyCapabilities { .. } => {
                Refusal::Capability
            }
            StartError::Limit(_) => Refusal::Limit,
            StartError::Name { .. } => Refusal::Name,
            StartError::FuelNotCounted => Refusal::Fuel,
            StartError::Parent(_) => Refusal::Parent,
            StartError::Mount(_) => Refusal::Mount,
            StartError::Exhausted { .. } | StartError::Descriptors(_) => Refusal::Exhausted,
            StartError::ShuttingDown => Refusal::ShuttingDown,
            StartError::Store(_) => Refusal::Store,
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
