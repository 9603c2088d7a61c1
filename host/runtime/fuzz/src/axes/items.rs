//! Axes of the component model: many items, side by side or nested.

use super::Axis;
use wasm_encoder::{
    CanonicalOption, Component, ComponentBuilder, ComponentExportKind, ComponentSectionId,
    ComponentType, ComponentTypeRef, ComponentValType, ExportKind, InstanceType, ModuleType,
    PrimitiveValType, RawSection, TypeBounds, ValType,
};

pub(super) const AXES: &[Axis] = &[
    Axis::new("nested components", nested),
    Axis::new("nested types", nested_types),
    Axis::new("components", components),
    Axis::new("component instances", instances),
    Axis::new("types", types),
    Axis::new("declarations", declarations),
    Axis::new("records of 1,000 fields", records),
    Axis::new("variants of 1,000 cases", variants),
    Axis::new("enums of 1,000 names", enums),
    Axis::new("function types of 100 parameters", parameters),
    Axis::new("module types", module_types),
    Axis::new("imported functions", imported_functions),
    Axis::new("imported types", imported_types),
    Axis::new("imported resources", imported_resources),
    Axis::new("exported types", exported_types),
    Axis::new("exported functions", exported_functions),
    Axis::new("core aliases", core_aliases),
    Axis::new("lifts", lifts),
    Axis::new("lowers", lowers),
    Axis::new("resources", resources),
    Axis::new("streams", streams),
    Axis::new("waits", waits),
    Axis::new("core bundles of 1,000", core_bundles),
    Axis::new("long names", long_names),
    Axis::new("long enum names", long_enum_names),
];

/// Bytes of a long name.
const LONG: usize = 50_000;

pub(super) const NOTHING: [(&str, ComponentValType); 0] = [];

pub(super) const STRING: ComponentValType = ComponentValType::Primitive(PrimitiveValType::String);

const U8: ComponentValType = ComponentValType::Primitive(PrimitiveValType::U8);

/// A type `func()`.
pub(super) fn plain_function(component: &mut ComponentBuilder) -> u32 {
    let (ty, encoder) = component.type_function(None);
    let mut encoder = encoder;
    encoder.params(NOTHING).result(None);
    ty
}

