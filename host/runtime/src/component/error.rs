//! Why a component was not loaded, by the phase that failed.

use super::budget::OverBudget;
use super::features::OffFeature;
use super::weight::Refused;
use crate::naming::named;
use std::path::PathBuf;

/// Why a component was not loaded. Every message names the component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Read: the file could not be read.
    #[error("cannot read component `{name}` from {path}: {cause}")]
    Read {
        /// The component's name.
        name: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Read: the component is larger than the host allows.
    #[error("component `{name}` is larger than the {most} bytes that this host takes")]
    TooLarge {
        /// The component's name.
        name: String,
        /// The bound, in bytes.
        most: u64,
    },
    /// Verify: one of its functions would take too much time and memory to compile.
    #[error(
        "function {function} of component `{name}` is too much for the compiler: {count} {what}, where {most} is the \
         most this host gives; split it"
    )]
    TooHeavy {
        /// The component's name.
        name: String,
        /// The index of the function among those with code.
        function: usize,
        /// What exceeds its bound.
        what: &'static str,
        /// How much it has.
        count: u64,
        /// The bound.
        most: u64,
    },
    /// Verify: it nests deeper than parsers can recurse.
    #[error(
        "component `{name}` has components or types that nest deeper than {most} levels, the most this host reads"
    )]
    TooDeep {
        /// The component's name.
        name: String,
        /// The bound, in levels.
        most: usize,
    },
    /// Verify: it has too many parts.
    #[error(
        "component `{name}` has more than {most} modules and components in it, the most this host takes"
    )]
    TooManyParts {
        /// The component's name.
        name: String,
        /// The bound.
        most: u64,
    },
    /// Verify: it instantiates a component whose size is not known.
    #[error(
        "component `{name}` instantiates a component that it was handed, or hands it on to one inside, so what that takes is not \
         known; define it where it is instantiated"
    )]
    HandedOn {
        /// The component's name.
        name: String,
    },
    /// Verify: loading it would take too much memory.
    #[error(
        "component `{name}` would take about {needed} bytes of memory to load, mainly for its {mainly}; {most} \
         is the most this host gives"
    )]
    TooMuch {
        /// The component's name.
        name: String,
        /// Bytes that loading it would take.
        needed: u64,
        /// What takes most of them.
        mainly: &'static str,
        /// The bound, in bytes.
        most: u64,
    },
    /// Read: it would take too much memory together with those read before it.
    #[error(
        "component `{name}` and those before it would take about {needed} bytes of memory together, mainly for their {mainly}; {most} \
         is the most this host gives"
    )]
    TooMuchTogether {
        /// The component's name.
        name: String,
        /// Bytes that all of them would take.
        needed: u64,
        /// What takes most of them.
        mainly: &'static str,
        /// The bound, in bytes.
        most: u64,
    },
    /// Compile: other compilations occupied all slots until the time was up.
    #[error(
        "component `{name}` was not compiled: {most} others are being compiled, the most this host \
         does at once, and none was done in time"
    )]
    Exhausted {
        /// The component's name.
        name: String,
        /// How many compilations run at once.
        most: u32,
    },
    /// Compile: it took too long.
    #[error("component `{name}` was not compiled within {most:?}, the most this host waits")]
    TooSlow {
        /// The component's name.
        name: String,
        /// The time limit.
        most: std::time::Duration,
    },
    /// Verify: the bytes are not wasm.
    #[error("`{name}` is not WebAssembly: it starts with {start}, a component with `\\0asm`")]
    NotWasm {
        /// The component's name.
        name: String,
        /// The first bytes.
        start: String,
    },
    /// Verify: the bytes are a core module.
    #[error(
        "`{name}` is a core module, not a component; build it for wasm32-wasip2, \
         or wrap it with `wasm-tools component new`"
    )]
    CoreModule {
        /// The component's name.
        name: String,
    },
    /// Verify or compile: the component is not valid.
    #[error("component `{name}` is not valid, or beyond what this host takes: {reason}")]
    Invalid {
        /// The component's name.
        name: String,
        /// What is wrong, and at which offset.
        reason: String,
    },
    /// Compile: it needs features that are off in this host.
    #[error(
        "component `{name}` needs what is off in this host: {}",
        features.iter().map(|off| format!("{} ({})", off.name, off.reason)).collect::<Vec<_>>().join(", ")
    )]
    Off {
        /// The component's name.
        name: String,
        /// The features.
        features: Vec<OffFeature>,
    },
    /// Link: it imports something that this host does not offer.
    #[error(
        "component `{name}` imports what Weft does not offer: {}; \
         it offers weft:fabric@0.2 and WASI 0.2 and 0.3 (cli, clocks, filesystem, io, random, sockets){}",
        imports.join(", "),
        added.iter().map(|package| format!(", {package}")).collect::<String>()
    )]
    UnknownImports {
        /// The component's name.
        name: String,
        /// The imports that are not offered.
        imports: Vec<String>,
        /// The packages that extensions add to those that every host has.
        added: Vec<&'static str>,
    },
    /// Link: it imports a known interface with different types.
    #[error("component `{name}` does not fit this host: {reason}")]
    Mismatch {
        /// The component's name.
        name: String,
        /// Which import differs, and how.
        reason: String,
    },
    /// The host stopped while it was compiling.
    #[error("loading component `{name}` was cut short")]
    Interrupted {
        /// The component's name.
        name: String,
    },
}

