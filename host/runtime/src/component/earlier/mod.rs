//! Reads components for an earlier version of the contract as if they were made for the current one.
//!
//! Version 0.2 renamed things and added cases at the end of errors. No type changed its shape for compiled code: names are not in
//! the code, and a new last case does not move the others. So the names are rewritten here, and the rest of the host knows one
//! version only. A later version that changes a shape cannot be read this way: it is another import, which the host does not
//! offer.
//!
//! Invariants:
//! - Code is not changed: core modules are copied as they are.
//! - A component that does not name the earlier version is not copied at all.
//! - Only components within the budget come here, as the encoder recurses into nested components.

mod names;
mod scopes;

use scopes::Named;
use std::borrow::Cow;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, Component, ComponentExportSection, ComponentExternName, ComponentImportSection,
    ComponentInstanceSection, ComponentType, ComponentTypeEncoder, InstanceType, RawSection,
};
use wasmparser::{
    ComponentAlias, ComponentInstance, ComponentTypeDeclaration, InstanceTypeDeclaration, Parser,
    Payload,
};

/// The same component for the current version of the contract. Returned unchanged if it cannot be read; later phases
/// report what is wrong with it.
pub(super) fn as_current(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !is_named(bytes) {
        return Cow::Borrowed(bytes);
    }
    let Ok(scope) = scopes::of_component(Parser::new(0), bytes) else {
        return Cow::Borrowed(bytes);
    };
    let mut component = Component::new();
    let mut renaming = Renaming {
        scopes: vec![scope],
    };
    match renaming.parse_component(&mut component, Parser::new(0), bytes) {
        Ok(()) => Cow::Owned(component.finish()),
        Err(_) => Cow::Borrowed(bytes),
    }
}

/// Whether a component imports or exports an interface of the earlier version. False if it cannot be read to
/// its end. Takes any bytes: it walks over the sections, does not recurse, and copies nothing.
pub(super) fn is_named(bytes: &[u8]) -> bool {
    let mut found = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::ComponentImportSection(imports)) => {
                let mut imports = imports.into_iter().flatten();
                found |= imports.any(|import| names::is_earlier(import.name.name));
            }
            Ok(Payload::ComponentExportSection(exports)) => {
                let mut exports = exports.into_iter().flatten();
                found |= exports.any(|export| names::is_earlier(export.name.name));
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    found
}

fn renamed<'a>(name: &wasmparser::ComponentExternName<'a>) -> ComponentExternName<'a> {
    ComponentExternName {
        name: Cow::Borrowed(names::of_now(name.name)),
        ..ComponentExternName::from(*name)
    }
}

type Encoded<T = ()> = Result<T, Error<Infallible>>;

/// Copies a component, and replaces names.
struct Renaming {
    /// The types that are still to be copied of each scope around the current position, the innermost scope last.
    scopes: Vec<Named>,
}

impl Reencode for Renaming {
    type Error = Infallible;
}

