//! All files of a project at their places, or none.
//!
//! They are written into a folder beside the place, and that is moved there when it is whole.

use super::File;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What the folder's name begins with until it is whole.
const UNFINISHED: &str = ".weft-new-";

/// Makes a folder with these files. An empty one may be there already.
///
/// # Errors
/// When there is something at the path, its parent is missing, or the system refuses; then nothing is left.
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
    // Removed with all that is in it when it goes out of scope.
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(parent)
        .with_context(cannot)?;
    // One further in, as only the owner may enter the outer one.
    let whole = unfinished.path().join("project");
    for (name, text) in files {
        let file = whole.join(name);
        let folder = file.parent().unwrap_or(&whole);
        fs::create_dir_all(folder).with_context(cannot)?;
        fs::write(&file, text).with_context(cannot)?;
    }
    // Takes the place of an empty folder, and of nothing else.
    fs::rename(&whole, path).with_context(cannot)
}

/// Checks that nothing is at the path but perhaps an empty folder.
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
