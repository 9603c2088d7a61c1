//! The weight of references: an item is weighed again for each reference to it.
//!
//! An instance type is expanded wherever it is imported, an instance is copied wherever it is exported, and a component is processed for
//! each of its instances. So items that each refer twice to the one before double the total with every few bytes. Therefore each indexed
//! item has a weight that includes everything below it, and each reference to it adds that weight.
//!
//! ```text
//! trees/item    the weight of one item, in terms of its arguments
//! trees/scope   the items of one component, module or type, by kind and index
//! trees/types   declarations of types
//! ```
//!
//! Invariants:
//! - The weight of a component is known before it is instantiated or captured; otherwise it is refused.
//! - Only type declarations recurse here, at most [`MOST_NESTED`](super::MOST_NESTED) deep: `nesting` has checked them.
//! - The memory used here is for named and indexed items: about a tenth of their weight.

mod item;
mod scope;
mod types;

use super::{OverBudget, Sum, Weight, weight};
use item::{Item, Linear, Made};
use scope::Scope;
use std::rc::Rc;
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExport, ComponentExternalKind as Kind,
    ComponentInstance, ComponentInstantiationArg, ComponentOuterAliasKind, ComponentTypeRef,
    Encoding, Instance, Payload, TypeBounds,
};

/// Instances of components, in addition to the component's weight.
const INSTANCES: Weight = weight("instances of its components", 5 << 10, 0);
/// An import, export, argument or alias, and each byte of its name. 900 copies of an instance with 1,000 exports took 622 MB: names are
/// copied too, and the parser, the validator and the host each hold a copy of a type.
const ENTRIES: Weight = weight("imports, exports and types that it uses", 700, 4);
/// A module or component that is captured from an outer scope. A chain of 22, each of which captured the previous one
/// twice, took a gigabyte.
const CAPTURED: Weight = weight("components and modules that it keeps", 512, 0);
/// A part of a value type. It costs time, 30 nanoseconds for each use, and no memory.
const NODE: u64 = 16;
/// Copied for each reference to a component that is defined in another.
const CLOSURE: u64 = 256;
/// The weight of an import of a module, for each instance of the module.
const ARGUMENT: u64 = 128;

type Checked<T = ()> = std::result::Result<T, OverBudget>;

/// The modules, components and types being read, the innermost last.
#[derive(Default)]
pub(super) struct Trees<'a>(Vec<Scope<'a>>);

