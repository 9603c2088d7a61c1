//! Lists a folder in parts.
//!
//! The library collects all entries before it returns the first. Here one part of at most [`AHEAD_BYTES`] is read at a time, and the next
//! part after the guest has taken that one. So an ordinary folder takes one call, as with the library, and its descriptor is closed at
//! once. A folder with a million files takes no more memory, and only as much time as the guest reads.
//!
//! Invariant: entries that were read and not taken are charged to `host-bytes`, and the open folder to `open-files`.

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

/// Bytes of one part: enough for an ordinary folder.
const AHEAD_BYTES: usize = 2 << 20;

/// Bytes that are charged at a time, so that not each entry needs a charge of its own.
const STEP_BYTES: usize = 16 << 10;

/// Bytes of the read buffer of an open folder.
const BUFFER_BYTES: usize = 32 << 10;

/// Bytes of an entry in addition to its name: its place in the queue, which may be half empty, and the allocator's
/// overhead.
const ENTRY_BYTES: usize = 2 * size_of::<Entry>() + 16;

/// One entry, or why it cannot be reported.
pub(super) type Entry = Result<DirectoryEntry, ErrorCode>;

/// A listing of a folder.
pub(super) struct Listing {
    ahead: VecDeque<Entry>,
    /// Bytes of the entries in `ahead`.
    bytes: usize,
    /// The charge for them, in steps.
    charge: Charge,
    /// None when all entries were read.
    rest: Option<Rest>,
}

/// The entries that are not read yet.
struct Rest {
    // Dropped in this order.
    entries: Dir,
    _share: Share,
    /// To look up the types of entries.
    folder: Arc<OpenFile>,
    _buffer: Charge,
}

/// What can be taken next.
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
            // Opened once more: readers that share a handle would share its position.
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
        // The reading itself charges for its entries, and must not be lost.
        calls.run_unpaid(read).await
    }

    /// Takes the next entry, if one was read.
    pub(super) fn next(&mut self) -> Next {
        match self.ahead.pop_front() {
            Some(entry) => {
                self.bytes = self.bytes.saturating_sub(weight(&entry));
                if self.ahead.is_empty() {
                    // Replaced, to free the memory that it had grown to.
                    self.ahead = VecDeque::new();
                    self.charge.shrink(u64::MAX);
                }
                Next::Entry(entry)
            }
            None if self.rest.is_some() => Next::Read,
            None => Next::End,
        }
    }

    /// The number of entries that can be taken now.
    pub(super) fn ready(&self) -> usize {
        self.ahead.len()
    }

    /// Runs on a thread that may block.
    fn read(&mut self) {
        let Some(mut rest) = self.rest.take() else {
            return;
        };
        let mut paid = self.bytes;
        while self.bytes < AHEAD_BYTES {
            if paid < self.bytes + STEP_BYTES {
                let calls = &rest.folder.calls;
                if let Err(error) = pay(calls, &mut self.charge) {
                    // If entries are left, they can be taken first; there may be room afterwards.
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

    /// An entry like the library's. The type is looked up, as some file systems do not report it in a listing.
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

/// Types as the library reports them in a listing: pipes, sockets and unknown types are the same.
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
