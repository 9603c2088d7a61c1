//! Declarations of types: the number of parts of each, including those of the types it is made of.

use super::item::{Item, Linear};
use super::scope::Scope;
use super::{ARGUMENT, Checked, NODE, Trees};
use crate::component::budget::Sum;
use std::rc::Rc;
use wasmparser::{
    ComponentDefinedType, ComponentExternalKind as Kind, ComponentType, ComponentTypeDeclaration,
    ComponentTypeRef, ComponentValType, CoreType, InstanceTypeDeclaration, ModuleTypeDeclaration,
};

impl<'a> Trees<'a> {
    /// Adds a type to the innermost scope.
    pub(super) fn declare(&mut self, ty: &ComponentType<'a>, sum: &mut Sum) -> Checked {
        let item = match ty {
            ComponentType::Defined(ty) => Item::of(self.defined(ty)),
            ComponentType::Func(ty) => {
                let parameters = ty.params.iter().map(|(_, ty)| Some(*ty));
                Item::of(self.values(parameters.chain([ty.result])))
            }
            ComponentType::Resource { .. } => Item::of(Linear::fixed(NODE)),
            ComponentType::Instance(declarations) => {
                self.0.push(Scope::default());
                for declaration in declarations {
                    self.of_instance(declaration, sum)?;
                }
                self.declared()
            }
            ComponentType::Component(declarations) => {
                self.0.push(Scope::default());
                for declaration in declarations {
                    self.of_component(declaration, sum)?;
                }
                self.declared()
            }
        };
        self.push(Kind::Type, item);
        Ok(())
    }

    /// The type whose declarations were just read.
    fn declared(&mut self) -> Item<'a> {
        let scope = self.0.pop().unwrap_or_default();
        Item {
            exports: Some(Rc::new(scope.exports)),
            // The type only describes arguments; there are none yet.
            ..Item::of(Linear::fixed(scope.weight.fixed))
        }
    }

    fn of_instance(&mut self, declaration: &InstanceTypeDeclaration<'a>, sum: &mut Sum) -> Checked {
        match declaration {
            InstanceTypeDeclaration::CoreType(ty) => self.core_type(ty),
            InstanceTypeDeclaration::Type(ty) => self.declare(ty, sum)?,
            InstanceTypeDeclaration::Alias(alias) => self.alias(alias, sum)?,
            InstanceTypeDeclaration::Export { name, ty } => {
                self.exported(name.name, *ty, sum)?;
            }
        }
        Ok(())
    }

    fn of_component(
        &mut self,
        declaration: &ComponentTypeDeclaration<'a>,
        sum: &mut Sum,
    ) -> Checked {
        match declaration {
            ComponentTypeDeclaration::CoreType(ty) => self.core_type(ty),
            ComponentTypeDeclaration::Type(ty) => self.declare(ty, sum)?,
            ComponentTypeDeclaration::Alias(alias) => self.alias(alias, sum)?,
            ComponentTypeDeclaration::Export { name, ty } => self.exported(name.name, *ty, sum)?,
            ComponentTypeDeclaration::Import(import) => {
                self.import(import.name.name, import.ty, sum)?;
            }
        }
        Ok(())
    }

    fn exported(&mut self, name: &'a str, ty: ComponentTypeRef, sum: &mut Sum) -> Checked {
        let item = self.of_type(ty);
        self.export(name, ty.kind(), item, sum)
    }

    /// Adds a core type; only module types have a weight.
    pub(super) fn core_type(&mut self, ty: &CoreType<'a>) {
        let entries = match ty {
            CoreType::Rec(_) => 0,
            CoreType::Module(declarations) => declarations
                .iter()
                .filter(|declaration| {
                    matches!(
                        declaration,
                        ModuleTypeDeclaration::Import(_) | ModuleTypeDeclaration::Export { .. }
                    )
                })
                .count() as u64,
        };
        if let Some(scope) = self.0.last_mut() {
            scope.core_types.push(entries.saturating_mul(ARGUMENT));
        }
    }

    fn defined(&self, ty: &ComponentDefinedType<'a>) -> Linear {
        use ComponentDefinedType as Type;
        match ty {
            Type::Record(fields) => self.values(fields.iter().map(|(_, ty)| Some(*ty))),
            Type::Variant(cases) => self.values(cases.iter().map(|case| case.ty)),
            Type::Tuple(types) => self.values(types.iter().copied().map(Some)),
            Type::List(ty) | Type::FixedLengthList(ty, _) | Type::Option(ty) => {
                self.values([Some(*ty)])
            }
            Type::Map(key, value) => self.values([Some(*key), Some(*value)]),
            Type::Result { ok, err } => self.values([*ok, *err]),
            Type::Future(ty) | Type::Stream(ty) => self.values([*ty]),
            Type::Primitive(_)
            | Type::Flags(_)
            | Type::Enum(_)
            | Type::Own(_)
            | Type::Borrow(_) => self.values([]),
        }
    }

    /// The weight of a type with these parts.
    fn values(&self, parts: impl IntoIterator<Item = Option<ComponentValType>>) -> Linear {
        let parts = parts.into_iter().map(|part| match part {
            Some(ComponentValType::Type(index)) => self.item(0, Kind::Type, index).weight,
            Some(ComponentValType::Primitive(_)) | None => Linear::fixed(NODE),
        });
        parts.fold(Linear::fixed(NODE), Linear::plus)
    }
}
