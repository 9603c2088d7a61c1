//! Capabilities: what a process may do.
//!
//! A [`Capabilities`] value is the complete set a process holds: plain rights,
//! environment variables and mounted folders. It is not a policy: nothing is added to
//! it later, and nothing is implied by anything else.
//!
//! Invariant: a set made by [`Capabilities::check_subset`] or through a parent
//! never holds more than the parent's.

use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// A right that is held or not, without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Create channels, and drain or terminate the ones held.
    ChannelLifecycle,
    /// Make readers of a channel held, and read.
    ChannelReader,
    /// Make writers of a channel held, and write.
    ChannelWriter,
    /// Start processes, and stop those whose handle is held.
    ProcessLifecycle,
    /// Look up the log channel of a process whose handle is held.
    LogReader,
    /// Read the wall clock and the monotonic clock.
    Clocks,
}

impl Right {
    /// Every right there is.
    pub const ALL: [Right; 6] = [
        Right::ChannelLifecycle,
        Right::ChannelReader,
        Right::ChannelWriter,
        Right::ProcessLifecycle,
        Right::LogReader,
        Right::Clocks,
    ];

    /// The name used in the WIT, in manifests, on the command line and in denials.
    pub fn name(self) -> &'static str {
        match self {
            Right::ChannelLifecycle => "channel-lifecycle",
            Right::ChannelReader => "channel-reader",
            Right::ChannelWriter => "channel-writer",
            Right::ProcessLifecycle => "process-lifecycle",
            Right::LogReader => "log-reader",
            Right::Clocks => "clocks",
        }
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

/// A folder of the host that a process sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The folder on the host. It is opened when the process is laid out, and what is done to this path
    /// later changes nothing.
    pub host_path: PathBuf,
    /// Where the process sees it, such as `/data`.
    pub guest_path: String,
    /// Whether the process may change what is in it.
    pub writable: bool,
}

/// Everything a process may do. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The plain rights.
    pub rights: BTreeSet<Right>,
    /// The environment variables it sees, by name; it sees them in this order.
    pub environment: IndexMap<String, String>,
    /// The folders it sees.
    pub mounts: Vec<Mount>,
    /// Prefixes of names it may publish channels under.
    pub publish: BTreeSet<String>,
    /// Prefixes of names it may look channels up by.
    pub lookup: BTreeSet<String>,
}

/// A capability that the granter does not hold itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parent does not hold {capability}")]
pub struct CapabilityError {
    /// The capability, with its parameter.
    pub capability: String,
}

fn starts_with_any(name: &str, prefixes: &BTreeSet<String>) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn missing(capability: impl Into<String>) -> CapabilityError {
    CapabilityError {
        capability: capability.into(),
    }
}

impl Capabilities {
    /// Nothing at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The three channel rights: what an ordinary stage of a pipeline needs.
    pub fn channels() -> Self {
        Self::none().with([
            Right::ChannelLifecycle,
            Right::ChannelReader,
            Right::ChannelWriter,
        ])
    }

    /// This set and the given rights.
    pub fn with(mut self, rights: impl IntoIterator<Item = Right>) -> Self {
        self.rights.extend(rights);
        self
    }

    /// This set and a folder.
    pub fn with_mount(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
        self
    }

    /// Whether a channel may be published under this name.
    pub fn may_publish(&self, name: &str) -> bool {
        starts_with_any(name, &self.publish)
    }

    /// Whether a channel may be looked up by this name.
    pub fn may_lookup(&self, name: &str) -> bool {
        starts_with_any(name, &self.lookup)
    }