/// A core function `f` without parameters, from a module of its own.
pub(super) fn core_function(component: &mut ComponentBuilder) -> u32 {
    let module = wat::parse_str(r#"(module (func (export "f")))"#).expect("it is wat");
    let module = component.core_module_raw(None, &module);
    let instance = component.core_instantiate(None, module, []);
    component.core_alias_export(None, instance, "f", ExportKind::Func)
}

fn nested(component: &mut ComponentBuilder, count: u32) {
    // From the inside out: each header before its contents.
    let mut headers = Vec::new();
    let mut length = 8;
    for _ in 1..count {
        let mut header = Component::HEADER.to_vec();
        header.push(4);
        wasm_encoder::Encode::encode(&(length as u32), &mut header);
        length += header.len();
        headers.push(header);
    }
    headers.reverse();
    headers.push(Component::HEADER.to_vec());
    component.component_raw(None, &headers.concat());
}

fn nested_types(component: &mut ComponentBuilder, count: u32) {
    // `(component (type (component …)))`: one declaration that is a type, which is a component.
    let mut bytes = vec![1];
    for _ in 0..count {
        bytes.extend([0x41, 1, 1]);
    }
    bytes.extend([0x41, 0]);
    let mut inner = Component::new();
    inner.section(&RawSection {
        id: ComponentSectionId::Type.into(),
        data: &bytes,
    });
    component.component_raw(None, inner.as_slice());
}

fn components(component: &mut ComponentBuilder, count: u32) {
    for _ in 0..count {
        component.component(None, ComponentBuilder::default());
    }
}

fn instances(component: &mut ComponentBuilder, count: u32) {
    let inner = component.component(None, ComponentBuilder::default());
    for _ in 0..count {
        component.instantiate(None, inner, no_arguments());
    }
}

pub(super) fn no_arguments() -> [(&'static str, ComponentExportKind, u32); 0] {
    []
}

fn types(component: &mut ComponentBuilder, count: u32) {
    for _ in 0..count {
        component.type_defined(None).1.list(U8);
    }
}

/// One instance type with `count` types.
fn declarations(component: &mut ComponentBuilder, count: u32) {
    let mut instance = InstanceType::new();
    for _ in 0..count {
        instance.ty().defined_type().list(U8);
    }
    component.type_instance(None, &instance);
}

pub(super) fn names(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("n{number}")).collect()
}

fn records(component: &mut ComponentBuilder, count: u32) {
    let names = names(1000);
    for _ in 0..count {
        let fields = names.iter().map(|name| (name.as_str(), U8));
        component.type_defined(None).1.record(fields);
    }
}

fn variants(component: &mut ComponentBuilder, count: u32) {
    let names = names(1000);
    for _ in 0..count {
        let cases = names.iter().map(|name| (name.as_str(), Some(U8)));
        component.type_defined(None).1.variant(cases);
    }
}

fn enums(component: &mut ComponentBuilder, count: u32) {
    let names = names(1000);
    for _ in 0..count {
        let names = names.iter().map(String::as_str);
        component.type_defined(None).1.enum_type(names);
    }
}

fn parameters(component: &mut ComponentBuilder, count: u32) {
    let names = names(100);
    for _ in 0..count {
        let parameters = names.iter().map(|name| (name.as_str(), U8));
        let mut function = component.type_function(None).1;
        function.params(parameters).result(None);
    }
}

/// One module type with `count` imports.
fn module_types(component: &mut ComponentBuilder, count: u32) {
    let mut module = ModuleType::new();
    module.ty().function([], []);
    for number in 0..count {
        let name = format!("f{number}");
        module.import("m", &name, wasm_encoder::EntityType::Function(0));
    }
    component.core_type(None).1.module(&module);
}

fn imported_functions(component: &mut ComponentBuilder, count: u32) {
    let ty = plain_function(component);
    for number in 0..count {
        component.import(&*format!("f{number}"), ComponentTypeRef::Func(ty));
    }
}

fn imported_types(component: &mut ComponentBuilder, count: u32) {
    let (ty, encoder) = component.type_defined(None);
    encoder.list(U8);
    for number in 0..count {
        let bounds = ComponentTypeRef::Type(TypeBounds::Eq(ty));
        component.import(&*format!("t{number}"), bounds);
    }
}

fn imported_resources(component: &mut ComponentBuilder, count: u32) {
    for number in 0..count {
        let bounds = ComponentTypeRef::Type(TypeBounds::SubResource);
        component.import(&*format!("r{number}"), bounds);
    }
}

fn exported_types(component: &mut ComponentBuilder, count: u32) {
    let (ty, encoder) = component.type_defined(None);
    encoder.list(U8);
    for number in 0..count {
        let name = format!("et{number}");
        component.export(&*name, ComponentExportKind::Type, ty, None);
    }
}

fn exported_functions(component: &mut ComponentBuilder, count: u32) {
    let core = core_function(component);
    let ty = plain_function(component);
    let function = component.lift_func(None, core, ty, []);
    for number in 0..count {
        let name = format!("ef{number}");
        component.export(&*name, ComponentExportKind::Func, function, None);
    }
}

fn core_aliases(component: &mut ComponentBuilder, count: u32) {
    let module = wat::parse_str(r#"(module (func (export "f")))"#).expect("it is wat");
    let module = component.core_module_raw(None, &module);
    let instance = component.core_instantiate(None, module, []);
    for _ in 0..count {
        component.core_alias_export(None, instance, "f", ExportKind::Func);
    }
}

fn lifts(component: &mut ComponentBuilder, count: u32) {
    let core = core_function(component);
    let ty = plain_function(component);
    for _ in 0..count {
        component.lift_func(None, core, ty, []);
    }
}

fn lowers(component: &mut ComponentBuilder, count: u32) {
    let ty = plain_function(component);
    let function = component.import("lowered", ComponentTypeRef::Func(ty));
    for _ in 0..count {
        component.lower_func(None, function, []);
    }
}

fn resources(component: &mut ComponentBuilder, count: u32) {
    for _ in 0..count {
        let ty = component.type_resource(None, ValType::I32, None);
        component.resource_new(ty);
        component.resource_drop(ty);
    }
}

fn streams(component: &mut ComponentBuilder, count: u32) {
    let (ty, encoder) = component.type_defined(None);
    encoder.stream(Some(U8));
    for _ in 0..count {
        component.stream_new(ty);
    }
}

fn waits(component: &mut ComponentBuilder, count: u32) {
    for _ in 0..count {
        component.waitable_set_new();
    }
}

/// `count` core instances with a thousand exports each.
fn core_bundles(component: &mut ComponentBuilder, count: u32) {
    let core = core_function(component);
    let names = names(1000);
    for _ in 0..count {
        let exports = names
            .iter()
            .map(|name| (name.as_str(), ExportKind::Func, core));
        component.core_instantiate_exports(None, exports);
    }
}

fn long_names(component: &mut ComponentBuilder, count: u32) {
    let ty = plain_function(component);
    let long = "n".repeat(LONG);
    for number in 0..count {
        let name = format!("{long}{number}");
        component.import(&*name, ComponentTypeRef::Func(ty));
    }
}

fn long_enum_names(component: &mut ComponentBuilder, count: u32) {
    let long = "n".repeat(LONG);
    for _ in 0..count {
        component.type_defined(None).1.enum_type([long.as_str()]);
    }
}

/// The options to lift a string, which is passed in memory.
pub(super) fn memory_options(memory: u32, realloc: u32) -> [CanonicalOption; 3] {
    [
        CanonicalOption::UTF8,
        CanonicalOption::Memory(memory),
        CanonicalOption::Realloc(realloc),
    ]
}

/// A component type that imports nothing and exports nothing.
pub(super) fn empty_component_type(component: &mut ComponentBuilder) -> u32 {
    component.type_component(None, &ComponentType::new())
}
