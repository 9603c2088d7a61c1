//! A folder of control sockets, opened once.
//!
//! What is in it is reached by way of the handle and not by the folder's name, which may lead elsewhere a moment later. Linux takes
//! no handle for the folder of a socket, but it has a name for what a program has open, `/proc/self/fd/NUMBER`. That is also short, so the folder's
//! own path may be as long as it likes. Where there is no such name, the folder's own is used, and what was made is looked at by way of the
//! handle.
//!
//! Invariant: nothing is made in a folder that was not checked, and removed is only what has been looked at.

use crate::error::PlaceError;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a folder is tried that somebody else has locked, and the pause between: two seconds
/// together, where a socket takes milliseconds. A shared folder could stay locked for ever.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The mode of the usual folder, and what of it others have.
const OURS_ALONE: u32 = 0o700;
const OF_OTHERS: u32 = 0o077;

/// The folder.
#[derive(Debug)]
pub(super) struct Folder {
    handle: File,
    /// As it is shown.
    path: PathBuf,
    /// By which name things in it are reached.
    reach: PathBuf,
}

/// The folder, locked until this is dropped. The system unlocks what a killed runner had locked.
pub(super) struct Locked<'a>(&'a Folder);

/// A thing in the folder: which it is, whatever has its name later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Folder {
    /// Opens the user's own, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be, is somebody else's, or others can get into it.
    pub(super) fn of_user(path: &Path) -> Result<Self, PlaceError> {
        match fs::DirBuilder::new().mode(OURS_ALONE).create(path) {
            Err(source) if source.kind() != ErrorKind::AlreadyExists => {
                Err(PlaceError::MakeFolder {
                    path: path.to_owned(),
                    source,
                })
            }
            _ => Self::of_user_there(path),
        }
    }

    /// Opens the user's own if it is there and can be used.
    pub(super) fn of_user_if_there(path: &Path) -> Option<Self> {
        Self::of_user_there(path).ok()
    }

    fn of_user_there(path: &Path) -> Result<Self, PlaceError> {
        let foreign = |source| PlaceError::NotYours {
            path: path.to_owned(),
            source,
        };
        let opened = Self::open_with(path, OFlags::NOFOLLOW);
        let folder = opened.map_err(|error| foreign(Some(error)))?;
        let found = folder.handle.metadata();
        let found = found.map_err(|error| foreign(Some(error)))?;
        if found.uid() != super::place::user() {
            return Err(foreign(None));
        }
        if found.mode() & OF_OTHERS != 0 {
            let path = path.to_owned();
            return Err(PlaceError::OpenToOthers { path });
        }
        Ok(folder)
    }

    /// Opens the one that somebody has named.
    ///
    /// # Errors
    /// When it cannot be.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::open_with(path, OFlags::empty())
    }

    fn open_with(path: &Path, more: OFlags) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
        let handle: File = rustix::fs::open(path, flags, Mode::empty())?.into();
        let opened = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
        let of_handle = handle.metadata()?;
        let is_it = |found: fs::Metadata| (found.dev(), found.ino());
        let is_reached = fs::metadata(&opened).is_ok_and(|found| is_it(found) == is_it(of_handle));
        Ok(Self {
            handle,
            reach: if is_reached { opened } else { path.to_owned() },
            path: path.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path by which a socket of this name is reached.
    pub(super) fn reach(&self, name: &str) -> PathBuf {
        self.reach.join(name)
    }

    /// The names of all there is in it.
    pub(super) fn names(&self) -> Vec<String> {
        let entries = Dir::read_from(&self.handle).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_str().map(str::to_owned));
        names.filter_map(Result::ok).collect()
    }

    /// What has this name, and whether it is a socket.
    pub(super) fn find(&self, name: &str) -> io::Result<(Identity, bool)> {
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok((identity(&found), is_socket(&found)))
    }

    /// Removes what has this name.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// Checks that it is a socket of this user's alone that has this name, as it was just made.
    pub(super) fn made(&self, name: &str) -> io::Result<Identity> {
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let others = found.st_mode & OF_OTHERS != 0;
        match is_socket(&found) && found.st_uid == super::place::user() && !others {
            true => Ok(identity(&found)),
            false => Err(io::Error::other(
                "something else was put in its place meanwhile",
            )),
        }
    }

    /// Locks it.
    ///
    /// # Errors
    /// When somebody else keeps it locked, or the system refuses.
    pub(super) async fn lock(&self) -> Result<Locked<'_>, PlaceError> {
        let path = || self.path.clone();
        for _ in 0..LOCK_TRIES {
            match self.handle.try_lock() {
                Ok(()) => return Ok(Locked(self)),
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
                Err(fs::TryLockError::Error(source)) => {
                    let path = path();
                    return Err(PlaceError::Lock { path, source });
                }
            }
        }
        Err(PlaceError::StaysLocked { path: path() })
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let _ = self.0.handle.unlock();
    }
}

fn identity(found: &Stat) -> Identity {
    Identity(found.st_dev, found.st_ino)
}

fn is_socket(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Socket
}
