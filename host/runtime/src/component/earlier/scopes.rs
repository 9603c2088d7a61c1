//! Which types of a component, or of a type within it, have the name of one that changed.
//!
//! A type has no name where it is defined. It gets one where it is imported or exported next to that, as "equal to type N".
//! So the indices are counted as the format counts them, one scope at a time.
//!
//! Invariant: nothing is decided by the shape of a type alone: a type of the component's own may have the same.

use super::names;
use std::collections::{BTreeSet, VecDeque};
use wasmparser::{
    BinaryReaderError, Chunk, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload,
    TypeBounds,
};

/// The types of one scope, in the order in which they are defined: whether each has such a name.
pub(super) type Named = VecDeque<bool>;

/// Counts the types of one scope.
#[derive(Default)]
struct Scope {
    next: u32,
    /// The indices of those that are defined here.
    defined: Vec<u32>,
    named: BTreeSet<u32>,
}

impl Scope {
    fn define(&mut self) {
        self.defined.push(self.next);
        self.next += 1;
    }

    /// Something is imported or exported under a name.
    fn name(&mut self, name: &str, ty: ComponentTypeRef) {
        if let ComponentTypeRef::Type(bounds) = ty {
            if let TypeBounds::Eq(index) = bounds
                && names::is_changed_type(name)
            {
                self.named.insert(index);
            }
            self.next += 1;
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let is_type = match alias {
            ComponentAlias::InstanceExport { kind, .. } => *kind == ComponentExternalKind::Type,
            ComponentAlias::Outer { kind, .. } => *kind == ComponentOuterAliasKind::Type,
            ComponentAlias::CoreInstanceExport { .. } => false,
        };
        self.next += u32::from(is_type);
    }

    fn done(self) -> Named {
        let named = |index| self.named.contains(index);
        self.defined.iter().map(named).collect()
    }
}

/// The types of the type of an instance.
pub(super) fn of_instance_type(declarations: &[InstanceTypeDeclaration<'_>]) -> Named {
    let mut scope = Scope::default();
    for declaration in declarations {
        match declaration {
            InstanceTypeDeclaration::Type(_) => scope.define(),
            InstanceTypeDeclaration::Alias(alias) => scope.alias(alias),
            InstanceTypeDeclaration::Export { name, ty } => scope.name(name.name, *ty),
            InstanceTypeDeclaration::CoreType(_) => {}
        }
    }
    scope.done()
}

/// The types of the type of a component.
pub(super) fn of_component_type(declarations: &[ComponentTypeDeclaration<'_>]) -> Named {
    let mut scope = Scope::default();
    for declaration in declarations {
        match declaration {
            ComponentTypeDeclaration::Type(_) => scope.define(),
            ComponentTypeDeclaration::Alias(alias) => scope.alias(alias),
            ComponentTypeDeclaration::Export { name, ty } => scope.name(name.name, *ty),
            ComponentTypeDeclaration::Import(import) => scope.name(import.name.name, import.ty),
            ComponentTypeDeclaration::CoreType(_) => {}
        }
    }
    scope.done()
}

/// The types of a component itself, not of those within it.
pub(super) fn of_component(
    mut parser: Parser,
    mut bytes: &[u8],
) -> Result<Named, BinaryReaderError> {
    let mut scope = Scope::default();
    while !bytes.is_empty() {
        let Chunk::Parsed { consumed, payload } = parser.parse(bytes, true)? else {
            break;
        };
        let mut skipped = consumed;
        match payload {
            Payload::ComponentTypeSection(types) => {
                for ty in types {
                    ty?;
                    scope.define();
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let import = import?;
                    scope.name(import.name.name, import.ty);
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Type {
                        let ty = ComponentTypeRef::Type(TypeBounds::Eq(export.index));
                        scope.name(export.name.name, ty);
                    }
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    scope.alias(&alias?);
                }
            }
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                skipped += unchecked_range.len();
            }
            _ => {}
        }
        bytes = bytes.get(skipped..).unwrap_or_default();
    }
    Ok(scope.done())
}
