//! A folder that is opened once, and whole files that are put into it.
//!
//! Guests may be allowed to write to the same folder at the same time. So no path is resolved again: files are created relative
//! to the open folder, by plain names.
//!
//! Invariants:
//! - No link in the folder is followed, and no existing file is opened.
//! - A file with the final name is always complete.

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

/// The mode of a dump: only its owner may read the memory of a process.
const OURS_ALONE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Attempts to find a free name for an unfinished file. The names are random, so they collide only if somebody fills the
/// folder with them.
const TRIES: u32 = 8;

/// A folder that is open.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// Opens this folder, and creates it if it does not exist.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// Puts a file there. It replaces anything with this name except a folder.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (mut file, draft) = self.draft(name)?;
        let written = file.write_all(bytes);
        let put = written
            .and_then(|()| Ok(rustix::fs::renameat(&self.0, &draft, &self.0, name)?))
            .inspect_err(|_| {
                let _ = rustix::fs::unlinkat(&self.0, &draft, AtFlags::empty());
            });
        // A guest may have replaced the draft. Then the guest's file was renamed, and there is no dump.
        put.and_then(|()| self.is(&file, name))
    }

    /// A new file with a temporary name.
    fn draft(&self, name: &str) -> io::Result<(File, String)> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..TRIES {
            let random = getrandom::u64().map_err(io::Error::other)?;
            let draft = format!(".{name}.{random:016x}");
            match rustix::fs::openat(&self.0, &draft, flags, OURS_ALONE) {
                Ok(file) => return Ok((file.into(), draft)),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Errno::EXIST.into())
    }

    /// Checks that this file has the name.
    fn is(&self, file: &File, name: &str) -> io::Result<()> {
        let written = rustix::fs::fstat(file)?;
        let found = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match (written.st_dev, written.st_ino) == (found.st_dev, found.st_ino) {
            true => Ok(()),
            false => Err(io::Error::other(
                "something else was put in its place meanwhile",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    /// A folder, opened, and the names in it.
    fn folder() -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(&root.path().join("made/dumps")).unwrap();
        (root, folder)
    }

    fn names(root: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(root.path().join("made/dumps")).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_link_under_the_name_is_replaced_and_what_it_leads_to_is_left_alone() {
        let (root, folder) = folder();
        let dumps = root.path().join("made/dumps");
        let victim = root.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        symlink(&victim, dumps.join("soft")).unwrap();
        symlink(root.path().join("nothing"), dumps.join("dangling")).unwrap();
        fs::hard_link(&victim, dumps.join("hard")).unwrap();
        for name in ["soft", "dangling", "hard"] {
            folder.put(name, b"dump").unwrap();
            let found = fs::symlink_metadata(dumps.join(name)).unwrap();
            assert!(found.is_file(), "{name}");
            assert_eq!((found.mode() & 0o777, found.len()), (0o600, 4));
        }
        assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
        assert!(!root.path().join("nothing").exists());
        assert_eq!(names(&root), ["dangling", "hard", "soft"]);
    }

    #[test]
    fn a_folder_under_the_name_is_an_error_and_nothing_is_left() {
        let (root, folder) = folder();
        fs::create_dir(root.path().join("made/dumps/taken")).unwrap();
        folder.put("taken", b"dump").unwrap_err();
        assert_eq!(names(&root), ["taken"]);
    }

    #[test]
    fn it_is_the_folder_that_was_opened_whatever_its_name_leads_to_later() {
        let (root, folder) = folder();
        let elsewhere = root.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::rename(root.path().join("made"), root.path().join("moved")).unwrap();
        symlink(&elsewhere, root.path().join("made")).unwrap();
        folder.put("dump", b"dump").unwrap();
        assert!(root.path().join("moved/dumps/dump").exists());
        assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
    }
}