    /// Whether the right is held.
    pub fn holds(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Entries of all kinds.
    pub(crate) fn entries(&self) -> usize {
        self.rights.len()
            + self.environment.len()
            + self.mounts.len()
            + self.publish.len()
            + self.lookup.len()
    }

    /// Bytes of all names, values, prefixes and paths.
    pub(crate) fn text_bytes(&self) -> usize {
        let variables = self.environment.iter().map(|(k, v)| k.len() + v.len());
        let prefixes = self.publish.iter().chain(&self.lookup).map(String::len);
        let mounts = self
            .mounts
            .iter()
            .map(|mount| mount.guest_path.len() + mount.host_path.as_os_str().len());
        variables.chain(prefixes).chain(mounts).sum()
    }

    /// Checks that `child` holds nothing this set does not. Folders are compared by their paths on the host, as they are
    /// written: links are no matter here.
    ///
    /// # Errors
    /// [`CapabilityError`] names the first thing that is missing here.
    pub fn check_subset(&self, child: &Capabilities) -> Result<(), CapabilityError> {
        if let Some(right) = child.rights.difference(&self.rights).next() {
            return Err(missing(right.name()));
        }
        for (name, value) in &child.environment {
            if self.environment.get(name) != Some(value) {
                return Err(missing(format!("environment({name}={value})")));
            }
        }
        if let Some(prefix) = child
            .publish
            .iter()
            .find(|prefix| !self.may_publish(prefix))
        {
            return Err(missing(format!("registry-publish({prefix})")));
        }
        if let Some(prefix) = child.lookup.iter().find(|prefix| !self.may_lookup(prefix)) {
            return Err(missing(format!("registry-lookup({prefix})")));
        }
        for mount in &child.mounts {
            let held = self.mounts.iter().any(|own| {
                mount.host_path.starts_with(&own.host_path) && (own.writable || !mount.writable)
            });
            if !held {
                return Err(missing(format!("filesystem({})", mount.guest_path)));
            }
        }
        Ok(())
    }

    /// Finds a folder, as this process sees it, in its mounts: which of them it is in, and where there. Only the
    /// names are looked at; what they stand for is found out when the folder is opened beneath the mount.
    ///
    /// # Errors
    /// [`CapabilityError`] when the folder is in none of the mounts, or is asked for writable where it is read-only.
    pub(crate) fn find_folder<'a>(
        &self,
        source: &'a str,
        writable: bool,
    ) -> Result<(usize, &'a Path), CapabilityError> {
        let denied = || CapabilityError::filesystem(source);
        let path = Path::new(source);
        if path
            .components()
            .any(|part| matches!(part, Component::ParentDir))
        {
            return Err(denied());
        }
        // The longest guest path that contains the source is the one its path means.
        let (at, own, rest) = self
            .mounts
            .iter()
            .enumerate()
            .filter_map(|(at, own)| Some((at, own, path.strip_prefix(&own.guest_path).ok()?)))
            .max_by_key(|(_, own, _)| own.guest_path.len())
            .ok_or_else(denied)?;
        match writable && !own.writable {
            true => Err(missing(format!("filesystem({source}) writable"))),
            false => Ok((at, rest)),
        }
    }
}

impl CapabilityError {
    /// A folder as the one who asks for it sees it.
    pub(crate) fn filesystem(folder: &str) -> Self {
        missing(format!("filesystem({folder})"))
    }
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
    fn a_child_cannot_hold_what_its_parent_lacks() {
        let parent = Capabilities::channels();
        assert!(parent.check_subset(&Capabilities::none()).is_ok());
        assert!(parent.check_subset(&parent).is_ok());
        let child = Capabilities::none().with([Right::Clocks]);
        assert_eq!(
            parent.check_subset(&child).unwrap_err().capability,
            "clocks"
        );
        let mut parent = parent;
        parent.publish.insert("orders/".into());
        for (prefix, held) in [
            ("orders/eu/", true),
            ("orders/", true),
            ("orders", false),
            ("", false),
        ] {
            let mut child = Capabilities::none();
            child.publish.insert(prefix.into());
            assert_eq!(parent.check_subset(&child).is_ok(), held, "{prefix}");
            let mut child = Capabilities::none();
            child.lookup.insert(prefix.into());
            assert!(parent.check_subset(&child).is_err(), "{prefix}");
        }
        let mut child = Capabilities::none();
        child.environment.insert("TOKEN".into(), "1".into());
        assert!(parent.check_subset(&child).is_err());
    }

    #[test]
    fn a_folder_is_found_in_the_innermost_mount_by_its_name_alone() {
        let mount = |guest_path: &str, writable| Mount {
            host_path: "/nowhere".into(),
            guest_path: guest_path.into(),
            writable,
        };
        let parent = Capabilities::none()
            .with_mount(mount("/data", false))
            .with_mount(mount("/data/inner", true));
        let found = |source, writable| parent.find_folder(source, writable).ok();
        assert_eq!(found("/data", false), Some((0, Path::new(""))));
        assert_eq!(found("/data/a/b", false), Some((0, Path::new("a/b"))));
        assert_eq!(found("/data/a/b", true), None);
        assert_eq!(found("/data/inner/c", true), Some((1, Path::new("c"))));
        for bad in ["/data/../x", "/data/inner/..", "/etc", "/dat", "data", ""] {
            assert_eq!(found(bad, false), None, "{bad}");
        }
    }
}