impl<'a> Trees<'a> {
    /// The nesting depth.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Reads one section whose own weight is `own`, and adds the weight of its references.
    pub(super) fn follow(&mut self, payload: &Payload<'a>, own: u64, sum: &mut Sum) -> Checked {
        // The contents of a module exist once, for any number of instances. So do definitions and custom sections.
        let once = matches!(
            payload,
            Payload::Version { .. } | Payload::CustomSection { .. }
        );
        if let Some(scope) = self.0.last_mut()
            && scope.is_component
            && !once
        {
            scope.add(Linear::fixed(own));
        }
        match payload {
            Payload::Version { encoding, .. } => {
                self.0.push(Scope::new(*encoding == Encoding::Component));
            }
            Payload::End(_) => self.end(),
            Payload::ImportSection(section) => {
                if let Some(scope) = self.0.last_mut() {
                    let imports = u64::from(section.count()).saturating_mul(ARGUMENT);
                    scope.weight = scope.weight.plus(Linear::fixed(imports));
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        let module = self.item(0, Kind::Module, module_index);
                        self.refer(INSTANCES, 0, &module, sum)?;
                    }
                }
            }
            other => self.component_section(other, sum)?,
        }
        Ok(())
    }

    /// Reads a section that only components have.
    fn component_section(&mut self, payload: &Payload<'a>, sum: &mut Sum) -> Checked {
        match payload {
            Payload::CoreTypeSection(section) => {
                for ty in section.clone() {
                    self.core_type(&ty?);
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone() {
                    self.declare(&ty?, sum)?;
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    self.instance(instance?, sum)?;
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    self.alias(&alias?, sum)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    self.canonical(&function?, sum)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    self.import(import.name.name, import.ty, sum)?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let item = self.item(0, export.kind, export.index);
                    self.export(export.name.name, export.kind, item, sum)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A module or component has been read to its end: adds it to the enclosing scope.
    fn end(&mut self) {
        let Some(scope) = self.0.pop() else {
            return;
        };
        let kind = match scope.is_component {
            true => Kind::Component,
            false => Kind::Module,
        };
        let captured = scope.captured.saturating_add(CLOSURE);
        // Its instances do the work on arguments, so only the fixed part counts here.
        let item = Item {
            weight: Linear::fixed(scope.weight.fixed.saturating_add(captured)),
            made: Some(Made {
                work: scope.made,
                weight: scope.weight,
            }),
            exports: Some(Rc::new(scope.exports)),
            ..Item::default()
        };
        if let Some(outer) = self.0.last_mut() {
            outer.add(Linear::fixed(captured));
            outer.push(kind, item);
        }
    }

    /// An item of the scope `outward` levels further out. Weightless if there is none, which the validator reports
    /// later.
    fn item(&self, outward: u32, kind: Kind, index: u32) -> Item<'a> {
        let scope = self.0.iter().rev().nth(outward as usize);
        let item = scope.and_then(|scope| scope.get(kind, index));
        item.cloned().unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, item: Item<'a>) {
        if let Some(scope) = self.0.last_mut() {
            scope.push(kind, item);
        }
    }

    /// Adds the weight of one more reference to an item, with a name of `letters` bytes. Returns that weight.
    fn refer(
        &mut self,
        weight: Weight,
        letters: usize,
        item: &Item<'a>,
        sum: &mut Sum,
    ) -> Checked<Linear> {
        let taken = Linear::fixed(weight.of(1, letters)).plus(item.weight);
        sum.again(weight, taken.fixed);
        sum.check()?;
        if let Some(scope) = self.0.last_mut() {
            scope.add(taken);
        }
        Ok(taken)
    }

    /// The item that a type describes, for an argument or an export.
    fn of_type(&self, ty: ComponentTypeRef) -> Item<'a> {
        let index = match ty {
            ComponentTypeRef::Module(index) => {
                let scope = self.0.last();
                let weight = scope.and_then(|scope| scope.core_types.get(index as usize));
                return Item::of(Linear::fixed(weight.copied().unwrap_or_default()));
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) | ComponentTypeRef::Value(_) => {
                return Item::of(Linear::fixed(NODE));
            }
            ComponentTypeRef::Type(TypeBounds::Eq(index))
            | ComponentTypeRef::Func(index)
            | ComponentTypeRef::Instance(index)
            | ComponentTypeRef::Component(index) => index,
        };
        self.item(0, Kind::Type, index)
    }

    fn import(&mut self, name: &str, ty: ComponentTypeRef, sum: &mut Sum) -> Checked {
        let mut item = self.of_type(ty);
        let entry = self.refer(ENTRIES, name.len(), &item, sum)?;
        // The actual argument may be heavier than its type says.
        if matches!(ty.kind(), Kind::Instance | Kind::Component) {
            item.weight = item.weight.plus(Linear::HANDED);
        }
        if let Some(scope) = self.0.last_mut() {
            scope.weight = scope.weight.plus(entry);
            scope.push(ty.kind(), item);
        }
        Ok(())
    }

    fn export(&mut self, name: &'a str, kind: Kind, item: Item<'a>, sum: &mut Sum) -> Checked {
        let entry = self.refer(ENTRIES, name.len(), &item, sum)?;
        if let Some(scope) = self.0.last_mut() {
            scope.weight = scope.weight.plus(entry);
            scope.exports.insert(name, (kind, item.clone()));
            scope.push(kind, item);
        }
        Ok(())
    }

    fn instance(&mut self, instance: ComponentInstance<'a>, sum: &mut Sum) -> Checked {
        let item = match instance {
            ComponentInstance::Instantiate {
                component_index,
                args,
            } => self.instantiate(component_index, &args, sum)?,
            ComponentInstance::FromExports(exports) => self.bundle(&exports, sum)?,
        };
        self.push(Kind::Instance, item);
        Ok(())
    }

    fn instantiate(
        &mut self,
        component: u32,
        arguments: &[ComponentInstantiationArg<'a>],
        sum: &mut Sum,
    ) -> Checked<Item<'a>> {
        let component = self.item(0, Kind::Component, component);
        let made = component.made.ok_or(OverBudget::HandedOn)?;
        let mut given = Linear::default();
        for argument in arguments {
            let item = self.item(0, argument.kind, argument.index);
            self.refer(ENTRIES, argument.name.len(), &item, sum)?;
            if matches!(argument.kind, Kind::Instance | Kind::Component) {
                given = given.plus(item.weight);
            }
        }
        self.refer(INSTANCES, 0, &Item::of(made.work.given(given)), sum)?;
        Ok(Item {
            weight: made.weight.given(given),
            made: None,
            given: Some(given),
            exports: component.exports,
        })
    }

    /// An instance that bundles existing items.
    fn bundle(&mut self, exports: &[ComponentExport<'a>], sum: &mut Sum) -> Checked<Item<'a>> {
        let mut bundle = Scope::new(true);
        for export in exports {
            let item = self.item(0, export.kind, export.index);
            let entry = self.refer(ENTRIES, export.name.name.len(), &item, sum)?;
            bundle.weight = bundle.weight.plus(entry);
            bundle.exports.insert(export.name.name, (export.kind, item));
        }
        Ok(Item {
            exports: Some(Rc::new(bundle.exports)),
            ..Item::of(bundle.weight)
        })
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>, sum: &mut Sum) -> Checked {
        match *alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index,
                name,
            } => {
                let item = self.item(0, Kind::Instance, instance_index);
                let item = item.export(kind, name);
                self.refer(ENTRIES, 0, &item, sum)?;
                self.push(kind, item);
            }
            ComponentAlias::Outer { kind, count, index } => match kind {
                ComponentOuterAliasKind::Type => {
                    let item = self.item(count, Kind::Type, index);
                    self.push(Kind::Type, item);
                }
                ComponentOuterAliasKind::CoreType => {
                    let outer = self.0.iter().rev().nth(count as usize);
                    let weight = outer.and_then(|scope| scope.core_types.get(index as usize));
                    let weight = weight.copied().unwrap_or_default();
                    if let Some(scope) = self.0.last_mut() {
                        scope.core_types.push(weight);
                    }
                }
                ComponentOuterAliasKind::CoreModule => {
                    let item = self.item(count, Kind::Module, index);
                    self.capture(count, Kind::Module, item, sum)?;
                }
                ComponentOuterAliasKind::Component => {
                    let item = self.item(count, Kind::Component, index);
                    self.capture(count, Kind::Component, item, sum)?;
                }
            },
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
        Ok(())
    }

    /// An item from an outer scope is kept by all scopes between, and by each copy of them.
    fn capture(&mut self, outward: u32, kind: Kind, item: Item<'a>, sum: &mut Sum) -> Checked {
        if item.made.is_none() {
            return Err(OverBudget::HandedOn);
        }
        for scope in self.0.iter_mut().rev().take(outward as usize) {
            scope.captured = scope.captured.saturating_add(item.weight.fixed);
        }
        self.refer(CAPTURED, 0, &item, sum)?;
        self.push(kind, item);
        Ok(())
    }

    fn canonical(&mut self, function: &CanonicalFunction, sum: &mut Sum) -> Checked {
        match function {
            CanonicalFunction::Lift { type_index, .. } => {
                let item = self.item(0, Kind::Type, *type_index);
                self.refer(ENTRIES, 0, &item, sum)?;
                self.push(Kind::Func, item);
            }
            CanonicalFunction::Lower { func_index, .. } => {
                let item = self.item(0, Kind::Func, *func_index);
                self.refer(ENTRIES, 0, &item, sum)?;
            }
            _ => {}
        }
        Ok(())
    }
}
