//! Components that are instantiated: what each of them weighs is taken once more for every instance.
//!
//! A component that is defined once can be instantiated twice by another, and that one twice again: a few hundred bytes mean a billion
//! instances. So the weight of each is kept with its index, what it instantiates included.
//!
//! Invariant: what a component weighs is known before it is instantiated, or it is not taken.

use super::{OverBudget, Sum, Weight, weight};
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Payload,
};

/// Instances of components, each besides what it is an instance of.
const INSTANCES: Weight = weight("instances of its components", 5 << 10, 0);

/// The modules and components that are being read, the innermost last.
#[derive(Default)]
pub(super) struct Levels(Vec<Level>);

struct Level {
    /// What was weighed before it began.
    before: u64,
    is_component: bool,
    /// Weights of its components, by index; none of one that was handed in.
    components: Vec<Option<u64>>,
}

impl Levels {
    /// How deep they nest.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Follows one section, and adds what is instantiated in it.
    pub(super) fn follow(
        &mut self,
        payload: &Payload<'_>,
        sum: &mut Sum,
    ) -> Result<(), OverBudget> {
        match payload {
            Payload::Version { encoding, .. } => self.0.push(Level {
                before: sum.bytes,
                is_component: *encoding == Encoding::Component,
                components: Vec::new(),
            }),
            Payload::End(_) => {
                if let Some(level) = self.0.pop()
                    && level.is_component
                {
                    self.define(Some(sum.bytes.saturating_sub(level.before)));
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance?
                    {
                        self.instantiate(0, component_index, sum)?;
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    self.alias(&alias?, sum)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                        self.define(None);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        self.define(self.weight(0, export.index));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>, sum: &mut Sum) -> Result<(), OverBudget> {
        match alias {
            // One from further out is kept once more by all that it is in.
            ComponentAlias::Outer {
                kind: ComponentOuterAliasKind::Component,
                count,
                index,
            } => {
                self.instantiate(*count as usize, *index, sum)?;
                self.define(self.weight(*count as usize, *index));
            }
            ComponentAlias::InstanceExport {
                kind: ComponentExternalKind::Component,
                ..
            } => self.define(None),
            _ => {}
        }
        Ok(())
    }

    /// Adds a component to those of the one that is being read.
    fn define(&mut self, weight: Option<u64>) {
        if let Some(level) = self.0.last_mut() {
            level.components.push(weight);
        }
    }

    /// What a component weighs that is defined so many levels further out.
    fn weight(&self, outward: usize, index: u32) -> Option<u64> {
        let level = self.0.iter().rev().nth(outward)?;
        *level.components.get(index as usize)?
    }

    fn instantiate(&self, outward: usize, index: u32, sum: &mut Sum) -> Result<(), OverBudget> {
        let weight = self.weight(outward, index).ok_or(OverBudget::HandedOn)?;
        sum.add(INSTANCES, 1, 0);
        sum.again(INSTANCES, weight);
        sum.check()
    }
}
