//! Resolving paths beneath an open folder.
//!
//! The kernel does that in one step (`openat2`, since Linux 5.6), with links and `..`, and never out of the folder. While others
//! rename it may give up at a `..`; then it is asked again. cap-primitives and the library walk by themselves in that case, with a
//! descriptor for each folder on the way, of which a guest can make thousands: so they get no paths, only what is left of
//! them, one name in a folder that was opened here. Where there is no `openat2` they walk after all.
//!
//! Invariant: a path takes one descriptor while it is resolved.

use cap_fs_ext::OpenOptionsFollowExt as _;
use cap_primitives::fs::{FollowSymlinks, OpenOptions, OpenOptionsExt as _};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

/// Times that the kernel is asked while others rename: half of the tries fail at the worst that was seen.
const TRIES: u32 = 256;

/// Neither out of the folder, nor by a link of `/proc`, which leads to what others have open.
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// What a new file may be used for by whom; the umask takes from it.
const NEW_FILE: Mode = Mode::from_bits_retain(0o666);

/// What a slash at the end of a path means to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    /// Nothing: `a/` is the name `a`. So folders are made, moved and removed.
    Ignored,
    /// `a/` is `a/.`, what is in the folder `a`.
    Entered,
}

/// Whether there is `openat2`: some sandboxes say that it is not permitted.
static BY_KERNEL: LazyLock<bool> = LazyLock::new(|| {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    openat2(CWD, c".", flags, Mode::empty(), BENEATH).is_ok()
});

/// Opens what a path names beneath a folder.
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
            // It leads out.
            Err(Errno::XDEV) => return Err(Errno::PERM.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::BUSY.into())
}

/// Opens it so that it can be looked at, and nothing else. Nothing happens to a device, and no pipe waits.
pub(super) fn look(folder: &File, path: &str, follow: bool) -> io::Result<File> {
    let flags = match follow {
        true => OFlags::PATH,
        false => OFlags::PATH | OFlags::NOFOLLOW,
    };
    open(folder, path, flags)
}

/// The folder that the last name of a path is in, and that name; no folder where it is the given one. Only for calls that do not follow
/// a link of that name.
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
        // Of an absolute path, of which nothing is before the name.
        Some("") => Err(Errno::PERM.into()),
        Some(before) => {
            let parent = open(folder, before, OFlags::PATH | OFlags::DIRECTORY)?;
            Ok((Some(parent), path.get(before.len() + 1..).unwrap_or(path)))
        }
    }
}

/// The same as `open`, by a walk of cap-primitives.
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
