//! Reads the text of a manifest and of what it includes, with what is changed in it.
//!
//! Invariant: an error names its place: the line in a text, or the option that the value came from.

use super::files::Files;
use super::format::Manifest;
use super::merge::{merged, settle_paths};
use super::set::set;
use super::source::Source;
use super::variables::Variables;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// What is changed in a manifest when it is read.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The profiles that are merged over it, in this order.
    pub(crate) profiles: Vec<String>,
    /// The variables that its strings may have.
    pub(crate) variables: Variables,
    /// What is put into it, as KEY=VALUE.
    pub(crate) sets: Vec<String>,
}

/// Reads a text.
///
/// # Errors
/// When it is no TOML, a file is missing, a variable or profile is not defined, a change does not fit, or something has
/// another form than a manifest.
pub(super) fn read(text: &str, source: &Source, changes: &Changes) -> Result<Manifest> {
    let files = Files::read(text, source)?;
    let mut table = merged(&files, &changes.profiles)?;
    // What is put in gets a span beyond the texts, by which errors about it are told apart.
    let beyond = files.end() + 1;
    for (index, change) in changes.sets.iter().enumerate() {
        let at = beyond + index;
        set(&mut table, change, at..at).with_context(|| option(change))?;
    }
    // After what is put in, as that may take the place of a variable that is not defined.
    changes.variables.fill(&files, &mut table)?;
    settle_paths(&files, &mut table)?;
    let (origins, folders) = (origins(&files, &table), folders(&files, &table));
    // Errors about the whole are at its beginning.
    let whole = Deserializer::from(Spanned::new(0..text.len(), table));
    let manifest = Manifest::deserialize(whole).map_err(|error| {
        let index = error.span().and_then(|at| at.start.checked_sub(beyond));
        match index.and_then(|index| changes.sets.get(index)) {
            Some(change) => anyhow::Error::new(error).context(option(change)),
            None => files.locate(error),
        }
    });
    let mut manifest = manifest?;
    for (name, folder) in folders {
        if let Some(component) = manifest.components.get_mut(&name) {
            component.folder = folder;
        }
    }
    manifest.origins = origins;
    manifest.included = files.included().collect();
    Ok(manifest)
}

fn option(change: &str) -> String {
    format!("--set {change}")
}

fn entries<'t, 'a>(
    table: &'t DeTable<'a>,
    key: &str,
) -> impl Iterator<
    Item = (
        &'t Spanned<toml::de::DeString<'a>>,
        &'t Spanned<DeValue<'a>>,
    ),
> {
    let entries = table.get(key).and_then(|value| value.get_ref().as_table());
    entries.into_iter().flat_map(|entries| entries.iter())
}

/// Where the processes of included files are declared, by their names.
fn origins(files: &Files, table: &DeTable<'_>) -> Vec<(String, String)> {
    let processes = entries(table, "processes").filter_map(|(name, _)| {
        let place = files.place_in_included(name.span().start)?;
        Some((name.get_ref().to_string(), place))
    });
    processes.collect()
}

/// The folders that the commands of components are run in, from the manifest's folder.
fn folders(files: &Files, table: &DeTable<'_>) -> Vec<(String, PathBuf)> {
    let folders = entries(table, "components").filter_map(|(name, component)| {
        let build = component.get_ref().as_table()?.get("build")?;
        let folder = files.folder(build.span().start)?;
        Some((name.get_ref().to_string(), folder.to_owned()))
    });
    folders.collect()
}