named! {
    /// What to do about a [`LoadError`], in a word.
    pub enum LoadErrorKind {
        /// The file cannot be read: see to the file.
        Read = "read",
        /// It is more than the host takes: make it smaller, or raise the host's bounds.
        Bounds = "bounds",
        /// It is not a component, or not a valid one: build it anew.
        Invalid = "invalid",
        /// It needs features of WebAssembly that are off in this host.
        Features = "features",
        /// It imports what this host does not offer, or in another shape.
        Imports = "imports",
        /// The host has no time or room for it now: try again.
        Busy = "busy",
    }
}

impl LoadError {
    /// What to do about it.
    pub fn kind(&self) -> LoadErrorKind {
        match self {
            Self::Read { .. } => LoadErrorKind::Read,
            Self::TooLarge { .. }
            | Self::TooHeavy { .. }
            | Self::TooDeep { .. }
            | Self::TooManyParts { .. }
            | Self::HandedOn { .. }
            | Self::TooMuch { .. }
            | Self::TooMuchTogether { .. }
            | Self::TooSlow { .. } => LoadErrorKind::Bounds,
            Self::NotWasm { .. } | Self::CoreModule { .. } | Self::Invalid { .. } => {
                LoadErrorKind::Invalid
            }
            Self::Off { .. } => LoadErrorKind::Features,
            Self::UnknownImports { .. } | Self::Mismatch { .. } => LoadErrorKind::Imports,
            Self::Exhausted { .. } | Self::Interrupted { .. } => LoadErrorKind::Busy,
        }
    }

    /// The error for a component that is over its budget.
    pub(super) fn over_budget(name: &str, over: OverBudget) -> Self {
        let name = name.to_owned();
        match over {
            OverBudget::Invalid(reason) => LoadError::Invalid { name, reason },
            OverBudget::HandedOn => LoadError::HandedOn { name },
            OverBudget::Nested(most) => LoadError::TooDeep { name, most },
            OverBudget::Parts(most) => LoadError::TooManyParts { name, most },
            OverBudget::Bytes {
                needed,
                most,
                mainly,
            } => LoadError::TooMuch {
                name,
                needed,
                mainly,
                most,
            },
        }
    }

    /// The error for several components that are over the budget together.
    pub(super) fn too_much_together(name: &str, over: OverBudget) -> Self {
        match Self::over_budget(name, over) {
            Self::TooMuch {
                name,
                needed,
                mainly,
                most,
            } => Self::TooMuchTogether {
                name,
                needed,
                mainly,
                most,
            },
            other => other,
        }
    }

    /// The error for functions that were refused.
    pub(super) fn refused(name: &str, refused: Refused) -> Self {
        let owned = || name.to_owned();
        match refused {
            Refused::Invalid(reason) => LoadError::Invalid {
                name: owned(),
                reason,
            },
            Refused::TooHeavy(function, what, count, most) => LoadError::TooHeavy {
                name: owned(),
                function,
                what,
                count,
                most,
            },
            Refused::OverBudget(over) => LoadError::over_budget(name, over),
        }
    }
}
