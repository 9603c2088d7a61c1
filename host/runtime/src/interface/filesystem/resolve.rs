//! Resolves paths beneath an open folder.
//!
//! The kernel does that in one step (`openat2`, since Linux 5.6), including links and `..`, and never leaves the folder. While
//! others rename folders it may give up at a `..`; then it is asked again. In that case cap-primitives and the library walk the
//! path themselves, with a descriptor for each folder on the way, and a guest can make thousands of those. So they never get a
//! path, only its last name and its folder, which was opened here. Without `openat2` they do walk the path.
//!
//! Invariant: resolving a path takes one descriptor.

use cap_fs_ext::OpenOptionsFollowExt as _;
use cap_primitives::fs::{FollowSymlinks, OpenOptions, OpenOptionsExt as _};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

/// Tries while others rename: in the worst case seen, half of the tries fail.
const TRIES: u32 = 256;

/// Do not leave the folder, not even by a magic link of `/proc`, which leads to files that others have open.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// The mode of a new file; the umask is taken from it.
const NEW_FILE: Mode = Mode::from_bits_retain(0o666);

/// How a call treats a slash at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    /// Ignores it: `a/` is the name `a`. For creating, moving and removing folders.
    Ignored,
    /// `a/` is `a/.`, the folder `a` itself.
    Entered,
}

/// Whether `openat2` works: some sandboxes deny it.
static BY_KERNEL: LazyLock<bool> = LazyLock::new(|| {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    openat2(CWD, c".", flags, Mode::empty(), BENEATH).is_ok()
});

/// Opens a path beneath a folder.
pub(super) fn open(folder: &File, path: &str, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::CLOEXEC;
    if !*BY_KERNEL {
        return walk(folder, path, flags);
    }
    let mode = match flags.contains(OFlags::CREATE) {
        true => NEW_FILE,
        false => Mode::empty(),
    };
    for _ in 0..TRIES {
        match openat2(folder, path, flags, mode, BENEATH) {
            Ok(file) => return Ok(file.into()),
            Err(Errno::AGAIN | Errno::INTR) => {}
            // The path leaves the folder.
            Err(Errno::XDEV) => return Err(Errno::PERM.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::BUSY.into())
}

/// Opens a path only to inspect it. Does not trigger devices, and does not wait for pipes.
pub(super) fn look(folder: &File, path: &str, follow: bool) -> io::Result<File> {
    let flags = match follow {
        true => OFlags::PATH,
        false => OFlags::PATH | OFlags::NOFOLLOW,
    };
    open(folder, path, flags)
}

/// The folder of the last name of a path, and that name. The folder is none if it is the given one. Only for calls that do not follow a
/// link with that name.
pub(super) fn parent<'a>(
    folder: &File,
    path: &'a str,
    slash: Slash,
) -> io::Result<(Option<File>, &'a str)> {
    let trimmed = path.trim_end_matches('/');
    let (before, last) = match trimmed.rfind('/') {
        Some(at) => (trimmed.get(..at), trimmed.get(at + 1..)),
        None => (None, Some(trimmed)),
    };
    let names_an_entry = !matches!(last, None | Some("" | "." | ".."));
    if !path.is_empty() && !(names_an_entry && (slash == Slash::Ignored || trimmed == path)) {
        let whole = open(folder, path, OFlags::PATH | OFlags::DIRECTORY)?;
        return Ok((Some(whole), "."));
    }
    match before {
        None => Ok((None, path)),
        // An absolute path with one name.
        Some("") => Err(Errno::PERM.into()),
        Some(before) => {
            let parent = open(folder, before, OFlags::PATH | OFlags::DIRECTORY)?;
            Ok((Some(parent), path.get(before.len() + 1..).unwrap_or(path)))
        }
    }
}

/// The same as `open`, by cap-primitives, which walks the path.
fn walk(folder: &File, path: &str, flags: OFlags) -> io::Result<File> {
    let access = flags & OFlags::RWMODE;
    let mut options = OpenOptions::new();
    options
        .read(access != OFlags::WRONLY)
        .write(access != OFlags::RDONLY)
        .truncate(flags.contains(OFlags::TRUNC))
        .follow(match flags.contains(OFlags::NOFOLLOW) {
            true => FollowSymlinks::No,
            false => FollowSymlinks::Yes,
        });
    match flags.contains(OFlags::EXCL) {
        true => options.create_new(flags.contains(OFlags::CREATE)),
        false => options.create(flags.contains(OFlags::CREATE)),
    };
    let others = flags & (OFlags::PATH | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::NOCTTY);
    options.custom_flags(others.bits() as i32);
    cap_primitives::fs::open(folder, Path::new(path), &options)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_path_is_a_folder_and_a_name_in_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        let folder = File::open(root.path()).unwrap();
        let inode = |path: &str| root.path().join(path).metadata().unwrap().ino();
        let parent = |path, slash| {
            let (folder, name) = parent(&folder, path, slash).unwrap();
            (folder.map(|folder| folder.metadata().unwrap().ino()), name)
        };
        assert_eq!(parent("x", Slash::Entered), (None, "x"));
        assert_eq!(parent("", Slash::Entered), (None, ""));
        assert_eq!(parent("a/x", Slash::Entered), (Some(inode("a")), "x"));
        assert_eq!(parent("a/b//x", Slash::Entered), (Some(inode("a/b")), "x"));
        assert_eq!(parent("x/", Slash::Ignored), (None, "x/"));
        assert_eq!(parent("a/x//", Slash::Ignored), (Some(inode("a")), "x//"));
        assert_eq!(parent("a/b/", Slash::Entered), (Some(inode("a/b")), "."));
        for slash in [Slash::Ignored, Slash::Entered] {
            assert_eq!(parent("a/b/.", slash), (Some(inode("a/b")), "."));
            assert_eq!(parent("a/b/..", slash), (Some(inode("a")), "."));
            assert_eq!(parent(".", slash), (Some(inode("")), "."));
        }
    }

    #[test]
    fn no_path_leads_out_whoever_resolves_it() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("a/b")).unwrap();
        std::os::unix::fs::symlink("/", root.path().join("a/root")).unwrap();
        std::os::unix::fs::symlink("../..", root.path().join("a/up")).unwrap();
        let folder = File::open(root.path().join("a")).unwrap();
        for bad in [
            "..", "b/../..", "/", "/etc", "root", "root/etc", "up", "up/a",
        ] {
            for open in [open, walk] {
                let error = open(&folder, bad, OFlags::RDONLY).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{bad}");
            }
            assert!(
                parent(&folder, &format!("{bad}/x"), Slash::Entered).is_err(),
                "{bad}"
            );
        }
        for good in ["b", "b/..", ".", "b/../b"] {
            for open in [open, walk] {
                open(&folder, good, OFlags::RDONLY).unwrap();
            }
        }
    }
}
