//! Creates all files of a project, or none.
//!
//! The files are written into a temporary folder beside the target. When it is complete, it is moved to the target.

use super::File;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The prefix of the temporary folder's name.
const UNFINISHED: &str = ".weft-new-";

/// Creates a folder with these files. An empty folder may exist there already.
///
/// # Errors
/// When something else exists at the path, its parent is missing, or the system refuses. Then nothing is left behind.
pub(super) fn make(path: &Path, files: &[File]) -> Result<()> {
    let shown = path.display();
    free(path)?;
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        bail!(
            "there is no folder `{}` to make `{shown}` in; make it first",
            parent.display()
        );
    }
    let cannot =
        || format!("cannot make `{shown}`; choose a place that you may write to and that has room");
    // Dropping this removes the folder with everything in it.
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(parent)
        .with_context(cannot)?;
    // Use a folder inside it: only the owner may enter the temporary folder itself.
    let whole = unfinished.path().join("project");
    for (name, text) in files {
        let file = whole.join(name);
        let folder = file.parent().unwrap_or(&whole);
        fs::create_dir_all(folder).with_context(cannot)?;
        fs::write(&file, text).with_context(cannot)?;
    }
    // The rename replaces an empty folder, and fails on anything else.
    fs::rename(&whole, path).with_context(cannot)
}

/// Checks that the path is free or an empty folder.
fn free(path: &Path) -> Result<()> {
    let shown = path.display();
    let mut entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            bail!("`{shown}` cannot be a folder: there is a file in the way; choose another name")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot look into `{shown}`")),
    };
    if entries.next().is_some() {
        bail!("there is a folder `{shown}` with something in it already; choose another name");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_in_the_middle_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // The second file needs a folder where the first one is.
        let files = ["a", "a/b"].map(|name| (name.to_owned(), String::new()));
        let error = make(&folder.path().join("new"), &files).unwrap_err();
        assert!(error.to_string().starts_with("cannot make"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
