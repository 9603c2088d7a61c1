//! A component as a manifest has it: its file, or a table with the command that makes it.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::PathBuf;

/// A component.
#[derive(Debug)]
pub(crate) struct Component {
    /// Its file, relative to the manifest.
    pub(crate) file: PathBuf,
    /// The command that makes the file.
    pub(crate) build: Option<String>,
    /// The folder that the command is run in, from the manifest's folder.
    pub(crate) folder: PathBuf,
}

/// The table that stands for a component.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    file: PathBuf,
    build: Option<String>,
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads either form.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Component;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file, or { file = \"FILE\", build = \"COMMAND\" }")
    }

    fn visit_str<E: Error>(self, file: &str) -> Result<Component, E> {
        Ok(Component {
            file: file.into(),
            build: None,
            folder: PathBuf::new(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Component, A::Error> {
        let Table { file, build } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Component {
            file,
            build,
            folder: PathBuf::new(),
        })
    }
}
