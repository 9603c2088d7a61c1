//! Opens a path beneath an open folder.
//!
//! The library's own open blocks on a pipe until its other end is opened. It also opens devices, some of which act when opened.
//! So anything known to be neither file nor folder is refused without opening it. Anything that has become a pipe or a device
//! meanwhile is opened without blocking, recognized by its handle, closed and refused. The flags mean the same as in the library.
//!
//! Invariant: opening never waits.

use super::calls::{Calls, ENTRY_BYTES};
use super::open_file::OpenFile;
use super::resolve;
use super::shares::Share;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{File, FileType};
use std::io;
use std::sync::Arc;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};
use wasmtime_wasi::{FsPerms, OpenMode};

/// Do not wait for the other end of a pipe or for a lease, and do not make a terminal the host's own.
const NEVER_WAIT: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// What to open, and how.
pub(super) struct Opening {
    pub(super) path_flags: PathFlags,
    pub(super) path: String,
    pub(super) open_flags: OpenFlags,
    pub(super) flags: DescriptorFlags,
}

impl Opening {
    /// The checks that WASI demands first. Returns what the handle may be used for.
    pub(super) fn check(&self, permissions: FsPerms) -> Result<OpenMode, ErrorCode> {
        let synchronous = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if self.flags & synchronous != DescriptorFlags::empty() {
            return Err(ErrorCode::Unsupported);
        }
        let changes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
        if self.has(OpenFlags::DIRECTORY) && self.open_flags & changes != OpenFlags::empty() {
            return Err(ErrorCode::Invalid);
        }
        let mode = self.mode();
        if mode.contains(OpenMode::WRITE) && permissions.write_not_permitted() {
            return Err(ErrorCode::NotPermitted);
        }
        Ok(mode)
    }

    fn has(&self, flag: OpenFlags) -> bool {
        self.open_flags.contains(flag)
    }

    fn mode(&self) -> OpenMode {
        let writes = self.flags.contains(DescriptorFlags::WRITE);
        let mut mode = OpenMode::empty();
        // A handle must be opened for something: for reading unless for writing.
        mode.set(
            OpenMode::READ,
            !writes || self.flags.contains(DescriptorFlags::READ),
        );
        mode.set(
            OpenMode::WRITE,
            writes || self.has(OpenFlags::CREATE) || self.has(OpenFlags::TRUNCATE),
        );
        mode
    }

    /// What the handle of a folder may be used for: also to change its contents, if requested and permitted.
    fn mode_of_folder(&self, permissions: FsPerms) -> OpenMode {
        let mut mode = OpenMode::READ;
        let asked = self.flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
        mode.set(OpenMode::WRITE, asked && !permissions.write_not_permitted());
        mode
    }

    fn follows(&self) -> bool {
        self.path_flags.contains(PathFlags::SYMLINK_FOLLOW)
    }

    fn flags_of_system(&self, create: bool) -> OFlags {
        let mode = self.mode();
        let mut flags = match (
            mode.contains(OpenMode::READ),
            mode.contains(OpenMode::WRITE),
        ) {
            (true, true) => OFlags::RDWR,
            (false, true) => OFlags::WRONLY,
            _ => OFlags::RDONLY,
        };
        flags.set(OFlags::CREATE, create);
        flags.set(OFlags::EXCL, create && self.has(OpenFlags::EXCLUSIVE));
        flags.set(OFlags::TRUNC, self.has(OpenFlags::TRUNCATE));
        flags.set(OFlags::NOFOLLOW, !self.follows());
        flags | NEVER_WAIT
    }

    /// Opens it.
    pub(super) fn open(
        &self,
        folder: &OpenFile,
        mode: OpenMode,
        share: Share,
    ) -> Result<Arc<OpenFile>, ErrorCode> {
        let (opened, kind) = self.open_handle(folder)?;
        let permissions = folder.as_folder()?.perms;
        let calls = &folder.calls;
        if kind.is_dir() {
            let mode = self.mode_of_folder(permissions);
            Ok(OpenFile::folder(opened, permissions, mode, share, calls))
        } else if self.has(OpenFlags::DIRECTORY) {
            Err(ErrorCode::NotDirectory)
        } else {
            Ok(OpenFile::file(opened, permissions, mode, share, calls))
        }
    }

    /// Opens a file or a folder, and nothing else.
    fn open_handle(&self, folder: &OpenFile) -> Result<(File, FileType), ErrorCode> {
        let calls = &folder.calls;
        let makes = self.has(OpenFlags::CREATE);
        let exclusive = makes && self.has(OpenFlags::EXCLUSIVE);
        let missing = match self.kind(folder) {
            Ok(kind) if kind.is_file() || kind.is_dir() || kind.is_symlink() => false,
            // The file exists, so an exclusive open fails.
            Ok(_) if exclusive => return Err(ErrorCode::Exist),
            Ok(_) => return Err(refused(calls)),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        // Only a new file is charged for, so a file is created only if it does not exist. Others may create or
        // remove it meanwhile.
        let opened = match makes && (missing || exclusive) {
            true => self.make(folder),
            false => match self.attempt(folder, false) {
                Err(error) if makes && error.kind() == io::ErrorKind::NotFound => self.make(folder),
                opened => opened,
            },
        };
        let opened = opened.map_err(|error| failed(calls, &error))?;
        let kind = opened.metadata()?.file_type();
        match kind.is_file() || kind.is_dir() {
            true => Ok((opened, kind)),
            false => Err(refused(calls)),
        }
    }

    fn make(&self, folder: &OpenFile) -> io::Result<File> {
        let paid = folder.calls.pay(ENTRY_BYTES)?;
        let made = self.attempt(folder, true)?;
        paid.spend(ENTRY_BYTES);
        Ok(made)
    }

    /// The type of the file that is there now.
    fn kind(&self, folder: &OpenFile) -> io::Result<FileType> {
        let found = resolve::look(folder.of_system(), &self.path, self.follows())?;
        Ok(found.metadata()?.file_type())
    }

    fn attempt(&self, folder: &OpenFile, create: bool) -> io::Result<File> {
        let flags = self.flags_of_system(create);
        resolve::open(folder.of_system(), &self.path, flags)
    }
}

/// Opens a path, following links, in any mode that allows setting its times.
pub(super) fn for_its_times(folder: &OpenFile, path: String) -> Result<File, ErrorCode> {
    let mut opening = Opening {
        path_flags: PathFlags::SYMLINK_FOLLOW,
        path,
        open_flags: OpenFlags::empty(),
        flags: DescriptorFlags::WRITE,
    };
    let opened = match opening.open_handle(folder) {
        Err(ErrorCode::Access | ErrorCode::IsDirectory) => {
            opening.flags = DescriptorFlags::READ;
            opening.open_handle(folder)
        }
        opened => opened,
    };
    opened.map(|(file, _)| file)
}

/// An error of the system as a WASI code.
fn failed(calls: &Calls, error: &io::Error) -> ErrorCode {
    match Errno::from_io_error(error) {
        // A pipe whose other end nobody holds, or a socket.
        Some(Errno::NXIO) => refused(calls),
        Some(Errno::MFILE | Errno::NFILE) => {
            calls.no_descriptor(error);
            ErrorCode::InsufficientMemory
        }
        _ => error.into(),
    }
}

/// Refuses what is neither a file nor a folder.
fn refused(calls: &Calls) -> ErrorCode {
    calls.no_plain_file();
    ErrorCode::NotPermitted
}
