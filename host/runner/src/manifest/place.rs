//! Where a reader of a durable channel begins, and the name of its place.

use anyhow::{Context, bail};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::time::{Duration, SystemTime};

/// What is read: the name of a channel, or a table with the place in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadEntry {
    channel: String,
    name: Option<String>,
    begin: Option<toml::Value>,
}

/// `{ channel = "NAME", as = "PLACE", begin = "oldest" }`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    channel: String,
    #[serde(default, rename = "as")]
    name: Option<String>,
    #[serde(default)]
    begin: Option<toml::Value>,
}

impl<'de> Deserialize<'de> for ReadEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

impl From<ReadEntry> for toml::Value {
    fn from(entry: ReadEntry) -> Self {
        let ReadEntry {
            channel,
            name,
            begin,
        } = entry;
        let channel = toml::Value::String(channel);
        if name.is_none() && begin.is_none() {
            return channel;
        }
        let name = name.map(|name| ("as".to_owned(), toml::Value::String(name)));
        let begin = begin.map(|begin| ("begin".to_owned(), begin));
        let table = [Some(("channel".to_owned(), channel)), name, begin];
        Self::Table(table.into_iter().flatten().collect())
    }
}

/// Reads either form.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = ReadEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a channel, or { channel = \"NAME\", as = \"PLACE\" }")
    }

    fn visit_str<E: Error>(self, channel: &str) -> Result<ReadEntry, E> {
        Ok(ReadEntry::of(channel))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReadEntry, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let Table {
            channel,
            name,
            begin,
        } = table;
        Ok(ReadEntry {
            channel,
            name,
            begin,
        })
    }
}

/// Where a reader begins, and the name of its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The name under which the server keeps the place.
    pub(crate) name: Option<String>,
    /// Where it begins, the first time.
    pub(crate) begin: Option<Begin>,
}

/// Where a reader begins that has no place yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Begin {
    /// At the oldest frame retained.
    #[default]
    Oldest,
    /// At the next frame that is written.
    Newest,
    /// At the oldest frame that the server got at this time or later.
    Time(SystemTime),
    /// At the message of this sequence.
    Sequence(u64),
}

impl ReadEntry {
    /// A channel, with no place in it.
    pub(super) fn of(channel: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            ..Self::default()
        }
    }

    /// The channel and the place in it.
    ///
    /// # Errors
    /// When the place has no name that a server takes, or begins nowhere.
    pub(super) fn check(&self) -> anyhow::Result<(String, Place)> {
        if let Some(name) = &self.name
            && (name.is_empty() || !name.chars().all(is_in_names))
        {
            bail!(
                "`as`: {name:?} is no name of a place; those have letters, digits, `-` and `_`, such as \"billing\""
            );
        }
        let begin = self.begin.as_ref().map(begin).transpose();
        let place = Place {
            name: self.name.clone(),
            begin: begin.context("begin")?,
        };
        Ok((self.channel.clone(), place))
    }
}

/// What a server takes in the name of a place.
fn is_in_names(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn begin(value: &toml::Value) -> anyhow::Result<Begin> {
    let text = match value {
        toml::Value::Integer(sequence) if *sequence > 0 => {
            return Ok(Begin::Sequence(sequence.unsigned_abs()));
        }
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    match text.as_str() {
        "oldest" => Ok(Begin::Oldest),
        "newest" => Ok(Begin::Newest),
        other => match other.parse::<jiff::Timestamp>() {
            Ok(time) => {
                let millis = u64::try_from(time.as_millisecond()).unwrap_or_default();
                Ok(Begin::Time(
                    SystemTime::UNIX_EPOCH + Duration::from_millis(millis),
                ))
            }
            Err(_) => bail!(
                "`{other}` is no place to begin; write \"oldest\", \"newest\", a time such as 2026-01-31T12:00:00Z, or the sequence of a message"
            ),
        },
    }
}
