//! The items of one module, component or type, by kind and index.

use super::item::{Exports, Item, Linear};
use wasmparser::ComponentExternalKind as Kind;

#[derive(Default)]
pub(super) struct Scope<'a> {
    pub(super) is_component: bool,
    modules: Vec<Item<'a>>,
    functions: Vec<Item<'a>>,
    values: Vec<Item<'a>>,
    types: Vec<Item<'a>>,
    instances: Vec<Item<'a>>,
    components: Vec<Item<'a>>,
    /// The weight in bytes of one more use of a core type; 0 except for module types.
    pub(super) core_types: Vec<u64>,
    pub(super) exports: Exports<'a>,
    /// The weight of its imports and exports.
    pub(super) weight: Linear,
    /// The weight of making one instance.
    pub(super) made: Linear,
    /// Bytes of the items that it captures from outer scopes.
    pub(super) captured: u64,
}

impl<'a> Scope<'a> {
    pub(super) fn new(is_component: bool) -> Self {
        Self {
            is_component,
            ..Self::default()
        }
    }

    /// Adds weight for each instance.
    pub(super) fn add(&mut self, weight: Linear) {
        self.made = self.made.plus(weight);
    }

    pub(super) fn get(&self, kind: Kind, index: u32) -> Option<&Item<'a>> {
        let items = match kind {
            Kind::Module => &self.modules,
            Kind::Func => &self.functions,
            Kind::Value => &self.values,
            Kind::Type => &self.types,
            Kind::Instance => &self.instances,
            Kind::Component => &self.components,
        };
        items.get(index as usize)
    }

    pub(super) fn push(&mut self, kind: Kind, item: Item<'a>) {
        let items = match kind {
            Kind::Module => &mut self.modules,
            Kind::Func => &mut self.functions,
            Kind::Value => &mut self.values,
            Kind::Type => &mut self.types,
            Kind::Instance => &mut self.instances,
            Kind::Component => &mut self.components,
        };
        items.push(item);
    }
}
