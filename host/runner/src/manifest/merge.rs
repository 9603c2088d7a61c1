//! Several tables as one: those of included files, and the profiles that are chosen.
//!
//! Files add to each other, so nothing is declared in two of them. A profile changes what is there: tables are merged, and
//! anything else is replaced.

use super::files::Files;
use anyhow::{Context, Result, bail};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The key of what is included. [`Files`] reads it.
const INCLUDE: &str = "include";

/// The table of profiles.
const PROFILE: &str = "profile";

/// One table of all files, with these profiles merged over it in their order.
///
/// # Errors
/// When something is declared twice, or there is no such profile.
pub(super) fn merged<'a>(files: &'a Files, profiles: &[String]) -> Result<DeTable<'a>> {
    let (mut whole, mut declared) = (DeTable::new(), DeTable::new());
    for mut table in files.tables()? {
        table.remove(INCLUDE);
        if let Some((key, value)) = table.remove_entry(PROFILE) {
            let place = || files.place(key.span().start).unwrap_or_default();
            let DeValue::Table(of_file) = value.into_inner() else {
                bail!(
                    "{}: profiles are tables, such as [profile.production]",
                    place()
                );
            };
            overlay(&mut declared, of_file);
        }
        add(files, &mut whole, table)?;
    }
    for name in profiles {
        let Some(profile) = declared.remove(name.as_str()) else {
            let names: Vec<_> = declared
                .keys()
                .map(|name| name.get_ref().as_ref())
                .collect();
            match names.is_empty() {
                true => bail!("--profile {name}: there is no such profile; there are none"),
                false => bail!(
                    "--profile {name}: there is no such profile; there are: {}",
                    names.join(", ")
                ),
            }
        };
        let place = files.place(profile.span().start).unwrap_or_default();
        let DeValue::Table(profile) = profile.into_inner() else {
            bail!(
                "{place}, profile.{name}: a profile is a table, with the keys of a manifest in it"
            );
        };
        for key in [INCLUDE, PROFILE] {
            if profile.contains_key(key) {
                bail!("{place}, profile.{name}: a profile has no `{key}`");
            }
        }
        overlay(&mut whole, profile);
    }
    Ok(whole)
}

/// Adds the table of one file to those before.
fn add<'a>(files: &Files, whole: &mut DeTable<'a>, table: DeTable<'a>) -> Result<()> {
    for (key, value) in table {
        let before = whole.get_key_value(&key).map(|(before, _)| before.clone());
        let (Some(before), Some(there)) = (before, whole.get_mut(&key)) else {
            whole.insert(key, value);
            continue;
        };
        let name = key.get_ref().to_string();
        match (there.get_mut(), value.into_inner()) {
            (DeValue::Table(there), DeValue::Table(more)) => {
                for (below, value) in more {
                    if let Some((before, _)) = there.get_key_value(&below) {
                        return Err(twice(
                            files,
                            &format!("{name}.{}", below.get_ref()),
                            before,
                            &below,
                        ));
                    }
                    there.insert(below, value);
                }
            }
            _ => return Err(twice(files, &name, &before, &key)),
        }
    }
    Ok(())
}

fn twice(
    files: &Files,
    name: &str,
    one: &Spanned<DeString<'_>>,
    other: &Spanned<DeString<'_>>,
) -> anyhow::Error {
    let place = |key: &Spanned<DeString<'_>>| files.place(key.span().start).unwrap_or_default();
    let (one, other) = (place(one), place(other));
    anyhow::anyhow!("`{name}` is declared twice: at {one}, and at {other}")
}

/// Merges a table over another.
fn overlay<'a>(below: &mut DeTable<'a>, over: DeTable<'a>) {
    for (key, value) in over {
        let Some(there) = below.get_mut(&key) else {
            below.insert(key, value);
            continue;
        };
        match (there.get_mut(), value) {
            (DeValue::Table(there), value) if value.get_ref().is_table() => {
                if let DeValue::Table(over) = value.into_inner() {
                    overlay(there, over);
                }
            }
            (_, value) => *there = value,
        }
    }
}

/// Makes the paths of included files relative to the manifest's folder.
///
/// # Errors
/// When the folder of a file has no name in UTF-8.
pub(super) fn settle_paths(files: &Files, table: &mut DeTable<'_>) -> Result<()> {
    if let Some(DeValue::Table(components)) = value_of(table, "components") {
        for (_, component) in components.iter_mut() {
            match component.get_ref() {
                DeValue::String(_) => settle(files, component)?,
                _ => settle_below(files, component, "file")?,
            }
        }
    }
    if let Some(DeValue::Table(processes)) = value_of(table, "processes") {
        for (_, process) in processes.iter_mut() {
            let DeValue::Table(process) = process.get_mut() else {
                continue;
            };
            if let Some(DeValue::Array(mounts)) = value_of(process, "mounts") {
                for mount in mounts.iter_mut() {
                    settle_below(files, mount, "host")?;
                }
            }
        }
    }
    if let Some(network) = table.get_mut("network") {
        settle_below(files, network, "authorities")?;
    }
    for (edges, keys) in [
        ("sources", &["file", "state"][..]),
        ("sinks", &["file"]),
        ("certificates", &["certificate", "key", "clients"]),
    ] {
        if let Some(DeValue::Table(edges)) = value_of(table, edges) {
            for (_, edge) in edges.iter_mut() {
                for key in keys {
                    settle_below(files, edge, key)?;
                }
            }
        }
    }
    Ok(())
}

fn value_of<'t, 'a>(table: &'t mut DeTable<'a>, key: &str) -> Option<&'t mut DeValue<'a>> {
    table.get_mut(key).map(Spanned::get_mut)
}

fn settle_below(files: &Files, value: &mut Spanned<DeValue<'_>>, key: &str) -> Result<()> {
    match value.get_mut() {
        DeValue::Table(table) => table
            .get_mut(key)
            .map_or(Ok(()), |path| settle(files, path)),
        _ => Ok(()),
    }
}

fn settle(files: &Files, value: &mut Spanned<DeValue<'_>>) -> Result<()> {
    let folder = files.folder(value.span().start).unwrap_or(Path::new(""));
    match value.get_mut() {
        DeValue::String(path) if !path.is_empty() && !folder.as_os_str().is_empty() => {
            let whole = folder.join(path.as_ref());
            let whole = whole
                .to_str()
                .context("the path of an included file is no UTF-8")?;
            *path = whole.to_owned().into();
            Ok(())
        }
        _ => Ok(()),
    }
}
