//! Where a composed component is written: to stdout, to a file, or to anything that a name leads to.
//!
//! Invariants:
//! - A file keeps its mode, its owner and all its names, links included.
//! - If possible, a file has either its old content or the whole new content: the new one is written to a temporary
//!   file beside it, which then replaces it. A file is overwritten in place if it has another owner or several names,
//!   or if nothing can be moved to its place.
//! - Anything that is not a file, such as a pipe or a device, is written to and never replaced.

use anyhow::{Context, Result, bail};
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The mode of a new file, before the user's umask is applied, as for every other tool.
const NEW_FILE: u32 = 0o666;

/// The errors of the system when nothing can be moved there: the folder is not writable, or the file is a mount point.
const STAYS: [ErrorKind; 4] = [
    ErrorKind::PermissionDenied,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::ResourceBusy,
    ErrorKind::CrossesDevices,
];

/// Symbolic links that are followed at most: the same number as on Linux.
const LINKS: u32 = 40;

/// Folders whose names stand for the program's open files. A link there is not a name of the file that it shows.
const OPEN_FILES: [&str; 2] = ["/proc", "/dev/fd"];

/// Writes the component, and returns the exit code.
pub(super) fn write(path: &Path, inputs: &[PathBuf], bytes: &[u8]) -> Result<u8> {
    if path.as_os_str() == "-" {
        let mut out = io::stdout().lock();
        refuse_terminal(&out)?;
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .context("cannot write to stdout")?;
        return Ok(0);
    }
    let shown = path.display();
    let same = |other: &PathBuf| match (path.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    if inputs.iter().any(same) {
        bail!("`{shown}` is what is composed; choose another file with -o");
    }
    let cannot = || format!("cannot write `{shown}`");
    match Destination::of(path).with_context(cannot)? {
        Destination::Folder => bail!("`{shown}` is a folder; name a file in it with -o"),
        Destination::Open(path) => through(&path, bytes, cannot)?,
        Destination::File(path, before) => match replace(&path, before.as_ref(), bytes) {
            Ok(true) => {}
            Ok(false) => through(&path, bytes, cannot)?,
            Err(error) if before.is_some() && STAYS.contains(&error.kind()) => {
                through(&path, bytes, cannot)?;
            }
            Err(error) => return Err(error).with_context(cannot),
        },
    }
    Ok(0)
}

fn refuse_terminal(out: &impl IsTerminal) -> Result<()> {
    if out.is_terminal() {
        bail!("a component is no text for a terminal; say -o FILE, or send stdout elsewhere");
    }
    Ok(())
}

/// What a path leads to.
enum Destination {
    Folder,
    /// Write to it directly: a pipe, a device, or an open file of the program.
    Open(PathBuf),
    /// A file's real path after all links; its metadata if it exists.
    File(PathBuf, Option<Metadata>),
}

impl Destination {
    fn of(path: &Path) -> io::Result<Self> {
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(Metadata::is_dir) {
            return Ok(Destination::Folder);
        }
        let real = follow(path)?;
        let is_open = OPEN_FILES.iter().any(|folder| real.starts_with(folder));
        let is_other = found.as_ref().is_some_and(|found| !found.is_file());
        Ok(match is_open || is_other {
            true => Destination::Open(real),
            false => Destination::File(real, found),
        })
    }
}

/// The path at the end of a chain of symbolic links, even if nothing exists there yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if OPEN_FILES.iter().any(|folder| path.starts_with(folder)) {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // Not a link, or it does not exist.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead to one another"))
}

/// Overwrites an existing file, pipe or device in place.
fn through(path: &Path, bytes: &[u8], cannot: impl Fn() -> String) -> Result<()> {
    let opened = OpenOptions::new().write(true).truncate(true).open(path);
    let mut out = opened.with_context(&cannot)?;
    refuse_terminal(&out)?;
    out.write_all(bytes).with_context(cannot)
}

/// Replaces a file with a new one. Returns false, and leaves the file, if the replacement would lose a name or the
/// owner.
fn replace(path: &Path, before: Option<&Metadata>, bytes: &[u8]) -> io::Result<bool> {
    if before.is_some_and(|before| before.nlink() > 1) {
        return Ok(false);
    }
    if before.is_some() {
        // Replacing a file needs only a right to the folder. Fail all the same if the file itself is not writable.
        OpenOptions::new().write(true).open(path)?;
    }
    let make = |draft: &Path| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(NEW_FILE);
        options.open(draft)
    };
    // Unlike `tempfile_in`, this adds no path to an error: the name of the draft tells the user nothing.
    let draft = tempfile::Builder::new()
        .prefix(".weft-")
        .suffix(".new")
        .make_in(folder_of(path), make)?;
    if let Some(before) = before {
        let made = draft.as_file().metadata()?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            return Ok(false);
        }
    }
    draft.as_file().write_all(bytes)?;
    if let Some(before) = before {
        draft.as_file().set_permissions(before.permissions())?;
    }
    draft.persist(path)?;
    Ok(true)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
