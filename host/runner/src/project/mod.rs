//! New guest projects, as `weft new` makes them.
//!
//! ```text
//! name      checks the name of a project
//! template  the files of each language and template, and the next commands to type
//! carried   the contract, the SDK and the templates, embedded in the binary
//! sdk       the SDK as a crate outside its workspace
//! folder    creates all files, or none
//! ```
//!
//! A project does not depend on this repository: it carries the contract, or the SDK with the contract in it. Existing
//! projects are never changed.
//!
//! Invariant: if a project cannot be made completely, nothing is left behind.

mod carried;
mod folder;
mod name;
mod sdk;
mod template;

pub(crate) use template::{Language, Template};

use anyhow::{Context, Result, bail};
use name::Name;
use std::path::Path;

/// A file of a project: its path in the project, and its text.
type File = (String, String);

/// Makes a project in the folder `path`, named after that folder. Returns the next commands to type.
///
/// # Errors
/// When the name is not allowed, the folder has something in it, or the system refuses. Then nothing was made.
pub(crate) fn make(path: &Path, language: Language, template: Template) -> Result<Vec<String>> {
    let shown = path.display();
    let Some(name) = path.file_name() else {
        bail!("`{shown}` ends in no name; write the name of a new folder, such as my-stage");
    };
    let name = Name::parse(&name.to_string_lossy())?;
    if !template::has(language, template) {
        bail!(
            "there is no {template} in {language}, only in rust; take --template stage, service or command"
        );
    }
    let files = template::files(&name, language, template).with_context(|| {
        format!("this `weft` carries a broken template for {language} {template}")
    })?;
    folder::make(path, &files)?;
    Ok(template::next(&name, language))
}
