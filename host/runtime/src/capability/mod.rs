//! Capabilities: what a process may do.
//!
//! `kind` lists the capabilities of the runtime's own interfaces. A [`Capabilities`] value is the complete set a process holds: plain rights,
//! environment variables and mounted folders. It is not a policy: nothing is added to
//! it later, and nothing is implied by anything else.
//!
//! Invariant: a set made by [`Capabilities::check_subset`] or through a parent
//! never holds more than the parent's.

mod kind;

pub use kind::{Capability, GrantError, GrantForm, Right, UnknownRight};

use crate::extension::OtherRight;
use crate::interface::registry::begins;
use crate::interface::{environment, filesystem};
use crate::process::shortest;
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// A folder of the host that a process sees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mount {
    /// The folder on the host. It is opened when the process is laid out, and what is done to this path
    /// later changes nothing.
    pub host_path: PathBuf,
    /// Where the process sees it, such as `/data`.
    pub guest_path: String,
    /// Whether the process may change what is in it.
    pub writable: bool,
}

impl Mount {
    /// A folder of the host that the process sees there and may read.
    #[must_use]
    pub fn new(host_path: impl Into<PathBuf>, guest_path: impl Into<String>) -> Self {
        Self {
            host_path: host_path.into(),
            guest_path: guest_path.into(),
            writable: false,
        }
    }

    /// Sets whether the process may change what is in it.
    #[must_use]
    pub fn writable(mut self, writable: bool) -> Self {
        self.writable = writable;
        self
    }
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
    /// The rights that extensions of the host declare; see [`Extensions::grant`](crate::extension::Extensions::grant).
    pub other: BTreeSet<OtherRight>,
}

/// A capability that the granter does not hold itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parent does not hold {capability}")]
pub struct CapabilityError {
    /// The capability, with its parameter.
    pub capability: String,
}

fn missing(capability: String) -> CapabilityError {
    CapabilityError { capability }
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

    /// Adds a capability as it is written in a list of them: the name of a right, or `registry-publish=PREFIX`.
    ///
    /// # Errors
    /// [`GrantError`] when the text names none, or lacks its prefix.
    pub fn grant(&mut self, text: &str) -> Result<(), GrantError> {
        let (name, prefix) = match text.split_once('=') {
            Some((name, prefix)) => (name, Some(prefix)),
            None => (text, None),
        };
        let (prefixes, capability) = match Capability::named(name) {
            Some(it @ Capability::RegistryPublish) => (&mut self.publish, it),
            Some(it @ Capability::RegistryLookup) => (&mut self.lookup, it),
            _ => {
                self.rights.insert(text.parse()?);
                return Ok(());
            }
        };
        let prefix = prefix.ok_or(GrantError::NoPrefix(capability))?;
        prefixes.insert(prefix.to_owned());
        Ok(())
    }

    /// Whether a channel may be published under this name.
    pub fn may_publish(&self, name: &str) -> bool {
        begins(name, self.publish.iter().map(String::as_str))
    }

    /// Whether a channel may be looked up by this name.
    pub fn may_lookup(&self, name: &str) -> bool {
        begins(name, self.lookup.iter().map(String::as_str))
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
            + self.other.len()
    }

    /// Bytes of all names, values, prefixes and paths.
    pub(crate) fn text_bytes(&self) -> usize {
        let variables = self.environment.iter().map(|(k, v)| k.len() + v.len());
        let prefixes = self.publish.iter().chain(&self.lookup).map(String::len);
        let mounts = self
            .mounts
            .iter()
            .map(|mount| mount.guest_path.len() + mount.host_path.as_os_str().len());
        let other = self.other.iter().map(OtherRight::bytes);
        variables.chain(prefixes).chain(mounts).chain(other).sum()
    }

    /// Checks that `child` holds nothing this set does not. Folders are compared by their paths on the host, as they are
    /// written: links are no matter here. Rights of extensions are compared as they are written too: what they mean
    /// the host knows, which compares them when a process is started.
    ///
    /// # Errors
    /// [`CapabilityError`] names the first thing that is missing here.
    pub fn check_subset(&self, child: &Capabilities) -> Result<(), CapabilityError> {
        self.check_own_subset(child)?;
        match child.other.difference(&self.other).next() {
            Some(lacked) => Err(missing(lacked.denied())),
            None => Ok(()),
        }
    }

    /// The same but for the rights of extensions.
    pub(crate) fn check_own_subset(&self, child: &Capabilities) -> Result<(), CapabilityError> {
        match Capability::all().find_map(|capability| self.lacks(capability, child)) {
            Some(lacked) => Err(missing(lacked)),
            None => Ok(()),
        }
    }

    /// What of this capability `child` holds and this set does not.
    fn lacks(&self, capability: Capability, child: &Capabilities) -> Option<String> {
        let unheld = match capability {
            Capability::Right(right) => {
                let lacked = child.holds(right) && !self.holds(right);
                return lacked.then(|| right.name().to_owned());
            }
            Capability::Environment => environment::unheld(self, child),
            Capability::RegistryPublish => capability.uncovered(&self.publish, &child.publish),
            Capability::RegistryLookup => capability.uncovered(&self.lookup, &child.lookup),
            Capability::Filesystem => filesystem::unheld(self, child),
            // The extensions compare it.
            Capability::Extension(_) => None,
        };
        unheld.map(|value| capability.of(&value))
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
            .filter_map(|(at, own)| {
                Some((at, own, path.strip_prefix(shortest(&own.guest_path)).ok()?))
            })
            .max_by_key(|(_, own, _)| own.guest_path.len())
            .ok_or_else(denied)?;
        match writable && !own.writable {
            true => Err(missing(format!(
                "{} writable",
                Capability::Filesystem.of(source)
            ))),
            false => Ok((at, rest)),
        }
    }
}

impl CapabilityError {
    /// A folder as the one who asks for it sees it.
    pub(crate) fn filesystem(folder: &str) -> Self {
        missing(Capability::Filesystem.of(folder))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_granted_in_text_is_held() {
        for capability in Capability::all() {
            let mut set = Capabilities::none();
            let granted = set.grant(&capability.written().unwrap_or(capability.to_string()));
            match capability.form() {
                GrantForm::Elsewhere => assert!(granted.is_err(), "{capability}"),
                _ => assert_eq!((granted, set.entries()), (Ok(()), 1), "{capability}"),
            }
            let lacked = Capabilities::none().check_subset(&set).err();
            let lacked = lacked.map(|error| error.capability);
            let wanted = match capability.form() {
                GrantForm::Name => Some(capability.to_string()),
                GrantForm::Value => Some(capability.of("PREFIX")),
                GrantForm::Elsewhere => None,
            };
            assert_eq!(lacked, wanted);
        }
        let bare = Capabilities::none().grant("registry-lookup");
        assert_eq!(bare, Err(GrantError::NoPrefix(Capability::RegistryLookup)));
        assert!(Capabilities::none().grant("clocks=").is_err());
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
