//! Which imports of a component a host has.
//!
//! The linker decides, and not a list of names: it is asked what it holds by putting things into a copy of it, which fails
//! where something is. Only which versions of the packages there are is written down, and tested.
//!
//! Invariant: what is called offered here is no reason for the refusal of the component.

use super::info::ImportInfo;
use crate::process::ProcessState;
use semver::Version;
use std::collections::HashMap;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

/// The versions that are linked, by the beginnings of the packages' names.
const VERSIONS: [(&str, [u64; 3]); 3] = [
    ("weft:fabric", [0, 2, 0]),
    ("wasi:", [0, 2, 12]),
    ("wasi:", [0, 3, 0]),
];

/// Functions of all imports up to which their types are looked at, import by import: three times those of all that is linked.
const MOST_FUNCTIONS: usize = 1_000;

/// Says of these imports which of them the host has not at all, and returns those in words.
pub(super) fn unknown(linker: &Linker<ProcessState>, imports: &mut [ImportInfo]) -> Vec<String> {
    let mut linked = Linked::of(linker);
    let mut unknown = Vec::new();
    for import in imports.iter_mut().filter(|import| import.offered) {
        let there = linked.versions(&import.name);
        import.offered = there.iter().any(|name| means(&import.name, name));
        if !import.offered {
            unknown.push(match there.is_empty() {
                true => import.name.clone(),
                false => format!("{} (there is {})", import.name, there.join(" and ")),
            });
        }
    }
    let others = imports.iter().filter(|import| !import.is_interface);
    unknown.extend(others.map(|import| import.name.clone()));
    unknown
}

/// Says of these imports, of a component that does not link, which the host has in another shape.
pub(super) fn other_shapes(
    linker: &Linker<ProcessState>,
    component: &Component,
    imports: &mut [ImportInfo],
) {
    let ty = component.component_type();
    let mut linked = Linked::of(linker);
    let mut found = Vec::new();
    for import in imports.iter_mut().filter(|import| import.offered) {
        let there = linked.versions(&import.name);
        let exact = there.into_iter().find(|name| means(&import.name, name));
        let item = ty.get_import(linker.engine(), &import.name);
        if let Some((exact, item)) = exact.zip(item)
            && let ComponentItem::ComponentInstance(instance) = item.ty
        {
            import.missing = missing(linker, &exact, &instance);
            import.offered = import.missing.is_empty();
            found.push((exact, instance));
        }
    }
    if imports.iter().all(|import| import.offered) {
        misfits(linker, component, imports, &found);
    }
}

/// A copy of a linker, to be asked for names.
struct Linked {
    probe: Linker<ProcessState>,
    /// To ask puts something there.
    asked: HashMap<String, bool>,
}

impl Linked {
    fn of(linker: &Linker<ProcessState>) -> Self {
        let mut probe = linker.clone();
        probe.allow_shadowing(false);
        Self {
            probe,
            asked: HashMap::new(),
        }
    }

    /// The interface of this name in every version there is, under the names by which they are linked.
    fn versions(&mut self, name: &str) -> Vec<String> {
        let interface = name
            .split_once('@')
            .map_or(name, |(interface, _)| interface);
        let versions = VERSIONS.iter().filter(|(package, _)| {
            // Not `weft:fabrics`, but any package of `wasi:`.
            let rest = interface.strip_prefix(package);
            rest.is_some_and(|rest| package.ends_with(':') || rest.starts_with('/'))
        });
        let names = versions
            .map(|(_, [major, minor, patch])| format!("{interface}@{major}.{minor}.{patch}"));
        names.filter(|name| self.has(name)).collect()
    }

    /// Whether something has exactly this name.
    fn has(&mut self, name: &str) -> bool {
        if let Some(known) = self.asked.get(name) {
            return *known;
        }
        let mut root = self.probe.root();
        let has = root.func_new(name, |_, _, _, _| Ok(())).is_err();
        self.asked.insert(name.to_owned(), has);
        has
    }
}

/// Whether an import of the first name is given what is linked under the second: versions of one track mean the same, but a
/// version before the release means itself alone.
fn means(import: &str, linked: &str) -> bool {
    let version = |name: &str| track(name.split_once('@')?.1);
    import == linked || version(import).is_some_and(|track| version(linked) == Some(track))
}

