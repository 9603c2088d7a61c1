//! Components by axis: so many of one thing, or of several, that a component can be made of.
//!
//! ```text
//! axes/module       what a core module has
//! axes/operators    what a function has
//! axes/items        what a component has
//! axes/references   what is written once and meant many times
//! ```
//!
//! Not what becomes of them: that is `weights`.

mod items;
mod module;
mod operators;
mod references;

use wasm_encoder::ComponentBuilder;

/// Something that a component can have much of.
pub struct Axis {
    /// What it is.
    pub name: &'static str,
    add: fn(&mut ComponentBuilder, u32),
}

impl Axis {
    const fn new(name: &'static str, add: fn(&mut ComponentBuilder, u32)) -> Self {
        Self { name, add }
    }

    /// How many there are in so many bytes, about.
    pub fn within(&self, bytes: usize) -> u32 {
        let [one, two] = [1, 2].map(|count| self.component(count).len());
        u32::try_from(bytes / two.saturating_sub(one).max(1)).unwrap_or(u32::MAX)
    }

    /// A component of so many.
    pub fn component(&self, count: u32) -> Vec<u8> {
        component([(self, count)])
    }
}

/// All of them.
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

/// A component of so many of each.
pub fn component<'a>(parts: impl IntoIterator<Item = (&'a Axis, u32)>) -> Vec<u8> {
    let mut component = ComponentBuilder::default();
    for (axis, count) in parts {
        (axis.add)(&mut component, count);
    }
    component.finish()
}
