//! Which imports of a component a host has.
//!
//! The linker decides, not a list of names. To ask whether the linker has a name, a function of that name is added to a
//! copy of it, which fails if the name exists. Which names to ask for, the extensions say, those of the runtime's own folders included; for the rest of
//! WASI its versions do.
//!
//! Invariant: an import that is marked as offered here is never the reason why the component was refused.

use super::info::ImportInfo;
use crate::engine::LinkedEngine;
use crate::extension::Extensions;
use crate::interface::WASI_VERSIONS;
use crate::process::ProcessState;
use semver::Version;
use std::collections::HashMap;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

/// Types are compared for each import only up to this number of functions in all imports: three times the number of linked
/// functions.
const MOST_FUNCTIONS: usize = 1_000;

/// Marks the imports that the host does not have, and returns their descriptions.
pub(super) fn unknown(engine: &LinkedEngine, imports: &mut [ImportInfo]) -> Vec<String> {
    let mut linked = Linked::of(engine);
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

/// The packages that extensions add, as `wasi:http`, to those that every host has.
pub(super) fn added(extensions: &Extensions) -> Vec<&'static str> {
    const EVERYWHERE: [&str; 2] = ["weft:fabric", "wasi:sockets"];
    let interfaces = extensions.imports_from_outside();
    let interfaces = interfaces.map(|import| import.interface);
    let packages = interfaces.filter_map(|name| Some(name.split_once('/')?.0));
    let mut added: Vec<_> = packages.filter(|it| !EVERYWHERE.contains(it)).collect();
    added.sort_unstable();
    added.dedup();
    added
}

/// For a component that does not link: marks the imports that the host has with different types.
pub(super) fn other_shapes(
    engine: &LinkedEngine,
    component: &Component,
    imports: &mut [ImportInfo],
) {
    let linker = &engine.linker;
    let ty = component.component_type();
    let mut linked = Linked::of(engine);
    let mut found = Vec::new();
    let mut used = Vec::new();
    for import in imports.iter_mut().filter(|import| import.offered) {
        let there = linked.versions(&import.name);
        let exact = there.into_iter().find(|name| means(&import.name, name));
        let item = ty.get_import(linker.engine(), &import.name);
        if let Some((exact, item)) = exact.zip(item)
            && let ComponentItem::ComponentInstance(instance) = item.ty
        {
            import.missing = missing(linker, &exact, &instance, &mut used);
            import.offered = import.missing.is_empty();
            found.push((exact, instance));
        }
    }
    if imports.iter().all(|import| import.offered) {
        misfits(linker, component, imports, &found);
    }
}

/// A copy of a linker, to test for names.
struct Linked<'a> {
    extensions: &'a Extensions,
    probe: Linker<ProcessState>,
    /// Earlier answers, since a test adds the name to `probe`.
    asked: HashMap<String, bool>,
}

impl<'a> Linked<'a> {
    fn of(engine: &'a LinkedEngine) -> Self {
        let mut probe = engine.linker.clone();
        probe.allow_shadowing(false);
        Self {
            extensions: &engine.extensions,
            probe,
            asked: HashMap::new(),
        }
    }

    /// All linked versions of this interface, by their linked names.
    fn versions(&mut self, name: &str) -> Vec<String> {
        let interface = name
            .split_once('@')
            .map_or(name, |(interface, _)| interface);
        let of_wasi = interface.starts_with("wasi:");
        let versions = WASI_VERSIONS.iter().filter(|_| of_wasi);
        let names = versions.map(|version| format!("{interface}@{version}"));
        let of_extensions = self.extensions.imports().map(|import| import.interface);
        let of_extensions = of_extensions.filter(|name| {
            let rest = name.strip_prefix(interface);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
        });
        let mut found = Vec::new();
        for name in names.chain(of_extensions.map(str::to_owned)) {
            if !found.contains(&name) && self.has(&name) {
                found.push(name);
            }
        }
        found
    }

    /// Whether the linker has exactly this name.
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

/// Whether an import of the first name gets what is linked under the second: both name one interface. Versions of one track are compatible; a
/// pre-release matches only itself.
pub(super) fn means(import: &str, linked: &str) -> bool {
    let of_track = |name: &str| track(name.split_once('@')?.1);
    let same = import.split('@').next() == linked.split('@').next();
    import == linked || same && of_track(import).is_some_and(|it| of_track(linked) == Some(it))
}

/// The track of a version: versions with the same track can replace each other.
pub(super) fn track(version: &str) -> Option<[u64; 2]> {
    let version = Version::parse(version).ok()?;
    match (version.pre.is_empty(), version.major, version.minor) {
        (false, ..) | (_, 0, 0) => None,
        (true, 0, minor) => Some([0, minor]),
        (true, major, _) => Some([major, 0]),
    }
}

/// The functions and resources of an import that the host does not have. `used` are the resources of the imports before it: an interface that
/// uses one has it under its own name too, and the linker only where it is defined.
fn missing(
    linker: &Linker<ProcessState>,
    exact: &str,
    instance: &ComponentInstance,
    used: &mut Vec<ResourceType>,
) -> Vec<String> {
    let mut probe = linker.clone();
    probe.allow_shadowing(false);
    let Ok(mut linked) = probe.instance(exact) else {
        return Vec::new();
    };
    let exports = instance.exports(linker.engine());
    let missing = exports.filter(|(name, item)| match item.ty {
        ComponentItem::ComponentFunc(_) => linked.func_new(name, |_, _, _, _| Ok(())).is_ok(),
        ComponentItem::Resource(ty) if used.contains(&ty) => false,
        ComponentItem::Resource(ty) => {
            used.push(ty);
            let put = linked.resource(name, ResourceType::host::<()>(), |_, _| Ok(()));
            put.is_ok()
        }
        _ => false,
    });
    missing.map(|(name, _)| name.to_owned()).collect()
}

/// Finds the imports whose functions have different types in the host. An import is one of these if the component does not
/// link although all other imports are replaced by fitting ones.
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
    // If the component does not link even now, functions are not the cause.
    if fits(None) {
        for (at, import) in imports.iter_mut().enumerate() {
            import.offered = fits(Some(at));
        }
    }
}

/// Replaces the functions of an interface by functions that fit any type.
fn accept(
    linked: &mut LinkerInstance<'_, ProcessState>,
    linker: &Linker<ProcessState>,
    instance: &ComponentInstance,
) {
    let functions = instance.exports(linker.engine());
    for (name, item) in functions {
        if let ComponentItem::ComponentFunc(func) = item.ty {
            // An item that cannot be replaced stays as it is.
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
        let mut linked = Linked::of(&engines.concurrent);
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
        for import in Extensions::none().imports() {
            assert!(linked.has(import.interface), "{import:?}");
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
        assert!(!means("wasi:io/streams@0.2.12", linked));
    }
}
