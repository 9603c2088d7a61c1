//! Where a composed component goes: stdout, a file, or what stands for either under a name.
//!
//! Not what it consists of, and not which names are asked for.
//!
//! Invariants:
//! - A file keeps its mode and its owner, and every name that it has, links too.
//! - A file has the old content or the whole new one, where that can be: the new one is written beside it and moved to its place. A file with another
//!   owner or several names, or in a place where nothing can be moved to, is written to as it is.
//! - What is no file, such as a pipe or a device, is written through and never replaced.

use anyhow::{Context, Result, bail};
use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a new file may be used for before the user's umask has its say, as for every other tool.
const NEW_FILE: u32 = 0o666;

/// What the system says where nothing can be moved to: in a folder that may not be written, or onto a file that is mounted there.
const STAYS: [ErrorKind; 4] = [
    ErrorKind::PermissionDenied,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::ResourceBusy,
    ErrorKind::CrossesDevices,
];

/// Links that lead to one another, at most: as many as Linux follows.
const LINKS: u32 = 40;

/// Folders whose names stand for what the program has open. A link there is not a name of the file that it shows.
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
    match Place::of(path).with_context(cannot)? {
        Place::Folder => bail!("`{shown}` is a folder; name a file in it with -o"),
        Place::Open(path) => through(&path, bytes, cannot)?,
        Place::File(path, before) => match replace(&path, before.as_ref(), bytes) {
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

/// What a name stands for.
enum Place {
    Folder,
    /// Something to write to as it is: a pipe, a device, what the program has open.
    Open(PathBuf),
    /// A file under the name where it really is; what is known of the one that is there.
    File(PathBuf, Option<Metadata>),
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if found.as_ref().is_some_and(Metadata::is_dir) {
            return Ok(Place::Folder);
        }
        let real = follow(path)?;
        let is_open = OPEN_FILES.iter().any(|folder| real.starts_with(folder));
        let is_other = found.as_ref().is_some_and(|found| !found.is_file());
        Ok(match is_open || is_other {
            true => Place::Open(real),
            false => Place::File(real, found),
        })
    }
}

/// The name at the end of the links that begin with this one, also where nothing is there yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if OPEN_FILES.iter().any(|folder| path.starts_with(folder)) {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // It is no link, or nothing at all.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead to one another"))
}

/// Writes to what is there.
fn through(path: &Path, bytes: &[u8], cannot: impl Fn() -> String) -> Result<()> {
    let opened = OpenOptions::new().write(true).truncate(true).open(path);
    let mut out = opened.with_context(&cannot)?;
    refuse_terminal(&out)?;
    out.write_all(bytes).with_context(cannot)
}

/// Puts a whole file in the place of what is there, unless that would not be the same file to others.
fn replace(path: &Path, before: Option<&Metadata>, bytes: &[u8]) -> io::Result<bool> {
    if before.is_some_and(|before| before.nlink() > 1) {
        return Ok(false);
    }
    if before.is_some() {
        // To replace it takes a right to the folder alone; one that may not be written is left as it is all the same.
        OpenOptions::new().write(true).open(path)?;
    }
    let mut draft = tempfile::Builder::new()
        .prefix(".weft-")
        .suffix(".new")
        .permissions(Permissions::from_mode(NEW_FILE))
        .tempfile_in(folder_of(path))?;
    if let Some(before) = before {
        let made = draft.as_file().metadata()?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            return Ok(false);
        }
    }
    draft.write_all(bytes)?;
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
