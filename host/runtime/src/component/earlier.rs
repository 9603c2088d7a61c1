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

use std::borrow::Cow;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, Component, ComponentDefinedTypeEncoder, ComponentExportSection, ComponentExternName,
    ComponentImportSection, ComponentInstanceSection, ComponentType, InstanceType, RawSection,
};
use wasmparser::{
    ComponentAlias, ComponentDefinedType, ComponentInstance, ComponentTypeDeclaration,
    ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload,
};

/// The package of the contract.
const PACKAGE: &str = "weft:fabric/";
/// The version suffix of interface names that are rewritten.
const EARLIER: &str = "@0.1.0";
/// The version suffix that replaces it.
const CURRENT: &str = "@0.2.0";

/// Functions that were renamed. No other interface is likely to have such a name.
const FUNCTIONS: [(&str, &str); 1] = [("[method]monitor.take-links", "[method]monitor.trap-exits")];

/// The fields of `process.start-options` with their earlier names, and those that were renamed.
const START_OPTIONS: [&str; 7] = [
    "component",
    "name",
    "entrypoint",
    "args",
    "capabilities",
    "limits",
    "bond",
];
const FIELDS: [(&str, &str); 2] = [("entrypoint", "entry-point"), ("bond", "ownership")];

/// `channel.backpressure`: the earlier names and the current ones.
const BACKPRESSURE: ([&str; 2], [&str; 2]) = (["park", "drop"], ["block", "drop"]);

/// The earlier errors. Each now has one more case, [`UNAVAILABLE`], at the end.
const ERRORS: [&[&str]; 3] = [
    &[
        "permission-denied",
        "not-found",
        "invalid-argument",
        "exhausted",
        "already-exists",
        "closed",
        "unsupported",
        "failed",
    ],
    &["lagged", "terminated", "would-block", "permission-denied"],
    &[
        "drained",
        "terminated",
        "too-large",
        "too-many-handles",
        "exhausted",
        "would-block",
        "malformed-batch",
        "permission-denied",
    ],
];
const UNAVAILABLE: &str = "unavailable";

/// The same component for the current version of the contract. Returned unchanged if it cannot be read; later phases
/// report what is wrong with it.
pub(super) fn as_current(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !names_earlier(bytes) {
        return Cow::Borrowed(bytes);
    }
    let mut component = Component::new();
    let mut renaming = Renaming { in_instance: 0 };
    match renaming.parse_component(&mut component, Parser::new(0), bytes) {
        Ok(()) => Cow::Owned(component.finish()),
        Err(_) => Cow::Borrowed(bytes),
    }
}

/// Whether a component imports or exports an interface of the earlier version. False if it cannot be read to
/// its end.
fn names_earlier(bytes: &[u8]) -> bool {
    let mut found = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Ok(Payload::ComponentImportSection(imports)) => {
                let mut imports = imports.into_iter().flatten();
                found |= imports.any(|import| is_earlier(import.name.name));
            }
            Ok(Payload::ComponentExportSection(exports)) => {
                let mut exports = exports.into_iter().flatten();
                found |= exports.any(|export| is_earlier(export.name.name));
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    found
}

fn is_earlier(name: &str) -> bool {
    name.starts_with(PACKAGE) && name.ends_with(EARLIER)
}

/// The current name of an interface or a function.
fn renamed(name: &str) -> Cow<'_, str> {
    let interface = name.strip_suffix(EARLIER);
    if let Some(interface) = interface.filter(|_| name.starts_with(PACKAGE)) {
        return Cow::Owned(format!("{interface}{CURRENT}"));
    }
    Cow::Borrowed(of_now(&FUNCTIONS, name))
}

fn of_now<'a>(names: &[(&str, &'static str)], name: &'a str) -> &'a str {
    let found = names.iter().find(|(before, _)| *before == name);
    found.map_or(name, |(_, now)| now)
}

fn renamed_extern<'a>(name: &'a wasmparser::ComponentExternName<'a>) -> ComponentExternName<'a> {
    ComponentExternName {
        name: renamed(name.name),
        ..ComponentExternName::from(*name)
    }
}

type Encoded<T = ()> = Result<T, Error<Infallible>>;

/// Copies a component, and replaces names.
struct Renaming {
    /// How many instance types enclose the current position. The types of the contract are inside one: the type of its
    /// import.
    in_instance: usize,
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
            imports.import(
                renamed_extern(&import.name),
                self.component_type_ref(import.ty)?,
            );
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
            renamed_extern(&export.name),
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
                    (renamed(arg.name), arg.kind.into(), index)
                });
                let args = args.collect::<Vec<_>>();
                instances.instantiate(self.component_index(component_index), args);
            }
            ComponentInstance::FromExports(exports) => {
                let exports = exports.iter().map(|export| {
                    let index = self.component_external_index(export.kind, export.index);
                    (renamed_extern(&export.name), export.kind.into(), index)
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
        self.in_instance += 1;
        let written = component_utils::component_instance_type(self, ty);
        self.in_instance -= 1;
        written
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
        instance.export(renamed_extern(&name), self.component_type_ref(ty)?);
        Ok(())
    }

    fn parse_component_type_declaration(
        &mut self,
        component: &mut ComponentType,
        declaration: ComponentTypeDeclaration<'_>,
    ) -> Encoded {
        match declaration {
            ComponentTypeDeclaration::Export { name, ty } => {
                component.export(renamed_extern(&name), self.component_type_ref(ty)?);
            }
            ComponentTypeDeclaration::Import(import) => {
                let ty: ComponentTypeRef = import.ty;
                component.import(renamed_extern(&import.name), self.component_type_ref(ty)?);
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
                name: of_now(&FUNCTIONS, name),
            }),
            other => component_utils::component_alias(self, other),
        }
    }

    fn parse_component_defined_type(
        &mut self,
        defined: ComponentDefinedTypeEncoder<'_>,
        ty: ComponentDefinedType<'_>,
    ) -> Encoded {
        match ty {
            ComponentDefinedType::Enum(cases)
                if self.in_instance > 0 && *cases == BACKPRESSURE.0 =>
            {
                defined.enum_type(BACKPRESSURE.1);
            }
            ComponentDefinedType::Record(fields)
                if self.in_instance > 0
                    && fields.iter().map(|(name, _)| *name).eq(START_OPTIONS) =>
            {
                let fields = fields.iter();
                defined.record(
                    fields.map(|(name, ty)| (of_now(&FIELDS, name), self.component_val_type(*ty))),
                );
            }
            ComponentDefinedType::Variant(cases)
                if self.in_instance > 0
                    && ERRORS.iter().any(|error| {
                        let cases = cases.iter().map(|case| case.name);
                        cases.eq(error.iter().copied())
                    }) =>
            {
                let cases = cases.iter();
                let cases =
                    cases.map(|case| (case.name, case.ty.map(|ty| self.component_val_type(ty))));
                let text = wasm_encoder::ComponentValType::Primitive(
                    wasm_encoder::PrimitiveValType::String,
                );
                let all = cases.chain([(UNAVAILABLE, Some(text))]);
                defined.variant(all.collect::<Vec<_>>());
            }
            other => component_utils::parse_component_defined_type(self, defined, other)?,
        }
        Ok(())
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
            (import "my:own/it@0.1.0" (instance (export "park" (func))))
            (type (enum "park" "drop"))
        )"#;
        let now = theirs.replace("log@0.1.0", "log@0.2.0");
        let (theirs, now) = (
            wat::parse_str(theirs).unwrap(),
            wat::parse_str(now).unwrap(),
        );
        assert_eq!(as_current(&theirs), now.as_slice());
    }
}
