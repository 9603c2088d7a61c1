//! A folder of control sockets, opened once.
//!
//! Files in the folder are reached through the open handle and not by the folder's name, because the name may lead
//! elsewhere a moment later. Linux has no call that takes a folder handle for a socket, but it names every open file
//! `/proc/self/fd/NUMBER`. That name is also short, so the folder's own path may have any length. Where this name does
//! not exist, the folder's own path is used, and a new socket is checked through the handle.
//!
//! Invariant: a file is created only in a folder that was checked, and only a file that was looked at is removed.

use crate::error::SocketError;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a locked folder is tried, and the pause between two tries: two seconds in all, while a socket takes
/// milliseconds. The limit is there because another user could lock a shared folder for ever.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The mode of the usual folder, and the bits of it that give other users access.
const OURS_ALONE: u32 = 0o700;
const OF_OTHERS: u32 = 0o077;

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder {
    handle: File,
    /// The path that messages show.
    path: PathBuf,
    /// The path that leads to the folder's files.
    reach: PathBuf,
}

/// A locked folder. Dropping this unlocks it; the system unlocks it when a runner is killed.
pub(super) struct Locked<'a>(&'a Folder);

/// The identity of a file in the folder. It stays the same when another file takes the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Folder {
    /// Opens the user's own folder, and creates it if it does not exist.
    ///
    /// # Errors
    /// When the folder cannot be created or opened, belongs to another user, or is accessible to others.
    pub(super) fn of_user(path: &Path) -> Result<Self, SocketError> {
        match fs::DirBuilder::new().mode(OURS_ALONE).create(path) {
            Err(source) if source.kind() != ErrorKind::AlreadyExists => {
                Err(SocketError::MakeFolder {
                    path: path.to_owned(),
                    source,
                })
            }
            _ => Self::of_user_there(path),
        }
    }

    /// Opens the user's own folder if it exists and is usable.
    pub(super) fn of_user_if_there(path: &Path) -> Option<Self> {
        Self::of_user_there(path).ok()
    }

    fn of_user_there(path: &Path) -> Result<Self, SocketError> {
        let foreign = |source| SocketError::NotYours {
            path: path.to_owned(),
            source,
        };
        let opened = Self::open_with(path, OFlags::NOFOLLOW);
        let folder = opened.map_err(|error| foreign(Some(error)))?;
        let found = folder.handle.metadata();
        let found = found.map_err(|error| foreign(Some(error)))?;
        if found.uid() != super::socket::user() {
            return Err(foreign(None));
        }
        if found.mode() & OF_OTHERS != 0 {
            let path = path.to_owned();
            return Err(SocketError::OpenToOthers { path });
        }
        Ok(folder)
    }

    /// Opens a folder that the user named.
    ///
    /// # Errors
    /// When the folder cannot be opened.
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

    /// The path that reaches a socket of this name.
    pub(super) fn reach(&self, name: &str) -> PathBuf {
        self.reach.join(name)
    }

    /// The names of all files in the folder.
    pub(super) fn names(&self) -> Vec<String> {
        let entries = Dir::read_from(&self.handle).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_str().map(str::to_owned));
        names.filter_map(Result::ok).collect()
    }

    /// The file of this name, and whether it is a socket.
    pub(super) fn find(&self, name: &str) -> io::Result<(Identity, bool)> {
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok((identity(&found), is_socket(&found)))
    }

    /// Removes the file of this name.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// Checks that the new file of this name is a socket that only this user can access.
    pub(super) fn made(&self, name: &str) -> io::Result<Identity> {
        let found = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let others = found.st_mode & OF_OTHERS != 0;
        match is_socket(&found) && found.st_uid == super::socket::user() && !others {
            true => Ok(identity(&found)),
            false => Err(io::Error::other(
                "something else was put in its place meanwhile",
            )),
        }
    }

    /// Locks the folder.
    ///
    /// # Errors
    /// When another program keeps the folder locked, or the system refuses.
    pub(super) async fn lock(&self) -> Result<Locked<'_>, SocketError> {
        let path = || self.path.clone();
        for _ in 0..LOCK_TRIES {
            match self.handle.try_lock() {
                Ok(()) => return Ok(Locked(self)),
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
                Err(fs::TryLockError::Error(source)) => {
                    let path = path();
                    return Err(SocketError::Lock { path, source });
                }
            }
        }
        Err(SocketError::StaysLocked { path: path() })
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
