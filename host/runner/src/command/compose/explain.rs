//! Explains why an export does not fit an import: which interface, and which type or function in it.

use anyhow::{Result, bail};
use wac_graph::{CompositionGraph, PackageId};
use wac_types::{ItemKind, SubtypeChecker, are_semver_compatible};

/// Checks that a plug fits at least one import, and that every export whose name matches an import fits it.
pub(super) fn check(
    graph: &CompositionGraph,
    (plug_name, plug): (&str, PackageId),
    (socket_name, socket): (&str, PackageId),
) -> Result<()> {
    let types = graph.types();
    let exports = &types[graph[plug].ty()].exports;
    let imports = &types[graph[socket].ty()].imports;
    let mut fits = 0;
    for (name, export) in exports {
        let exact = imports.get_key_value(name);
        let import = exact.or_else(|| {
            imports
                .iter()
                .find(|(it, _)| are_semver_compatible(name, it))
        });
        let Some((wanted, import)) = import else {
            continue;
        };
        let mut cache = Default::default();
        let fit = SubtypeChecker::new(&mut cache).is_subtype(*export, types, *import, types);
        match fit {
            Ok(()) => fits += 1,
            Err(error) => bail!(
                "`{plug_name}` does not fit the import `{wanted}` of `{socket_name}`: {error:#}{}",
                what_is_there(graph, *export, *import)
            ),
        }
    }
    if fits > 0 {
        return Ok(());
    }
    let near = exports.keys().find_map(|name| {
        let bare = |name: &str| name.split('@').next().map(str::to_owned);
        let near = imports.keys().find(|import| bare(import) == bare(name))?;
        Some((name, near))
    });
    if let Some((name, near)) = near {
        bail!(
            "`{plug_name}` exports `{name}` and `{socket_name}` imports `{near}`: the versions are not compatible"
        );
    }
    bail!(
        "`{plug_name}` plugs nothing: it exports {}, and `{socket_name}` imports {}",
        list(exports.keys()),
        list(super::pluggable(imports)),
    )
}

/// The functions of the export and those it lacks, if it lacks any.
fn what_is_there(graph: &CompositionGraph, export: ItemKind, import: ItemKind) -> String {
    let names = |kind: ItemKind| match kind {
        ItemKind::Instance(id) => Some(graph.types()[id].exports.keys().collect::<Vec<_>>()),
        _ => None,
    };
    let (Some(has), Some(wants)) = (names(export), names(import)) else {
        return String::new();
    };
    let missing: Vec<_> = wants.iter().filter(|name| !has.contains(name)).collect();
    match missing.is_empty() {
        true => String::new(),
        false => format!(
            "; it has {}, and {} is wanted too",
            list(has),
            list(missing)
        ),
    }
}

/// Quotes and joins names.
fn list<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "nothing but what the host offers".to_owned(),
        false => names.join(", "),
    }
}