impl ReencodeComponent for Renaming {
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _parser: Parser,
        module: &[u8],
    ) -> Encoded {
        component.section(&RawSection {
            id: wasm_encoder::ComponentSectionId::CoreModule.into(),
            data: module,
        });
        Ok(())
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: wasmparser::ComponentImportSectionReader<'_>,
    ) -> Encoded {
        for import in section {
            let import = import?;
            imports.import(renamed(&import.name), self.component_type_ref(import.ty)?);
        }
        Ok(())
    }

    fn parse_component_export(
        &mut self,
        exports: &mut ComponentExportSection,
        export: wasmparser::ComponentExport<'_>,
    ) -> Encoded {
        let ty = export
            .ty
            .map(|ty| self.component_type_ref(ty))
            .transpose()?;
        exports.export(
            renamed(&export.name),
            export.kind.into(),
            self.component_external_index(export.kind, export.index),
            ty,
        );
        Ok(())
    }

    fn parse_component_instance(
        &mut self,
        instances: &mut ComponentInstanceSection,
        instance: ComponentInstance<'_>,
    ) -> Encoded {
        match instance {
            ComponentInstance::Instantiate {
                component_index,
                args,
            } => {
                let args = args.iter().map(|arg| {
                    let index = self.component_external_index(arg.kind, arg.index);
                    (names::of_now(arg.name), arg.kind.into(), index)
                });
                let args = args.collect::<Vec<_>>();
                instances.instantiate(self.component_index(component_index), args);
            }
            ComponentInstance::FromExports(exports) => {
                let exports = exports.iter().map(|export| {
                    let index = self.component_external_index(export.kind, export.index);
                    (renamed(&export.name), export.kind.into(), index)
                });
                instances.export_items(exports.collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    fn component_instance_type(
        &mut self,
        ty: Box<[InstanceTypeDeclaration<'_>]>,
    ) -> Encoded<InstanceType> {
        self.scopes.push(scopes::of_instance_type(&ty));
        let written = component_utils::component_instance_type(self, ty);
        self.scopes.pop();
        written
    }

    fn component_type(
        &mut self,
        ty: Box<[ComponentTypeDeclaration<'_>]>,
    ) -> Encoded<ComponentType> {
        self.scopes.push(scopes::of_component_type(&ty));
        let written = component_utils::component_type(self, ty);
        self.scopes.pop();
        written
    }

    fn parse_component_subcomponent(
        &mut self,
        component: &mut Component,
        parser: Parser,
        bytes: &[u8],
        whole: &[u8],
    ) -> Encoded {
        self.scopes
            .push(scopes::of_component(parser.clone(), bytes)?);
        let written =
            component_utils::parse_component_subcomponent(self, component, parser, bytes, whole);
        self.scopes.pop();
        written
    }

    fn parse_component_type(
        &mut self,
        encoder: ComponentTypeEncoder<'_>,
        ty: wasmparser::ComponentType<'_>,
    ) -> Encoded {
        let scope = self.scopes.last_mut();
        let is_named = scope.and_then(Named::pop_front).unwrap_or_default();
        let ty = match ty {
            wasmparser::ComponentType::Defined(defined) if is_named => {
                let changed = names::changed(&defined);
                wasmparser::ComponentType::Defined(changed.unwrap_or(defined))
            }
            other => other,
        };
        component_utils::parse_component_type(self, encoder, ty)
    }

    fn parse_component_instance_type_declaration(
        &mut self,
        instance: &mut InstanceType,
        declaration: InstanceTypeDeclaration<'_>,
    ) -> Encoded {
        let InstanceTypeDeclaration::Export { name, ty } = declaration else {
            return component_utils::parse_component_instance_type_declaration(
                self,
                instance,
                declaration,
            );
        };
        instance.export(renamed(&name), self.component_type_ref(ty)?);
        Ok(())
    }

    fn parse_component_type_declaration(
        &mut self,
        component: &mut ComponentType,
        declaration: ComponentTypeDeclaration<'_>,
    ) -> Encoded {
        match declaration {
            ComponentTypeDeclaration::Export { name, ty } => {
                component.export(renamed(&name), self.component_type_ref(ty)?);
            }
            ComponentTypeDeclaration::Import(import) => {
                let ty = self.component_type_ref(import.ty)?;
                component.import(renamed(&import.name), ty);
            }
            other => {
                component_utils::parse_component_type_declaration(self, component, other)?;
            }
        }
        Ok(())
    }

    fn component_alias<'a>(&mut self, alias: ComponentAlias<'a>) -> Encoded<Alias<'a>> {
        match alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index,
                name,
            } => Ok(Alias::InstanceExport {
                instance: self.component_instance_index(instance_index),
                kind: kind.into(),
                name: names::of_now(name),
            }),
            other => component_utils::component_alias(self, other),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_names_no_earlier_version_is_not_copied() {
        for text in [
            "(component)",
            "(component (import \"weft:fabric/log@0.2.0\" (instance)))",
            "(module)",
        ] {
            let bytes = wat::parse_str(text).unwrap();
            assert!(matches!(as_current(&bytes), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_as_it_is() {
        let text = "(component (import \"weft:fabric/log@0.1.0\" (instance)))";
        let bytes = wat::parse_str(text).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(as_current(&bytes[..end]), &bytes[..end], "{end}");
        }
        assert_ne!(as_current(&bytes), bytes.as_slice());
    }

    #[test]
    fn names_outside_of_the_contract_stay_as_they_are() {
        let theirs = r#"(component
            (import "weft:fabric/log@0.1.0" (instance))
            (import "my:own/it@0.1.0" (instance $own
                (type $cases (enum "park" "drop"))
                (export "gear" (type (eq $cases)))
                (export "park" (func))))
            (type (enum "park" "drop"))
        )"#;
        let now = theirs.replace("log@0.1.0", "log@0.2.0");
        let (theirs, now) = (
            wat::parse_str(theirs).unwrap(),
            wat::parse_str(now).unwrap(),
        );
        assert_eq!(as_current(&theirs), now.as_slice());
    }

    #[test]
    fn types_of_the_contract_are_changed_wherever_they_have_their_names() {
        // As tools write it: in a component that wraps an export, the types come in under names of the tool's.
        let theirs = r#"(component
            (import "weft:fabric/channel@0.1.0" (instance $channels
                (type $cases (enum "park" "drop"))
                (export "backpressure" (type (eq $cases)))
                (type $text (variant (case "lagged" u64) (case "terminated") (case "would-block")
                    (case "permission-denied" string)))
                (export "read-error" (type (eq $text)))))
            (component
                (type $cases (enum "park" "drop"))
                (import "import-type-backpressure" (type (eq $cases))))
            (type (component
                (type $cases (enum "park" "drop"))
                (import "backpressure" (type (eq $cases)))))
            (component $taker (import "weft:fabric/log@0.1.0" (instance)))
            (instance $given)
            (instance (instantiate $taker (with "weft:fabric/log@0.1.0" (instance $given))))
            (component $giver (instance $given) (export "weft:fabric/transformer@0.1.0" (instance $given)))
            (instance $giver (instantiate $giver))
            (alias export $giver "weft:fabric/transformer@0.1.0" (instance))
        )"#;
        let now = theirs.replace("@0.1.0", "@0.2.0").replace("park", "block");
        let last = r#"(case "permission-denied" string)"#;
        let now = now.replace(last, &format!(r#"{last} (case "unavailable" string)"#));
        let (theirs, now) = (
            wat::parse_str(theirs).unwrap(),
            wat::parse_str(now).unwrap(),
        );
        assert_eq!(as_current(&theirs), now.as_slice());
    }
}
