//! Mounts: the folders that a process sees, as open handles.
//!
//! A folder is opened once. Those of the embedder are opened by their paths on the host when the process is laid out, and kept open for one that
//! may be started again; those of a child are opened beneath the opened folder of its parent's mount. So nothing that a guest moves or
//! links meanwhile leads anywhere else. What is handed on is the handle, never the path.
//!
//! Not which mounts a child may ask for; that is in `capability`.

use super::Calls;
use super::open_file::OpenFile;
use super::resolve;
use super::shares::NoDescriptor;
use crate::capability::{CapabilityError, Mount};
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

/// Where the folders of a process's mounts are found.
pub(crate) enum Folders<'a> {
    /// By their paths on the host.
    ByPath,
    /// Among those that were opened before, and any other by its path.
    Kept(&'a KeptFolders),
    /// Beneath those of its parent, one for each mount.
    Beneath(&'a [Beneath]),
}

/// Folders of the embedder's that stay open from one process to the one that is started in its place.
#[derive(Debug, Default)]
pub(crate) struct KeptFolders(Vec<(Mount, File)>);

impl KeptFolders {
    /// Opens the folders that a process has for these mounts once more, to keep them.
    pub(crate) fn of(mounts: &[Mount], opened: &[OpenMount]) -> Result<Self, MountError> {
        let folders = mounts.iter().zip(opened).map(|(mount, opened)| {
            let folder = open_folder(opened.folder.of_system(), Path::new("."), mount)?;
            Ok((mount.clone(), folder))
        });
        Ok(Self(folders.collect::<Result<_, _>>()?))
    }

    /// Opens the folder of a mount once more, with a place in its list of its own.
    fn again(&self, mount: &Mount) -> Result<File, MountError> {
        let Some((_, folder)) = self.0.iter().find(|(kept, _)| kept == mount) else {
            return of_host(mount);
        };
        // What is at its path now may be what a guest has put there.
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
    /// As the guest has named it.
    source: String,
}

impl OpenMount {
    /// A folder in this one, for a child.
    pub(crate) fn beneath(&self, path: &Path, source: String) -> Beneath {
        Beneath {
            parent: self.folder.clone(),
            // Of the mount itself nothing is left; of any other path it is a part of a text.
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
            guest_path: mount.guest_path.clone(),
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
    /// Links are followed where they stay in the parent's mount.
    fn open(&self) -> Result<File, CapabilityError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let opened = resolve::open(self.parent.of_system(), &self.path, flags);
        opened.map_err(|_| CapabilityError::filesystem(&self.source))
    }
}
