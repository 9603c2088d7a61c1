//! Components by axis: many items of one kind, or of several.
//!
//! ```text
//! axes/module       items of a core module
//! axes/operators    operators of a function
//! axes/items        items of a component
//! axes/references   items that are written once and referenced many times
//! ```
//!
//! `weights` tests the components.

mod items;
mod module;
mod operators;
mod references;

use wasm_encoder::ComponentBuilder;

/// A kind of item that a component can have many of.
pub struct Axis {
    /// The kind.
    pub name: &'static str,
    add: fn(&mut ComponentBuilder, u32),
}

impl Axis {
    const fn new(name: &'static str, add: fn(&mut ComponentBuilder, u32)) -> Self {
        Self { name, add }
    }

    /// About how many items fit in `bytes` bytes.
    pub fn within(&self, bytes: usize) -> u32 {
        let [one, two] = [1, 2].map(|count| self.component(count).len());
        u32::try_from(bytes / two.saturating_sub(one).max(1)).unwrap_or(u32::MAX)
    }

    /// A component with `count` items.
    pub fn component(&self, count: u32) -> Vec<u8> {
        component([(self, count)])
    }
}

/// All axes.
pub fn axes() -> impl Iterator<Item = &'static Axis> {
    [module::AXES, operators::AXES, items::AXES, references::AXES]
        .into_iter()
        .flatten()
}

/// The axis of this name.
pub fn axis(name: &str) -> &'static Axis {
    axes()
        .find(|axis| axis.name == name)
        .unwrap_or_else(|| panic!("no axis is called `{name}`"))
}

/// A component with a number of items of each axis.
pub fn component<'a>(parts: impl IntoIterator<Item = (&'a Axis, u32)>) -> Vec<u8> {
    let mut component = ComponentBuilder::default();
    for (axis, count) in parts {
        (axis.add)(&mut component, count);
    }
    component.finish()
}
