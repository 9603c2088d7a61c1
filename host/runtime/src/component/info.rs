//! What people want to know about a component before they run it.

use super::transform::{SIGNATURE as TRANSFORM_SIGNATURE, TransformFunctions};
use super::{entry::EntryPoint, offers};
use crate::capability::Capability;
use crate::extension::Extensions;
use std::collections::BTreeSet;
use wasmtime::Engine;
use wasmtime::component::types::{Component, ComponentItem};

/// An interface that a component imports.
#[derive(Clone, Debug)]
pub struct ImportInfo {
    /// The interface's name, such as `weft:fabric/channel@0.2.0`.
    pub name: String,
    /// The functions it uses of the interface.
    pub functions: Vec<String>,
    /// Whether this host offers the interface: all of its functions, in this version.
    pub offered: bool,
    /// The functions and resources that this host lacks, if it has the interface otherwise.
    pub missing: Vec<String>,
    /// Whether it is an interface, and not a single function or another item.
    pub(super) is_interface: bool,
}

/// What a component exports and imports, and the capabilities it may need.
#[derive(Clone, Debug)]
pub struct ComponentInfo {
    /// Its entry points.
    pub entry_points: Vec<EntryPoint>,
    /// The interfaces it imports.
    pub imports: Vec<ImportInfo>,
    /// The capabilities that its imports can need, by name. It may use fewer.
    pub capabilities: BTreeSet<&'static str>,
    /// Why this host cannot run it, if it cannot.
    pub refusal: Option<String>,
    /// Its functions, if it is a transform.
    pub(crate) transform: Option<TransformFunctions>,
}

impl ComponentInfo {
    /// The signatures of everything at which a process can start: exported functions, and `transform` for a
    /// transform.
    pub fn signatures(&self) -> impl Iterator<Item = String> {
        let transform = self.transform.map(|_| TRANSFORM_SIGNATURE.to_owned());
        let functions = self.entry_points.iter().map(EntryPoint::signature);
        transform.into_iter().chain(functions)
    }
}

/// Most functions that are listed for all imports together: one interface can be imported any number of times.
const MOST_FUNCTIONS: usize = 100_000;

/// Lists the imports of a component, as if the host had each of them. Types that a world `use`s are imports too; they are not
/// interfaces and are left out.
pub(super) fn imports(engine: &Engine, ty: &Component) -> Vec<ImportInfo> {
    let mut left = MOST_FUNCTIONS;
    ty.imports(engine)
        .filter_map(|(name, import)| match import.ty {
            ComponentItem::ComponentInstance(instance) => {
                let functions = instance
                    .exports(engine)
                    .take(left)
                    .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
                let functions: Vec<_> = functions.map(|(name, _)| name.to_owned()).collect();
                left -= functions.len().min(left);
                Some(ImportInfo {
                    name: name.to_owned(),
                    functions,
                    offered: true,
                    missing: Vec::new(),
                    is_interface: true,
                })
            }
            ComponentItem::Type(_) | ComponentItem::Resource(_) => None,
            _ => Some(ImportInfo {
                name: name.to_owned(),
                functions: Vec::new(),
                offered: false,
                missing: Vec::new(),
                is_interface: false,
            }),
        })
        .collect()
}

/// The capabilities that these imports can need.
pub(super) fn capabilities(
    extensions: &Extensions,
    imports: &[ImportInfo],
) -> BTreeSet<&'static str> {
    imports
        .iter()
        .flat_map(|import| {
            import
                .functions
                .iter()
                .filter_map(|function| offers::capability(extensions, &import.name, function))
                .map(Capability::name)
        })
        .collect()
}
