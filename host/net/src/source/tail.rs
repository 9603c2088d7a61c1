//! Reads a file that grows, and notices when another takes its place or it begins anew, as `tail -F` does.
//!
//! It blocks, and so runs on a thread that may.
//!
//! Invariant: of a file that was renamed, all that was written before the other file was seen is read before the other file.

use super::place::{Head, Identity, Place};
use bytes::BytesMut;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// Files beside the one that are looked at for the one a place is in: a rotation keeps a few.
const MOST_SIBLINGS: usize = 4096;

/// What a step has found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes, which are in the buffer.
    Read,
    /// Nothing for now. Whether there is a file.
    Idle(bool),
    /// The file that was read has ended: another has its name. The next step reads that from its beginning.
    Rotated,
    /// The file begins anew.
    Truncated,
}

/// A file that is followed.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: Identity,
    /// Bytes that were read.
    read: u64,
    head: Option<Head>,
    /// Whether nothing came with the last step: what comes next may be of a file that begins anew.
    idle: bool,
    /// Whether another file had its name at the last step.
    replaced: bool,
}

impl Open {
    fn new(file: File) -> io::Result<Self> {
        let identity = Identity::of(&file.metadata()?);
        Ok(Self {
            file,
            identity,
            read: 0,
            head: None,
            idle: true,
            replaced: false,
        })
    }

    fn at(mut file: File, read: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(read))?;
        let head = Head::of(&file, read)?;
        Ok(Self {
            read,
            head: Some(head),
            ..Self::new(file)?
        })
    }

    fn begin_anew(&mut self) -> io::Result<Step> {
        self.file.seek(SeekFrom::Start(0))?;
        (self.read, self.head, self.idle) = (0, None, true);
        Ok(Step::Truncated)
    }
}

/// How a place was found again.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// In the file itself, or in one beside it that had its name.
    There,
    /// Nowhere.
    Lost,
}

impl Tail {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    /// Goes to a place, if the file that it is in is still there, under its name or another that begins so.
    pub(super) fn go_to(&mut self, place: &Place) -> io::Result<Found> {
        for path in std::iter::once(self.path.clone()).chain(siblings(&self.path)) {
            let Ok(file) = File::open(path) else {
                continue;
            };
            if place.is_in(&file)? {
                self.open = Some(Open::at(file, place.offset)?);
                return Ok(Found::There);
            }
        }
        Ok(Found::Lost)
    }

    /// Goes to the end of the file, if there is one. Returns how long it is.
    pub(super) fn go_to_end(&mut self) -> io::Result<u64> {
        let Some(file) = open(&self.path)? else {
            return Ok(0);
        };
        let end = file.metadata()?.len();
        self.open = Some(Open::at(file, end)?);
        Ok(end)
    }

    /// The place in the file that is read now, behind so many bytes and lines of it. None if there is no file, or no place of this kind in it.
    pub(super) fn place(&self, offset: u64, number: u64) -> io::Result<Option<Place>> {
        let Some(open) = &self.open else {
            return Ok(None);
        };
        match Head::of(&open.file, offset) {
            Ok(head) => Ok(Some(Place::new(open.identity, head, offset, number))),
            // It has become shorter: the next step says so.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads on.
    pub(super) fn step(&mut self, buffer: &mut BytesMut) -> io::Result<Step> {
        let open = match &mut self.open {
            Some(open) => open,
            none => match open(&self.path)? {
                Some(file) => none.insert(Open::new(file)?),
                None => return Ok(Step::Idle(false)),
            },
        };
        if open.idle && !is_the_same(open)? {
            return open.begin_anew();
        }
        let before = buffer.len();
        buffer.resize(before + CHUNK, 0);
        let read = open.file.read(buffer.get_mut(before..).unwrap_or_default());
        buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        let read = read?;
        open.read += read as u64;
        open.idle = read == 0;
        if read > 0 {
            return Ok(Step::Read);
        }
        if open.read > 0 && open.head.is_none_or(Head::is_short) {
            match Head::of(&open.file, open.read) {
                Ok(head) => open.head = Some(head),
                // It has become shorter meanwhile.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return open.begin_anew(),
                Err(error) => return Err(error),
            }
        }
        let found = match fs::metadata(&self.path) {
            // Another is about to take its place.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Step::Idle(true)),
            found => found?,
        };
        if Identity::of(&found) == open.identity {
            open.replaced = false;
            return match found.len() < open.read {
                true => open.begin_anew(),
                false => Ok(Step::Idle(true)),
            };
        }
        // Whoever wrote to it may not have heard yet that it was renamed.
        if !std::mem::replace(&mut open.replaced, true) {
            return Ok(Step::Idle(true));
        }
        self.open = None;
        Ok(Step::Rotated)
    }
}

/// Whether a file that grows is the one that was read so far. It may have been truncated, and have grown beyond since.
fn is_the_same(open: &Open) -> io::Result<bool> {
    let Some(head) = &open.head else {
        return Ok(true);
    };
    match open.file.metadata()?.len() > open.read {
        true => head.is_of(&open.file),
        false => Ok(true),
    }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    match file.metadata()?.is_file() {
        true => Ok(Some(file)),
        false => Err(io::Error::other(
            "it is no regular file, and only such a file can be followed",
        )),
    }
}

/// The files beside one whose names begin with its name, as rotation leaves them.
fn siblings(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().map(OsStr::as_encoded_bytes);
    let name = name.unwrap_or_default().to_owned();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.take(MOST_SIBLINGS).filter_map(move |entry| {
        let its = entry.file_name();
        let its = its.as_encoded_bytes();
        let is_one = its.len() > name.len() && its.starts_with(&name);
        (is_one && entry.file_type().is_ok_and(|it| it.is_file())).then(|| entry.path())
    })
}

#[cfg(test)]
mod tests;
