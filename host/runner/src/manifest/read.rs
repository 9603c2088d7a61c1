//! Reads the text of a manifest, with what is changed in it.
//!
//! Invariant: an error names its place: the line in the text, or the option that the value came from.

use super::set::set;
use super::variables::Variables;
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Deserializer};

/// What is changed in a manifest when it is read.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The variables that its strings may have.
    pub(crate) variables: Variables,
    /// What is put into it, as KEY=VALUE.
    pub(crate) sets: Vec<String>,
}

/// Reads a text.
///
/// # Errors
/// When it is no TOML, a variable is not defined, a change does not fit, or something has another form than `T`.
pub(super) fn read<T: DeserializeOwned>(text: &str, changes: &Changes) -> Result<T> {
    let mut table = DeTable::parse(text)?;
    // What is put in gets a span beyond the text, by which errors about it are told apart.
    let beyond = text.len() + 1;
    for (index, change) in changes.sets.iter().enumerate() {
        let at = beyond + index;
        set(table.get_mut(), change, at..at).with_context(|| option(change))?;
    }
    // After what is put in, as that may take the place of a variable that is not defined.
    changes.variables.fill(text, table.get_mut())?;
    T::deserialize(Deserializer::from(table)).map_err(|mut error| {
        let index = error.span().and_then(|at| at.start.checked_sub(beyond));
        match index.and_then(|index| changes.sets.get(index)) {
            Some(change) => anyhow::Error::new(error).context(option(change)),
            None => {
                error.set_input(Some(text));
                error.into()
            }
        }
    })
}

fn option(change: &str) -> String {
    format!("--set {change}")
}
