//! What a guest grants to a child that it starts.
//!
//! Invariant: the file system is not looked at, and the length of the list is before what is in it, so that no list of a guest's
//! holds a thread.

use crate::capability::{Capabilities, Capability as Kind, GrantError, Mount, Right, UnknownRight};
use crate::extension::{Extensions, OtherRight};
use crate::interface::filesystem::{Beneath, PATH_BYTES};
use crate::interface::generated::weft::fabric::types::{self as wit, Capability, Error};
use crate::limits::{CAPABILITIES, CAPABILITY_BYTES};
use crate::process::{ProcessState, StartError};

impl ProcessState {
    /// The set a child asks for, with the folders behind its mounts, which are inside this process's own. The file system
    /// is not looked at.
    pub(super) fn child_capabilities(
        &self,
        extensions: &Extensions,
        asked: Vec<Capability>,
    ) -> Result<(Capabilities, Vec<Beneath>), Error> {
        let (given, most) = (asked.len(), CAPABILITIES);
        if given > most {
            let what = "capabilities";
            return Err(StartError::TooManyCapabilities { what, given, most }.into());
        }
        let (mut set, mut folders) = (Capabilities::none(), Vec::new());
        for capability in asked {
            let right = match capability {
                Capability::ChannelLifecycle => Right::ChannelLifecycle,
                Capability::ChannelReader => Right::ChannelReader,
                Capability::ChannelWriter => Right::ChannelWriter,
                Capability::ProcessLifecycle => Right::ProcessLifecycle,
                Capability::LogReader => Right::LogReader,
                Capability::Clocks => Right::Clocks,
                Capability::RegistryPublish(prefix) => {
                    set.publish.insert(prefix);
                    continue;
                }
                Capability::RegistryLookup(prefix) => {
                    set.lookup.insert(prefix);
                    continue;
                }
                Capability::Environment(variable) => {
                    set.environment.insert(variable.name, variable.value);
                    continue;
                }
                Capability::Other(text) => {
                    grant_other(extensions, &mut set, &text)?;
                    continue;
                }
                Capability::Filesystem(mount) => {
                    let (mount, folder) = self.narrow(mount)?;
                    set.mounts.push(mount);
                    folders.push(folder);
                    continue;
                }
            };
            set.rights.insert(right);
        }
        Ok((set, folders))
    }

    /// A folder of this process's for a child.
    fn narrow(&self, asked: wit::Mount) -> Result<(Mount, Beneath), Error> {
        let wit::Mount {
            source,
            guest_path,
            writable,
        } = asked;
        if source.len() > PATH_BYTES {
            return Err(Error::InvalidArgument(format!(
                "the path of a folder has at most {PATH_BYTES} bytes, {} given",
                source.len()
            )));
        }
        let found = self.capabilities.find_folder(&source, writable);
        let (at, path) = found.map_err(|error| Error::PermissionDenied(error.capability))?;
        let denied = || Error::PermissionDenied(Kind::Filesystem.of(&source));
        let own = self.capabilities.mounts.get(at).ok_or_else(denied)?;
        let opened = self.files.mounts().get(at).ok_or_else(denied)?;
        let mount = Mount {
            host_path: own.host_path.join(path),
            guest_path,
            writable,
        };
        Ok((mount, opened.beneath(path, source.clone())))
    }
}

/// Bytes of an unknown right that a denial repeats.
const DENIED_BYTES: usize = 128;

/// Adds a right that a guest has written as a text. One that the host does not know its parent cannot hold either.
fn grant_other(extensions: &Extensions, set: &mut Capabilities, text: &str) -> Result<(), Error> {
    // Before it is read, which is not the host's own work.
    if text.len() > CAPABILITY_BYTES {
        let (what, given, most) = ("bytes of the capabilities", text.len(), CAPABILITY_BYTES);
        return Err(StartError::TooManyCapabilities { what, given, most }.into());
    }
    extensions.grant(set, text).map_err(|error| match error {
        GrantError::Unknown(UnknownRight(text)) | GrantError::NotOffered { name: text, .. } => {
            let mut denied = OtherRight::of(&text).denied();
            denied.truncate(denied.floor_char_boundary(DENIED_BYTES));
            Error::PermissionDenied(denied)
        }
        error => StartError::from(error).into(),
    })
}
