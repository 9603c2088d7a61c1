//! What is in a folder, read part by part.
//!
//! The library collects all entries before the first is told. Here one part is read at a time, at the most [`AHEAD_BYTES`] of it, and
//! the next when the guest has taken that. So an ordinary folder is one call and one look, as it is with the library, and its descriptor is
//! closed at once; one with a million files takes no more memory, and time only as far as it is read.
//!
//! Invariant: what is read and not taken is charged to `host-bytes`, and the open folder to `open-files`.

use super::calls::Calls;
use super::open_file::OpenFile;
use super::shares::Share;
use crate::account::Charge;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use std::collections::VecDeque;
use std::ffi::CStr;
use std::io;
use std::sync::Arc;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};

/// Bytes of one part: of an ordinary folder, all there is.
const AHEAD_BYTES: usize = 2 << 20;

/// Bytes that are charged at a time, so that not every entry asks the account.
const STEP_BYTES: usize = 16 << 10;

/// Bytes of the buffer that an open folder is read with.
const BUFFER_BYTES: usize = 32 << 10;

/// Bytes of an entry beside its name: its place in the queue, of which a half may be empty, and what the allocator takes.
const ENTRY_BYTES: usize = 2 * size_of::<Entry>() + 16;

/// One entry, or why it cannot be told.
pub(super) type Entry = Result<DirectoryEntry, ErrorCode>;

/// A listing of a folder.
pub(super) struct Listing {
    ahead: VecDeque<Entry>,
    /// Bytes of what is ahead.
    bytes: usize,
    /// Pays for those, in steps.
    charge: Charge,
    /// None when all was read.
    rest: Option<Rest>,
}

/// What is still to be read.
struct Rest {
    // In this order, in which they are dropped.
    entries: Dir,
    _share: Share,
    /// For the types of the entries.
    folder: Arc<OpenFile>,
    _buffer: Charge,
}

/// What there is to take.
pub(super) enum Next {
    Entry(Entry),
    /// More has to be read first.
    Read,
    End,
}

impl Listing {
    /// Opens a listing and reads its first part.
    pub(super) async fn open(folder: Arc<OpenFile>) -> Result<Self, ErrorCode> {
        folder.as_folder()?;
        let calls = folder.calls.clone();
        let share = calls.descriptor()?;
        let buffer = calls.keep(BUFFER_BYTES)?;
        let charge = calls.keep(0)?;
        let open = move || {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            // Opened anew, as a folder has one place for all who read it.
            let entries = openat(folder.of_system(), c".", flags, Mode::empty());
            let entries = entries.and_then(Dir::new).map_err(io::Error::from)?;
            let mut listing = Self {
                ahead: VecDeque::new(),
                bytes: 0,
                charge,
                rest: Some(Rest {
                    entries,
                    _share: share,
                    folder,
                    _buffer: buffer,
                }),
            };
            listing.read();
            Ok(listing)
        };
        calls.run(0, open).await
    }

    /// Reads the next part.
    pub(super) async fn read_on(mut self) -> Result<Self, ErrorCode> {
        let Some(rest) = &self.rest else {
            return Ok(self);
        };
        let calls = rest.folder.calls.clone();
        let read = move || {
            self.read();
            Ok(self)
        };
        // It pays for what it reads, and must not be lost.
        calls.run_unpaid(read).await
    }

    /// Takes the next entry, if it was read.
    pub(super) fn next(&mut self) -> Next {
        match self.ahead.pop_front() {
            Some(entry) => {
                self.bytes = self.bytes.saturating_sub(weight(&entry));
                if self.ahead.is_empty() {
                    // With what it had grown to.
                    self.ahead = VecDeque::new();
                    self.charge.shrink(u64::MAX);
                }
                Next::Entry(entry)
            }
            None if self.rest.is_some() => Next::Read,
            None => Next::End,
        }
    }

    /// Entries that can be taken now.
    pub(super) fn ready(&self) -> usize {
        self.ahead.len()
    }

    /// On a thread that may block.
    fn read(&mut self) {
        let Some(mut rest) = self.rest.take() else {
            return;
        };
        let mut paid = self.bytes;
        while self.bytes < AHEAD_BYTES {
            if paid < self.bytes + STEP_BYTES {
                let calls = &rest.folder.calls;
                if let Err(error) = pay(calls, &mut self.charge) {
                    // What there is can be taken; room may be found after that.
                    if self.ahead.is_empty() {
                        self.ahead.push_back(Err(error.into()));
                    }
                    break;
                }
                paid += STEP_BYTES;
            }
            let Some(entry) = rest.next() else {
                return;
            };
            self.bytes += weight(&entry);
            self.ahead.push_back(entry);
        }
        self.rest = Some(rest);
    }
}

impl Rest {
    fn next(&mut self) -> Option<Entry> {
        loop {
            let entry = match self.entries.read()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(io::Error::from(error).into())),
            };
            let name = entry.file_name();
            if name != c"." && name != c".." {
                return Some(self.entry(name));
            }
        }
    }

    /// As the library has it: the type is asked for, as some file systems do not say it in a listing.
    fn entry(&self, name: &CStr) -> Entry {
        let found = statat(self.folder.of_system(), name, AtFlags::SYMLINK_NOFOLLOW);
        let found = found.map_err(io::Error::from)?;
        let name = name.to_str().map_err(|_| ErrorCode::IllegalByteSequence)?;
        Ok(DirectoryEntry {
            type_: kind(FileType::from_raw_mode(found.st_mode)),
            name: name.to_owned(),
        })
    }
}

fn pay(calls: &Calls, charge: &mut Charge) -> io::Result<()> {
    calls.keep_more(charge, STEP_BYTES)
}

/// Bytes that the host keeps for an entry.
fn weight(entry: &Entry) -> usize {
    ENTRY_BYTES + entry.as_ref().map_or(0, |entry| entry.name.len())
}

/// Types as the library tells them in a listing: it has one word for pipes, sockets and what it does not know.
fn kind(kind: FileType) -> DescriptorType {
    match kind {
        FileType::RegularFile => DescriptorType::RegularFile,
        FileType::Directory => DescriptorType::Directory,
        FileType::Symlink => DescriptorType::SymbolicLink,
        FileType::BlockDevice => DescriptorType::BlockDevice,
        FileType::CharacterDevice => DescriptorType::CharacterDevice,
        _ => DescriptorType::Unknown,
    }
}
