//! The capabilities of the runtime's own interfaces, as the code knows them. Each is declared in its folder of `interface`, as an
//! [`ExtensionRight`]: how it is called, what its values are and how they are compared.
//!
//! Those that are listed here have a place of their own in [`Capabilities`](super::Capabilities), in the contract and in the code, so that a call is
//! checked without a search for a name. A right that is declared in a folder and not listed here is held as those of extensions from outside are.
//!
//! To add one with such a place: a row or a variant here, and a case in `wit/types.wit`. One with a value takes a field of `Capabilities` as well.

use crate::extension::ExtensionRight;
use crate::interface::{channel, clocks, environment, filesystem, process, registry};
use std::collections::BTreeSet;
use std::str::FromStr;

/// Declares the enum, each variant with the declaration of its right.
macro_rules! rights {
    ($($(#[$doc:meta])* $right:ident = $declared:expr,)*) => {
        /// A right that is held or not, without parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right { $($(#[$doc])* $right,)* }

        impl Right {
            /// All variants.
            pub const ALL: [Right; [$($declared),*].len()] = [$(Right::$right,)*];

            /// What its folder declares of it.
            pub const fn declared(self) -> &'static ExtensionRight {
                match self { $(Right::$right => $declared,)* }
            }
        }
    };
}

rights! {
    /// Create channels, and drain or terminate the ones held.
    ChannelLifecycle = channel::CHANNELS,
    /// Make readers of a channel held, and read.
    ChannelReader = channel::READER,
    /// Make writers of a channel held, and write.
    ChannelWriter = channel::WRITER,
    /// Start processes, and stop those whose handle is held.
    ProcessLifecycle = process::PROCESSES,
    /// Look up the log channel of a process whose handle is held.
    LogReader = process::LOGS,
    /// Read the wall clock and the monotonic clock.
    Clocks = clocks::CLOCKS,
}

impl Right {
    /// Its name.
    pub const fn name(self) -> &'static str {
        self.declared().name
    }
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is none of [`Right::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown capability `{0}`; there are: {all}", all = Right::ALL.map(Right::name).join(", "))]
pub struct UnknownRight(pub String);

impl FromStr for Right {
    type Err = UnknownRight;

    fn from_str(name: &str) -> Result<Self, UnknownRight> {
        Right::ALL
            .into_iter()
            .find(|right| right.name() == name)
            .ok_or_else(|| UnknownRight(name.to_owned()))
    }
}

/// A capability, without the value that one is granted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// A right.
    Right(Right),
    /// See one environment variable, with this value.
    Environment,
    /// Publish channels under names that start with a prefix.
    RegistryPublish,
    /// Look up channels under names that start with a prefix.
    RegistryLookup,
    /// See one folder.
    Filesystem,
    /// A right that an extension of the host declares.
    Extension(&'static ExtensionRight),
}

/// How a capability is granted in text, as in a list of capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantForm {
    /// By its name.
    Name,
    /// As `NAME=VALUE`.
    Value,
    /// In no such list: it has settings of its own.
    Elsewhere,
}

impl Capability {
    /// Every one that the runtime has itself, the rights first. With those of extensions:
    /// [`Extensions::capabilities`](crate::extension::Extensions::capabilities).
    pub fn all() -> impl Iterator<Item = Capability> {
        let with_value = [
            Capability::Environment,
            Capability::RegistryPublish,
            Capability::RegistryLookup,
            Capability::Filesystem,
        ];
        Right::ALL
            .into_iter()
            .map(Capability::Right)
            .chain(with_value)
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Capability> {
        Capability::all().find(|capability| capability.name() == name)
    }

    /// What is declared of it.
    pub const fn declared(self) -> &'static ExtensionRight {
        match self {
            Capability::Right(right) => right.declared(),
            Capability::Environment => environment::ENVIRONMENT,
            Capability::RegistryPublish => registry::PUBLISH,
            Capability::RegistryLookup => registry::LOOKUP,
            Capability::Filesystem => filesystem::FILESYSTEM,
            Capability::Extension(right) => right,
        }
    }

    /// The name used in the WIT, in manifests, on the command line and in denials.
    pub const fn name(self) -> &'static str {
        self.declared().name
    }

    /// How it is granted in text.
    pub fn form(self) -> GrantForm {
        match (self, &self.declared().value) {
            (Capability::Environment | Capability::Filesystem, _) => GrantForm::Elsewhere,
            (_, Some(_)) => GrantForm::Value,
            (_, None) => GrantForm::Name,
        }
    }

    /// How it is written in a list of capabilities, where it can stand in one.
    pub fn written(self) -> Option<String> {
        match self.form() {
            GrantForm::Name | GrantForm::Value => Some(self.declared().written()),
            GrantForm::Elsewhere => None,
        }
    }

    /// The first of these values that whoever holds the others may not hand on.
    pub(super) fn uncovered(
        self,
        held: &BTreeSet<String>,
        asked: &BTreeSet<String>,
    ) -> Option<String> {
        let held: Vec<_> = held.iter().map(String::as_str).collect();
        let covers = self.declared().value.as_ref().map(|value| value.covers);
        let covers = |asked: &str| covers.is_some_and(|covers| covers(&held, asked));
        asked.iter().find(|asked| !covers(asked)).cloned()
    }

    /// It with a value, as denials have it: `registry-lookup(jobs/1)`.
    pub(crate) fn of(self, value: &str) -> String {
        format!("{}({value})", self.name())
    }
}

/// The one of this declaration.
impl From<&'static ExtensionRight> for Capability {
    fn from(right: &'static ExtensionRight) -> Self {
        Capability::named(right.name).unwrap_or(Capability::Extension(right))
    }
}

impl From<Right> for Capability {
    fn from(right: Right) -> Self {
        Capability::Right(right)
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A text that grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// It names no right.
    #[error(transparent)]
    Unknown(#[from] UnknownRight),
    /// The prefix is missing.
    #[error("`{0}` is for names with a prefix; write {0}=PREFIX, or {0}= for all names")]
    NoPrefix(Capability),
    /// It names no right, of a host that has more of them than the runtime itself.
    #[error("unknown capability `{name}`; there are: {offered}")]
    NotOffered {
        /// The name.
        name: String,
        /// The rights there are.
        offered: String,
    },
    /// The value of a right of an extension is missing.
    #[error("`{name}` needs a value; write {written}", name = .0.name, written = .0.written())]
    NoValue(&'static ExtensionRight),
    /// A right of an extension has no value.
    #[error("`{name}` is a right without a value", name = .0.name)]
    HasNoValue(&'static ExtensionRight),
    /// The value of a right of an extension is none.
    #[error("`{name}={value}`: {reason}", name = right.name)]
    Value {
        /// The right.
        right: &'static ExtensionRight,
        /// What was given.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::interface::BUILT_IN;

    #[test]
    fn every_right_parses_from_its_own_name() {
        for right in Right::ALL {
            assert_eq!(right.name().parse::<Right>().unwrap(), right);
        }
        assert!("root".parse::<Right>().is_err());
    }

    #[test]
    fn every_capability_is_found_by_its_name() {
        for capability in Capability::all() {
            assert_eq!(Capability::named(capability.name()), Some(capability));
        }
        assert_eq!(Capability::named("root"), None);
    }

    #[test]
    fn every_capability_is_a_right_of_one_folder() {
        let rights = BUILT_IN.iter().flat_map(|unit| unit.rights());
        let rights: Vec<_> = rights.map(|right| right.name).collect();
        for capability in Capability::all() {
            let of_name = rights.iter().filter(|name| **name == capability.name());
            assert_eq!(of_name.count(), 1, "{capability}");
            let declared = Capability::from(capability.declared());
            assert_eq!(declared, capability);
        }
    }
}
