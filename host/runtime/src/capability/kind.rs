//! The declaration of every capability, once: its name, what it is granted with, and how both are written and shown.
//!
//! Which calls need it is said where those are declared, in `hostcalls` and, for WASI, in `component/offers`; how it is compared with a
//! parent's in `Capabilities`, where the compiler asks for it.
//!
//! To add a right: a row here and a case in `wit/types.wit`. One with a value takes a field of `Capabilities` as well.

use crate::extension::ExtensionRight;
use crate::naming::named;
use std::str::FromStr;

named! {
    /// A right that is held or not, without parameters.
    pub enum Right {
        /// Create channels, and drain or terminate the ones held.
        ChannelLifecycle = "channel-lifecycle",
        /// Make readers of a channel held, and read.
        ChannelReader = "channel-reader",
        /// Make writers of a channel held, and write.
        ChannelWriter = "channel-writer",
        /// Start processes, and stop those whose handle is held.
        ProcessLifecycle = "process-lifecycle",
        /// Look up the log channel of a process whose handle is held.
        LogReader = "log-reader",
        /// Read the wall clock and the monotonic clock.
        Clocks = "clocks",
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
    /// As `NAME=PREFIX`.
    Prefix,
    /// As `NAME=VALUE`, and what the value means an extension says.
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

    /// The name used in the WIT, in manifests, on the command line and in denials.
    pub const fn name(self) -> &'static str {
        match self {
            Capability::Right(right) => right.name(),
            Capability::Environment => "environment",
            Capability::RegistryPublish => "registry-publish",
            Capability::RegistryLookup => "registry-lookup",
            Capability::Filesystem => "filesystem",
            Capability::Extension(right) => right.name,
        }
    }

    /// How it is granted in text.
    pub fn form(self) -> GrantForm {
        match self {
            Capability::Right(_) => GrantForm::Name,
            Capability::RegistryPublish | Capability::RegistryLookup => GrantForm::Prefix,
            Capability::Extension(right) => match right.value {
                Some(_) => GrantForm::Value,
                None => GrantForm::Name,
            },
            Capability::Environment | Capability::Filesystem => GrantForm::Elsewhere,
        }
    }

    /// How it is written in a list of capabilities, where it can stand in one.
    pub fn written(self) -> Option<String> {
        match self.form() {
            GrantForm::Name => Some(self.name().to_owned()),
            GrantForm::Prefix => Some(format!("{}=PREFIX", self.name())),
            GrantForm::Value => match self {
                Capability::Extension(right) => Some(right.written()),
                _ => None,
            },
            GrantForm::Elsewhere => None,
        }
    }

    /// It with a value, as denials have it: `registry-lookup(jobs/1)`.
    pub(crate) fn of(self, value: &str) -> String {
        format!("{}({value})", self.name())
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
}