/// What versions have in common that may stand for each other.
pub(super) fn track(version: &str) -> Option<[u64; 2]> {
    let version = Version::parse(version).ok()?;
    match (version.pre.is_empty(), version.major, version.minor) {
        (false, ..) | (_, 0, 0) => None,
        (true, 0, minor) => Some([0, minor]),
        (true, major, _) => Some([major, 0]),
    }
}

/// The functions and resources of an import that the host has not.
fn missing(
    linker: &Linker<ProcessState>,
    exact: &str,
    instance: &ComponentInstance,
) -> Vec<String> {
    let mut probe = linker.clone();
    probe.allow_shadowing(false);
    let Ok(mut linked) = probe.instance(exact) else {
        return Vec::new();
    };
    let exports = instance.exports(linker.engine());
    let missing = exports.filter(|(name, item)| match item.ty {
        ComponentItem::ComponentFunc(_) => linked.func_new(name, |_, _, _, _| Ok(())).is_ok(),
        ComponentItem::Resource(_) => linked
            .resource(name, ResourceType::host::<()>(), |_, _| Ok(()))
            .is_ok(),
        _ => false,
    });
    missing.map(|(name, _)| name.to_owned()).collect()
}

/// Finds the imports whose functions have other types than the host's: those with which the component does not fit, though
/// all others are made to.
fn misfits(
    linker: &Linker<ProcessState>,
    component: &Component,
    imports: &mut [ImportInfo],
    found: &[(String, ComponentInstance)],
) {
    let functions: usize = imports.iter().map(|import| import.functions.len()).sum();
    if functions > MOST_FUNCTIONS {
        return;
    }
    let fits = |at: Option<usize>| {
        let mut probe = linker.clone();
        probe.allow_shadowing(true);
        let others = found.iter().enumerate();
        for (_, (exact, instance)) in others.filter(|(other, _)| Some(*other) != at) {
            if let Ok(mut linked) = probe.instance(exact) {
                accept(&mut linked, linker, instance);
            }
        }
        probe.instantiate_pre(component).is_ok()
    };
    // Where something else does not fit, functions are not to blame.
    if fits(None) {
        for (at, import) in imports.iter_mut().enumerate() {
            import.offered = fits(Some(at));
        }
    }
}

/// Puts functions of any type in the place of an interface's.
fn accept(
    linked: &mut LinkerInstance<'_, ProcessState>,
    linker: &Linker<ProcessState>,
    instance: &ComponentInstance,
) {
    let functions = instance.exports(linker.engine());
    for (name, item) in functions {
        if let ComponentItem::ComponentFunc(func) = item.ty {
            // What cannot be put there stays as it is.
            let _ = any_function(linked, name, &func);
        }
    }
}

fn any_function(
    linked: &mut LinkerInstance<'_, ProcessState>,
    name: &str,
    func: &ComponentFunc,
) -> wasmtime::Result<()> {
    match func.async_() {
        true => linked.func_new_concurrent(name, |_, _, _, _| Box::pin(async { Ok(()) })),
        false => linked.func_new(name, |_, _, _, _| Ok(())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::HostConfig;
    use crate::engine::Engines;

    #[test]
    fn every_version_that_is_written_down_is_linked() {
        let engines = Engines::new(HostConfig::default()).unwrap();
        let mut linked = Linked::of(&engines.concurrent.linker);
        for (interface, versions_there) in [
            ("weft:fabric/log", 1),
            ("weft:fabric/frames", 1),
            ("wasi:cli/stdout", 2),
            ("wasi:clocks/types", 1),
            ("wasi:cli/types", 1),
        ] {
            assert_eq!(
                linked.versions(interface).len(),
                versions_there,
                "{interface}"
            );
        }
        for import in ["wasi:random/nosuch@0.2.0", "weft:fabric/tapes@0.2.0", "x"] {
            assert!(linked.versions(import).is_empty(), "{import}");
        }
    }

    #[test]
    fn versions_of_one_track_mean_each_other() {
        let linked = "wasi:io/poll@0.2.12";
        for version in ["0.2.0", "0.2.12", "0.2.99", "0.2.3+build"] {
            assert!(
                means(&format!("wasi:io/poll@{version}"), linked),
                "{version}"
            );
        }
        for version in ["0.3.0", "0.2.0-rc-2023-11-10", "0.2", "1.2.12", "0.2.12-rc"] {
            assert!(
                !means(&format!("wasi:io/poll@{version}"), linked),
                "{version}"
            );
        }
        assert!(!means("wasi:io/poll", linked));
    }
}
