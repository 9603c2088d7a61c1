//! Mounts: the folders of a process, as open handles.
//!
//! A folder is opened once. The embedder's folders are opened by their host paths when the process is laid out, and kept open if the process may
//! be restarted. A child's folders are opened beneath the open folder of its parent's mount. So a guest cannot redirect a mount by moving
//! folders or placing links. Handles are passed on, never paths.
//!
//! `capability` decides which mounts a child may have.

use super::Calls;
use super::open_file::OpenFile;
use super::resolve;
use super::shares::NoDescriptor;
use crate::capability::{CapabilityError, Mount};
use crate::process::shortest;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use wasmtime_wasi::{FsPerms, OpenMode};

/// A mount whose folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot mount {} at {}: {reason}", mount.host_path.display(), mount.guest_path)]
pub struct MountError {
    mount: Mount,
    reason: String,
}

/// Why a process cannot have its mounts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoMount {
    #[error(transparent)]
    Folder(#[from] MountError),
    #[error(transparent)]
    Denied(#[from] CapabilityError),
    #[error(transparent)]
    Descriptor(#[from] NoDescriptor),
}

/// A mounted folder.
#[derive(Clone)]
pub(crate) struct OpenMount {
    pub(super) guest_path: String,
    pub(super) folder: Arc<OpenFile>,
}

/// How to find the folders of a process's mounts.
pub(crate) enum Folders<'a> {
    /// By their host paths.
    ByPath,
    /// Kept folders; any others by their host paths.
    Kept(&'a KeptFolders),
    /// Beneath the parent's folders, one for each mount.
    Beneath(&'a [Beneath]),
}

/// The embedder's folders, kept open from one process to its replacement.
#[derive(Debug, Default)]
pub(crate) struct KeptFolders(Vec<(Mount, File)>);

impl KeptFolders {
    /// Opens the folders of a process's mounts once more, to keep them.
    pub(crate) fn of(mounts: &[Mount], opened: &[OpenMount]) -> Result<Self, MountError> {
        let folders = mounts.iter().zip(opened).map(|(mount, opened)| {
            let folder = open_folder(opened.folder.of_system(), Path::new("."), mount)?;
            Ok((mount.clone(), folder))
        });
        Ok(Self(folders.collect::<Result<_, _>>()?))
    }

    /// Opens the folder of a mount once more: a new handle has its own position when the folder is listed.
    fn again(&self, mount: &Mount) -> Result<File, MountError> {
        let Some((_, folder)) = self.0.iter().find(|(kept, _)| kept == mount) else {
            return of_host(mount);
        };
        // The path is not used: a guest may have put another folder there since.
        let links = folder.metadata().map_or(0, |found| found.nlink());
        if links == 0 {
            let reason = "the folder has been removed since it was mounted first".to_owned();
            let mount = mount.clone();
            return Err(MountError { mount, reason });
        }
        open_folder(folder, Path::new("."), mount)
    }
}

/// A folder that a guest gives to its child.
pub(crate) struct Beneath {
    parent: Arc<OpenFile>,
    path: String,
    /// The folder as the guest named it.
    source: String,
}

impl OpenMount {
    /// A folder beneath this mount, for a child.
    pub(crate) fn beneath(&self, path: &Path, source: String) -> Beneath {
        Beneath {
            parent: self.folder.clone(),
            // For the mount itself the path is empty, and becomes `./`.
            path: format!("./{}", path.display()),
            source,
        }
    }
}

/// Opens the mounts of a process.
pub(super) fn open(
    mounts: &[Mount],
    folders: &Folders<'_>,
    calls: &Arc<Calls>,
) -> Result<Vec<OpenMount>, NoMount> {
    let opened = mounts.iter().enumerate().map(|(at, mount)| {
        let share = calls.descriptor_of_mount()?;
        let folder = match folders {
            Folders::ByPath => of_host(mount)?,
            Folders::Kept(kept) => kept.again(mount)?,
            Folders::Beneath(beneath) => {
                let missing = || CapabilityError::filesystem(&mount.guest_path);
                beneath.get(at).ok_or_else(missing)?.open()?
            }
        };
        let (permissions, mode) = match mount.writable {
            true => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
            false => (FsPerms::ReadOnly, OpenMode::READ),
        };
        Ok(OpenMount {
            guest_path: shortest(&mount.guest_path),
            folder: OpenFile::folder(folder, permissions, mode, share, calls),
        })
    });
    opened.collect()
}

/// Opens a folder of the embedder's.
fn of_host(mount: &Mount) -> Result<File, MountError> {
    open_folder(CWD, &mount.host_path, mount)
}

fn open_folder(at: impl AsFd, path: &Path, mount: &Mount) -> Result<File, MountError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = openat(at, path, flags, Mode::empty());
    opened.map(File::from).map_err(|error| MountError {
        mount: mount.clone(),
        reason: io::Error::from(error).to_string(),
    })
}

impl Beneath {
    /// Follows links that stay in the parent's mount.
    fn open(&self) -> Result<File, CapabilityError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let opened = resolve::open(self.parent.of_system(), &self.path, flags);
        opened.map_err(|_| CapabilityError::filesystem(&self.source))
    }
}
