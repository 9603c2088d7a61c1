//! New guest projects: what `weft new` makes.
//!
//! ```text
//! name      what a project may be called
//! template  the files of each language and template, and the commands that come next
//! carried   the contract, the SDK and the templates, embedded in the binary
//! sdk       the SDK as a crate of its own, outside its workspace
//! folder    all files at their places, or none
//! ```
//!
//! A project needs nothing of this repository: it carries the contract, or the SDK with the contract in it.
//! Not for changing a project that is there.
//!
//! Invariant: a project that could not be made whole leaves nothing behind.

mod carried;
mod folder;
mod name;
mod sdk;
mod template;

pub(crate) use template::{Language, Template};

use anyhow::{Context, Result, bail};
use name::Name;
use std::path::Path;

/// A file of a project: its path in it, and its text.
type File = (String, String);

/// Makes a project whose folder is at `path` and has its name. Returns the commands that come next.
///
/// # Errors
/// For a name that no project can have, a folder with something in it, and what the system refuses. Then nothing was
/// made.
pub(crate) fn make(path: &Path, language: Language, template: Template) -> Result<Vec<String>> {
    let shown = path.display();
    let Some(name) = path.file_name() else {
        bail!("`{shown}` ends in no name; write the name of a new folder, such as my-stage");
    };
    let name = Name::parse(&name.to_string_lossy())?;
    let files = template::files(&name, language, template).with_context(|| {
        format!("this `weft` carries a broken template for {language} {template}")
    })?;
    folder::make(path, &files)?;
    Ok(template::next(&name, language))
}
