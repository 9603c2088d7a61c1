//! `--set KEY=VALUE`: what the command line puts into a manifest.
//!
//! The key is a path, as in TOML: `processes.parse.limits.memory`, with quotes where a name has dots. In a list it goes
//! on with a position, from 0. The value is TOML, or else a string.

use anyhow::{Context, Result, bail};
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Puts a value into a table. Everything that is put there gets the span `at`.
///
/// # Errors
/// When the text is not KEY=VALUE, or the path leads through something that is no table.
pub(super) fn set<'a>(table: &mut DeTable<'a>, text: &'a str, at: Range<usize>) -> Result<()> {
    let (key, value) = text.split_once('=').context("write KEY=VALUE")?;
    let path = path(key)?;
    let value = match DeValue::parse(value) {
        Ok(value) => value.into_inner(),
        Err(_) => DeValue::String(value.into()),
    };
    let (last, above) = path.split_last().context("the key is empty")?;
    let mut place = Place::Table(table);
    for (depth, name) in above.iter().enumerate() {
        place = place.below(name, &at).with_context(|| {
            let so_far: Vec<&str> = path.iter().take(depth + 1).map(String::as_str).collect();
            so_far.join(".")
        })?;
    }
    place.put(last, Spanned::new(at, value))
}

/// The names of a path.
fn path(key: &str) -> Result<Vec<String>> {
    let text = format!("{key} = 0");
    let parsed = DeTable::parse(&text);
    let parsed = parsed.ok().filter(|_| !key.contains(['\n', '#']));
    let parsed = parsed.with_context(|| {
        format!("`{key}` is no key; write it as processes.NAME.limits.memory, with quotes around a name with dots")
    })?;
    let mut names = Vec::new();
    let mut table = parsed.get_ref();
    while let Some((name, value)) = table.iter().next() {
        names.push(name.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(below) => table = below,
            _ => break,
        }
    }
    Ok(names)
}

/// Where a path has led to.
enum Place<'t, 'a> {
    Table(&'t mut DeTable<'a>),
    List(&'t mut DeArray<'a>),
}

impl<'t, 'a> Place<'t, 'a> {
    /// What has this name here. A table that is not there is made.
    fn below(self, name: &str, at: &Range<usize>) -> Result<Self> {
        let value = match self {
            Self::Table(table) => {
                if !table.contains_key(name) {
                    let below = DeValue::Table(DeTable::new());
                    table.insert(key(name, at), Spanned::new(at.clone(), below));
                }
                table.get_mut(name)
            }
            Self::List(list) => list.get_mut(position(name)?),
        };
        let value = value.with_context(|| format!("there is no `{name}`"))?;
        match value.get_mut() {
            DeValue::Table(table) => Ok(Self::Table(table)),
            DeValue::Array(list) => Ok(Self::List(list)),
            _ => bail!("this is a value, and nothing is below it"),
        }
    }

    fn put(self, name: &str, value: Spanned<DeValue<'a>>) -> Result<()> {
        match self {
            Self::Table(table) => match table.get_mut(name) {
                Some(before) => *before = value,
                None => drop(table.insert(key(name, &value.span()), value)),
            },
            Self::List(list) => {
                let (position, length) = (position(name)?, list.len());
                match list.get_mut(position) {
                    Some(before) => *before = value,
                    None if position == length => list.push(value),
                    None => bail!("the list has {length} items, so there is no {position}"),
                }
            }
        }
        Ok(())
    }
}

fn key<'a>(name: &str, at: &Range<usize>) -> Spanned<Cow<'a, str>> {
    Spanned::new(at.clone(), Cow::Owned(name.to_owned()))
}

fn position(name: &str) -> Result<usize> {
    name.parse()
        .with_context(|| format!("`{name}` is no position in a list"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde::Deserialize;

    fn after(text: &str, change: &str) -> Result<String> {
        let mut table = DeTable::parse(text).unwrap();
        set(table.get_mut(), change, 0..0)?;
        let deserializer = toml::de::Deserializer::from(table);
        Ok(toml::Table::deserialize(deserializer).unwrap().to_string())
    }

    #[test]
    fn a_value_is_toml_or_else_a_string() {
        for (text, change, wanted) in [
            ("a = 1", "a=2", "a = 2\n"),
            ("a = 1", "a=true", "a = true\n"),
            ("a = 1", "a=64KiB", "a = \"64KiB\"\n"),
            ("a = 1", "a=\"2\"", "a = \"2\"\n"),
            ("a = 1", "a=x=y", "a = \"x=y\"\n"),
            ("a = 1", "a=", "a = \"\"\n"),
            ("a = 1", "a=[1, 2]", "a = [1, 2]\n"),
            ("", "a.\"b.c\".d=1", "[a.\"b.c\"]\nd = 1\n"),
            ("a = [{ b = 1 }]", "a.0.b=2", "[[a]]\nb = 2\n"),
            ("a = [1]", "a.1=2", "a = [1, 2]\n"),
        ] {
            assert_eq!(
                after(text, change).unwrap().trim_start(),
                wanted,
                "{change}"
            );
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        for (text, change, wanted) in [
            ("a = 1", "a", "write KEY=VALUE"),
            ("a = 1", "=1", "is no key"),
            ("a = 1", "a b=1", "is no key"),
            ("a = 1", "a.b=1", "nothing is below it"),
            ("a = [1]", "a.2=1", "so there is no 2"),
            ("a = [1]", "a.x=1", "`x` is no position in a list"),
        ] {
            let said = format!("{:#}", after(text, change).unwrap_err());
            assert!(said.contains(wanted), "{change}: {said}");
        }
    }
}
