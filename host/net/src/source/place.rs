//! Where a file was read to: remembered in a small file beside, so that a source goes on there.
//!
//! The file is known by its number in the file system and by a hash of its first bytes: numbers are used again.
//!
//! Invariant: the file with the place is whole at any time, the old one or the new one.

use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes at the beginning of a file by which it is known: the first lines of a log have times in them.
const HEAD: u64 = 256;

/// Bytes of a file with a place at most; one that is larger is none.
const MOST_BYTES: u64 = 64 << 10;

/// The form of the file. Another number is another form.
const VERSION: u32 = 1;

/// Which file it is, as the system knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    device: u64,
    file: u64,
}

impl Identity {
    pub(super) fn of(found: &fs::Metadata) -> Self {
        Self {
            device: found.dev(),
            file: found.ino(),
        }
    }
}

/// The beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    bytes: u64,
    hash: u64,
}

impl Head {
    /// Of a file, as far as it has been read.
    pub(super) fn of(file: &File, read: u64) -> io::Result<Self> {
        let bytes = read.min(HEAD);
        let mut head = vec![0; usize::try_from(bytes).unwrap_or_default()];
        file.read_exact_at(&mut head, 0)?;
        Ok(Self {
            bytes,
            hash: fnv1a(&head),
        })
    }

    /// Whether it is of a file that had not as many bytes yet as are looked at.
    pub(super) fn is_short(self) -> bool {
        self.bytes < HEAD
    }

    /// Whether the file still begins so.
    pub(super) fn is_of(&self, file: &File) -> io::Result<bool> {
        match Self::of(file, self.bytes) {
            Ok(head) => Ok(head == *self),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A hash that stays the same from one version of this program to the next.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// Where a file was read to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    version: u32,
    pub(super) identity: Identity,
    pub(super) head: Head,
    /// Bytes whose frames are in the channel.
    pub(super) offset: u64,
    /// Lines or frames in them.
    pub(super) number: u64,
}

impl Place {
    pub(super) fn new(identity: Identity, head: Head, offset: u64, number: u64) -> Self {
        Self {
            version: VERSION,
            identity,
            head,
            offset,
            number,
        }
    }

    /// Whether it is a place in this file, which has not been truncated since.
    pub(super) fn is_in(&self, file: &File) -> io::Result<bool> {
        let found = file.metadata()?;
        let is_it = Identity::of(&found) == self.identity && found.len() >= self.offset;
        Ok(is_it && self.head.is_of(file)?)
    }

    /// Reads it from its file; none if there is no such file yet.
    ///
    /// # Errors
    /// When the file cannot be read, or has something else in it.
    pub(super) fn load(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut text = String::new();
        io::Read::read_to_string(&mut io::Read::take(file, MOST_BYTES), &mut text)?;
        let place: Self = serde_json::from_str(&text)?;
        match place.version {
            VERSION => Ok(Some(place)),
            other => Err(io::Error::other(format!(
                "it has the form {other}, and {VERSION} is known"
            ))),
        }
    }

    /// Writes it to its file, with the folders that are missing.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            let mut make = fs::DirBuilder::new();
            make.recursive(true).mode(0o700).create(folder)?;
        }
        let mut new: PathBuf = path.to_owned();
        new.as_mut_os_string().push(".new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        // Before it gets the name, or a crash of the machine could leave an empty file there.
        file.sync_data()?;
        fs::rename(&new, path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_in_the_file_that_begins_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (path, state) = (folder.path().join("log"), folder.path().join("a/b/place"));
        assert_eq!(Place::load(&state).unwrap(), None);
        fs::write(&path, "one\ntwo\n").unwrap();
        let file = File::open(&path).unwrap();
        let identity = Identity::of(&file.metadata().unwrap());
        let place = Place::new(identity, Head::of(&file, 4).unwrap(), 4, 1);
        place.save(&state).unwrap();
        assert_eq!(Place::load(&state).unwrap(), Some(place));
        assert!(place.is_in(&file).unwrap());
        // It has grown.
        fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert!(place.is_in(&file).unwrap());
        // It was truncated, and is as long as before.
        fs::write(&path, "two\nthree\n").unwrap();
        assert!(!place.is_in(&file).unwrap());
        fs::write(&path, "one").unwrap();
        assert!(!place.is_in(&file).unwrap());
    }

    #[test]
    fn a_file_with_anything_else_in_it_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place");
        for text in ["", "{}", "{\"version\":2}"] {
            fs::write(&path, text).unwrap();
            assert!(Place::load(&path).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_hash_is_that_of_its_definition() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
