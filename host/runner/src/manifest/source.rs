//! Where a manifest comes from: a file, a folder's `weft.toml`, the project that the working folder is in, or stdin.
//!
//! A *project* is a folder with a `weft.toml`, and everything below it.

use crate::written;
use anyhow::{Context, Result};
use std::io;
use std::path::{Path, PathBuf};

/// The usual name of a manifest.
const USUAL: &str = "weft.toml";

/// What stands for stdin where a file is named.
const STDIN: &str = "-";

/// Where a manifest comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// Stdin. Relative paths are from the working folder.
    #[default]
    Stdin,
}

impl Source {
    /// What the command line names, or else the manifest of the project that the working folder is in.
    ///
    /// # Errors
    /// When nothing is named, and the working folder is in no project.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self> {
        match named {
            Some(named) if named == Path::new(STDIN) => Ok(Self::Stdin),
            Some(named) if named.is_dir() => Ok(Self::File(named.join(USUAL))),
            Some(named) => Ok(Self::File(named.to_owned())),
            None => Self::of_project().context(
                "there is no weft.toml in this folder or above; name a manifest, or make a project with `weft new`",
            ),
        }
    }

    /// The manifest of the project that the working folder is in.
    pub(crate) fn of_project() -> Option<Self> {
        let here = PathBuf::from(USUAL);
        if here.is_file() {
            return Some(Self::File(here));
        }
        let folder = std::env::current_dir().ok()?;
        let mut above = folder.ancestors().skip(1).map(|above| above.join(USUAL));
        above.find(|file| file.is_file()).map(Self::File)
    }

    /// Its text.
    pub(super) fn read(&self) -> io::Result<String> {
        match self {
            Self::File(path) => written::read(path),
            Self::Stdin => written::read_from(io::stdin().lock()),
        }
    }

    /// The file, unless it is stdin.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdin => None,
        }
    }

    /// The folder that relative paths in it are from; empty for the working folder.
    pub(super) fn folder(&self) -> &Path {
        let folder = self.file().and_then(Path::parent);
        folder.unwrap_or(Path::new(""))
    }

    /// What messages call it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path) => format!("manifest `{}`", path.display()),
            Self::Stdin => "manifest from stdin".to_owned(),
        }
    }

    /// The name of its runner: that of its folder, or of its file if that is not the usual one.
    pub(crate) fn runner(&self) -> String {
        let path = self.file().unwrap_or(Path::new(USUAL));
        let full = std::path::absolute(path);
        let full = full.as_deref().unwrap_or(path);
        let folder = full.parent().and_then(Path::file_name);
        let name = match full.file_name() {
            Some(file) if file != USUAL => full.file_stem(),
            _ => folder,
        };
        name.unwrap_or_default().to_string_lossy().into_owned()
    }
}
