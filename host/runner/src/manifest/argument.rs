//! Arguments as a manifest writes them: TOML values, or ends of channels.

use super::place::{Place, ReadEntry};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use weft_host::{Argument, capability::Right};

/// The value of `args.NAME`.
#[derive(Debug)]
pub(crate) enum Given {
    /// A value.
    Value(Argument),
    /// An end of a channel.
    End(End),
}

/// An end of a declared channel.
#[derive(Debug)]
pub(crate) struct End {
    /// Which end it is.
    pub(crate) kind: EndKind,
    /// The channel's name.
    pub(crate) channel: String,
    /// Whether the end is weak.
    pub(crate) weak: bool,
    /// Whether the process gets the right to use it.
    pub(crate) grant: bool,
    /// Where a reader of a durable channel begins.
    pub(crate) place: Place,
}

impl End {
    /// Whether it keeps its channel open, or can make what does. A weak writer does not.
    pub(super) fn keeps_open(&self) -> bool {
        match self.kind {
            EndKind::Reader => false,
            EndKind::Writer => !self.weak,
            EndKind::Channel => true,
        }
    }

    /// A strong end that is held for something which needs no right to use it.
    pub(super) fn held(kind: EndKind, channel: String) -> Self {
        Self {
            kind,
            channel,
            weak: false,
            grant: false,
            place: Place::default(),
        }
    }
}

/// The kind of end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndKind {
    /// `{ reader = "name" }`
    Reader,
    /// `{ writer = "name" }`
    Writer,
    /// `{ channel = "name" }`
    Channel,
}

impl Given {
    /// Reads the value of an argument.
    pub(crate) fn read(value: &toml::Value) -> Result<Self> {
        if let toml::Value::Table(table) = value
            && let Some(end) = end(table)?
        {
            return Ok(Given::End(end));
        }
        Ok(Given::Value(match value {
            toml::Value::String(text) => Argument::Text(text.clone()),
            value => Argument::Plain(wave(value)?),
        }))
    }

    /// The right that an end brings with it.
    pub(crate) fn right(&self) -> Option<Right> {
        match self {
            Given::End(End { grant: false, .. }) | Given::Value(_) => None,
            Given::End(end) => match end.kind {
                EndKind::Reader => Some(Right::ChannelReader),
                EndKind::Writer => Some(Right::ChannelWriter),
                EndKind::Channel => None,
            },
        }
    }
}

/// The keys that an end may have beside its channel.
const FLAGS: [&str; 2] = ["weak", "grant"];

/// The channel end that a table stands for, if it does: `{ reader = "x" }` and the like, with at most `weak = true`
/// and `grant = false` beside it. A table without any of these keys is a record.
fn end(table: &toml::Table) -> Result<Option<End>> {
    let kinds = [
        ("reader", EndKind::Reader),
        ("writer", EndKind::Writer),
        ("channel", EndKind::Channel),
    ];
    let mut found = kinds
        .iter()
        .filter_map(|(key, kind)| Some((*key, *kind, table.get(*key)?)));
    let Some((key, kind, channel)) = found.next() else {
        return Ok(None);
    };
    let (channel, place) = match (channel, kind) {
        (toml::Value::String(channel), _) => (channel.clone(), Place::default()),
        (toml::Value::Table(table), EndKind::Reader) => {
            let entry = ReadEntry::deserialize(table.clone()).context("reader")?;
            entry.check().context("reader")?
        }
        _ => bail!("`{key}` names a channel, such as {{ {key} = \"raw\" }}; given {channel}"),
    };
    if let Some(other) = table
        .keys()
        .find(|name| *name != key && !FLAGS.contains(&name.as_str()))
    {
        bail!(
            "`{other}` is no key of an end; write {{ {key} = {channel:?} }}, or with weak = true"
        );
    }
    let flag = |name: &str| match table.get(name) {
        None => Ok(None),
        Some(toml::Value::Boolean(flag)) => Ok(Some(*flag)),
        Some(other) => bail!("`{name}` is true or false; given {other}"),
    };
    let (weak, grant) = (flag("weak")?.unwrap_or(false), flag("grant")?);
    if weak && kind == EndKind::Channel {
        bail!("a channel is not weak or strong; its ends are");
    }
    if grant.is_some() && kind == EndKind::Channel {
        bail!(
            "`grant` is for ends; what may be done with a channel, its process's capabilities say"
        );
    }
    Ok(Some(End {
        kind,
        channel,
        weak,
        grant: grant.unwrap_or(true),
        place,
    }))
}

/// Converts a TOML value to WAVE.
fn wave(value: &toml::Value) -> Result<String> {
    Ok(match value {
        toml::Value::String(text) => quoted(text),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) if number.is_nan() => "nan".into(),
        toml::Value::Float(number) => format!("{number:?}"),
        toml::Value::Boolean(flag) => flag.to_string(),
        toml::Value::Datetime(_) => bail!("a date is no WIT value; write it as text"),
        toml::Value::Array(items) => {
            format!(
                "[{}]",
                items
                    .iter()
                    .map(wave)
                    .collect::<Result<Vec<_>>>()?
                    .join(", ")
            )
        }
        toml::Value::Table(table) => {
            let fields = table
                .iter()
                .map(|(name, value)| Ok(format!("{}: {}", label(name)?, wave(value)?)))
                .collect::<Result<Vec<_>>>()?;
            if fields.is_empty() {
                "{:}".into()
            } else {
                format!("{{{}}}", fields.join(", "))
            }
        }
    })
}

/// Checks the name of a field for WAVE. A TOML key may be any text.
fn label(name: &str) -> Result<&str> {
    let word = |word: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric();
        !word.is_empty() && word.chars().all(fits)
    };
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    match begins && name.split('-').all(word) {
        true => Ok(name),
        false => bail!(
            "{name:?} is no name of a field; those are words of letters and digits with dashes between, such as first-name"
        ),
    }
}

/// A string in WAVE.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn check(toml: &str, wanted: &str) {
        let table: toml::Table = toml::from_str(&format!("x = {toml}")).unwrap();
        let given = Given::read(table.get("x").unwrap()).unwrap();
        let text = match given {
            Given::Value(Argument::Plain(text)) => text,
            Given::Value(Argument::Text(text)) => format!("text {text}"),
            Given::Value(other) => panic!("{other:?}"),
            Given::End(end) => format!("{:?} {} {}", end.kind, end.channel, end.weak),
        };
        assert_eq!(text, wanted);
    }

    #[test]
    fn values_become_wave_and_ends_are_told_apart() {
        check("3", "3");
        check("2.0", "2.0");
        check("\"a\"", "text a");
        check("[\"a\\n\", \"b\"]", "[\"a\\n\", \"b\"]");
        check("{ a = 1, b = [true] }", "{a: 1, b: [true]}");
        check("{ reader = \"raw\" }", "Reader raw false");
        check("{ reader = \"raw\", weak = true }", "Reader raw true");
    }

    #[test]
    fn a_key_that_is_no_name_of_a_field_is_refused() {
        for key in ["", "x: 1, y", "first name", "-x", "x-", "1x", "größe"] {
            let table = toml::Table::from_iter([(key.to_owned(), toml::Value::Integer(1))]);
            assert!(Given::read(&toml::Value::Table(table)).is_err(), "{key:?}");
        }
    }
}
