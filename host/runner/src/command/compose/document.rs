//! WAC documents: text that says which exports go to which imports.

use super::ENCODING;
use crate::written;
use anyhow::{Context, Result, anyhow, bail};
use indexmap::IndexMap;
use miette::Diagnostic;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use wac_parser::Document;
use wac_types::BorrowedPackageKey;
use weft_host::component::ComponentReader;

/// Composes as a document says. Its packages are files beside it, unless `dependencies` (`PACKAGE=FILE`) name others.
/// Each file that was read is added to `inputs`.
pub(super) fn compose(
    path: &Path,
    dependencies: &[String],
    reader: &mut ComponentReader,
    inputs: &mut Vec<PathBuf>,
) -> Result<Vec<u8>> {
    let shown = path.display().to_string();
    let text = written::read(path).with_context(|| format!("cannot read `{shown}`"))?;
    let mut files = HashMap::new();
    for dependency in dependencies {
        let (package, file) = dependency.split_once('=').with_context(|| {
            format!("--dep {dependency}: write PACKAGE=FILE, such as my:filter=filter.wasm")
        })?;
        if !Path::new(file).is_file() {
            bail!("--dep {dependency}: there is no file `{file}`");
        }
        files.insert(package.to_owned(), PathBuf::from(file));
    }
    let say = |error: &dyn Diagnostic| located(&shown, &text, error);
    let document = Document::parse(&text).map_err(|error| say(&error))?;
    let keys = wac_resolver::packages(&document).map_err(|error| say(&error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut packages = IndexMap::new();
    for (key, span) in &keys {
        let beside = beside(key);
        let named = files.get(key.name).filter(|_| key.version.is_none());
        let file = named.cloned().unwrap_or_else(|| folder.join(&beside));
        if !file.is_file() {
            let (line, column) = place(&text, span.offset());
            bail!(
                "{shown}:{line}:{column}: there is no component for package `{key}`: it is looked for as `{beside}` beside the document; or say --dep {}=FILE",
                key.name
            );
        }
        // Read once: what is composed is what was checked.
        packages.insert(*key, super::read(reader, &file)?);
        inputs.push(file);
    }
    let resolution = document.resolve(packages).map_err(|error| say(&error))?;
    let encoded = resolution.encode(ENCODING);
    encoded.map_err(|error| say(&error))
}

/// Where a package is, beside the document: `my:filter@1.0.0` is `my/filter/1.0.0.wasm`.
fn beside(key: &BorrowedPackageKey<'_>) -> String {
    let name = key.name.replace(':', "/");
    match key.version {
        Some(version) => format!("{name}/{version}.wasm"),
        None => format!("{name}.wasm"),
    }
}

/// Adds the place in the document to an error.
fn located(shown: &str, text: &str, error: &dyn Diagnostic) -> anyhow::Error {
    let label = error.labels().and_then(|mut labels| labels.next());
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&format!(": {error}"));
        cause = error.source();
    }
    match label {
        Some(label) => {
            let (line, column) = place(text, label.offset());
            anyhow!("{shown}:{line}:{column}: {words}")
        }
        None => anyhow!("{shown}: {words}"),
    }
}

/// Line and column, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}
