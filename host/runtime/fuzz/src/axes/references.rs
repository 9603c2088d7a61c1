//! Axes of references: small declarations that mean much, since each is referenced many times.

use super::Axis;
use super::items::{
    NOTHING, STRING, core_function, empty_component_type, memory_options, names, no_arguments,
    plain_function,
};
use wasm_encoder::{
    Alias, ComponentBuilder, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType, ExportKind, InstanceType, TypeBounds,
};

pub(super) const AXES: &[Axis] = &[
    Axis::new("doubled instances", doubled_instances),
    Axis::new("doubled instance types", doubled_instance_types),
    Axis::new("doubled instance types of a long name", doubled_long_name),
    Axis::new("doubled value types", doubled_value_types),
    Axis::new("lifts of a large type", lifts_of_large_type),
    Axis::new("instance types of a large type", types_of_large_type),
    Axis::new("copies of an instance", copies_of_instance),
    Axis::new(
        "instance types with copies of another",
        copied_instance_types,
    ),
    Axis::new("components handed on", handed_on),
    Axis::new("captured components", captured),
    Axis::new("chain of instances", chain),
    Axis::new("adapters", adapters),
    Axis::new("adapters of a large type", large_adapters),
    Axis::new("imports of an instance with resources", imported_instances),
];

/// How often an item is used if it must be used often.
const OFTEN: u32 = 100;

fn instance_export(component: &mut ComponentBuilder, name: &str, instance: u32) -> u32 {
    component.export(name, ComponentExportKind::Instance, instance, None)
}

/// Components that each instantiate the previous one twice.
fn doubled_instances(component: &mut ComponentBuilder, count: u32) {
    let mut last = component.component(None, ComponentBuilder::default());
    for _ in 0..count {
        let mut next = ComponentBuilder::default();
        let outer = outer(&mut next, ComponentOuterAliasKind::Component, last);
        for _ in 0..2 {
            next.instantiate(None, outer, no_arguments());
        }
        last = component.component(None, next);
    }
    component.instantiate(None, last, no_arguments());
}

fn outer(component: &mut ComponentBuilder, kind: ComponentOuterAliasKind, index: u32) -> u32 {
    component.alias(
        None,
        Alias::Outer {
            kind,
            count: 1,
            index,
        },
    )
}

/// Instance types that each export two instances of the previous one; the last is imported.
fn doubled_instance_types(component: &mut ComponentBuilder, count: u32) {
    doubled(component, count, "a");
}

fn doubled_long_name(component: &mut ComponentBuilder, count: u32) {
    doubled(component, count, &"a".repeat(10_000));
}

fn doubled(component: &mut ComponentBuilder, count: u32, name: &str) {
    let mut first = InstanceType::new();
    first.ty().function().params(NOTHING).result(None);
    first.export(name, ComponentTypeRef::Func(0));
    let mut last = component.type_instance(None, &first);
    for _ in 0..count {
        let mut next = InstanceType::new();
        next.alias(Alias::Outer {
            kind: ComponentOuterAliasKind::Type,
            count: 1,
            index: last,
        });
        for name in ["left", "right"] {
            next.export(name, ComponentTypeRef::Instance(0));
        }
        last = component.type_instance(None, &next);
    }
    component.import("doubled", ComponentTypeRef::Instance(last));
}

/// Tuples that each have the previous one ten times.
fn tuples(component: &mut ComponentBuilder, depth: u32) -> ComponentValType {
    let mut last = STRING;
    for _ in 0..depth {
        let (ty, encoder) = component.type_defined(None);
        encoder.tuple([last; 10]);
        last = ComponentValType::Type(ty);
    }
    last
}

/// Tuples that each have the previous one twice, as the parameter of an entry point.
fn doubled_value_types(component: &mut ComponentBuilder, count: u32) {
    let mut last = STRING;
    for _ in 0..count {
        let (ty, encoder) = component.type_defined(None);
        encoder.tuple([last, last]);
        last = ComponentValType::Type(ty);
    }
    lifted(component, last, 1);
}

/// Lifts of a function whose parameter has ten thousand parts.
fn lifts_of_large_type(component: &mut ComponentBuilder, count: u32) {
    let ty = tuples(component, 4);
    lifted(component, ty, count);
}

fn lifted(component: &mut ComponentBuilder, parameter: ComponentValType, count: u32) {
    let (core, memory, realloc) = core_of_lists(component);
    let (list, encoder) = component.type_defined(None);
    encoder.list(parameter);
    let (ty, mut encoder) = component.type_function(None);
    encoder
        .params([("p", ComponentValType::Type(list))])
        .result(None);
    for _ in 0..count {
        component.lift_func(None, core, ty, memory_options(memory, realloc));
    }
}

/// A function of a pointer and a length, a memory, and its allocator.
fn core_of_lists(component: &mut ComponentBuilder) -> (u32, u32, u32) {
    let text = r#"(module (memory (export "m") 1) (func (export "f") (param i32 i32))
        (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0))"#;
    let module = component.core_module_raw(None, &wat::parse_str(text).expect("it is wat"));
    let instance = component.core_instantiate(None, module, []);
    let mut alias = |name, kind| component.core_alias_export(None, instance, name, kind);
    (
        alias("f", ExportKind::Func),
        alias("m", ExportKind::Memory),
        alias("r", ExportKind::Func),
    )
}

/// Instance types with a hundred functions each, with a type of a thousand parts.
fn types_of_large_type(component: &mut ComponentBuilder, count: u32) {
    let ComponentValType::Type(large) = tuples(component, 3) else {
        unreachable!("it is a tuple")
    };
    let names = names(OFTEN);
    for number in 0..count {
        let mut instance = InstanceType::new();
        instance.alias(Alias::Outer {
            kind: ComponentOuterAliasKind::Type,
            count: 1,
            index: large,
        });
        let parameter = ComponentValType::Type(0);
        instance
            .ty()
            .function()
            .params([("p", parameter)])
            .result(None);
        for name in &names {
            instance.export(name.as_str(), ComponentTypeRef::Func(1));
        }
        let ty = component.type_instance(None, &instance);
        component.import(&*format!("large{number}"), ComponentTypeRef::Instance(ty));
    }
}

/// An instance with a thousand exports, which is exported `count` times.
fn copies_of_instance(component: &mut ComponentBuilder, count: u32) {
    let core = core_function(component);
    let ty = plain_function(component);
    let function = component.lift_func(None, core, ty, []);
    let mut inner = ComponentBuilder::default();
    let inner_ty = plain_function(&mut inner);
    let imported = inner.import("f", ComponentTypeRef::Func(inner_ty));
    for name in names(1000) {
        inner.export(name.as_str(), ComponentExportKind::Func, imported, None);
    }
    let inner = component.component(None, inner);
    let argument = ("f", ComponentExportKind::Func, function);
    let instance = component.instantiate(None, inner, [argument]);
    for number in 0..count {
        instance_export(component, &format!("copy{number}"), instance);
    }
}

/// An instance type with a resource and a hundred functions, and `count` others that use it a hundred times
/// each.
fn copied_instance_types(component: &mut ComponentBuilder, count: u32) {
    let copied = instance_with_resource(component);
    let names = names(OFTEN);
    for _ in 0..count {
        let mut instance = InstanceType::new();
        instance.alias(Alias::Outer {
            kind: ComponentOuterAliasKind::Type,
            count: 1,
            index: copied,
        });
        for name in &names {
            instance.export(name.as_str(), ComponentTypeRef::Instance(0));
        }
        component.type_instance(None, &instance);
    }
}

fn instance_with_resource(component: &mut ComponentBuilder) -> u32 {
    let mut instance = InstanceType::new();
    instance.export("r", ComponentTypeRef::Type(TypeBounds::SubResource));
    instance.ty().defined_type().borrow(0);
    instance
        .ty()
        .function()
        .params([("p", ComponentValType::Type(1))])
        .result(None);
    for name in names(OFTEN) {
        instance.export(name.as_str(), ComponentTypeRef::Func(2));
    }
    component.type_instance(None, &instance)
}

/// Components that make others: each instantiates its argument twice.
fn handed_on(component: &mut ComponentBuilder, count: u32) {
    let mut maker = ComponentBuilder::default();
    let empty = empty_component_type(&mut maker);
    let handed = maker.import("c", ComponentTypeRef::Component(empty));
    let mut made = ComponentBuilder::default();
    let inner = outer(&mut made, ComponentOuterAliasKind::Component, handed);
    for _ in 0..2 {
        made.instantiate(None, inner, no_arguments());
    }
    let made = maker.component(None, made);
    maker.export("c", ComponentExportKind::Component, made, None);
    let maker = component.component(None, maker);
    let mut last = component.component(None, ComponentBuilder::default());
    for _ in 0..count {
        let argument = ("c", ComponentExportKind::Component, last);
        let instance = component.instantiate(None, maker, [argument]);
        last = component.alias_export(instance, "c", ComponentExportKind::Component);
    }
    component.instantiate(None, last, no_arguments());
}

/// Components that each capture the previous one twice.
fn captured(component: &mut ComponentBuilder, count: u32) {
    let mut last = component.component(None, ComponentBuilder::default());
    for _ in 0..count {
        let mut next = ComponentBuilder::default();
        for _ in 0..2 {
            outer(&mut next, ComponentOuterAliasKind::Component, last);
        }
        last = component.component(None, next);
    }
}

/// Components that each instantiate the previous one.
fn chain(component: &mut ComponentBuilder, count: u32) {
    let mut last = component.component(None, ComponentBuilder::default());
    for _ in 0..count {
        let mut next = ComponentBuilder::default();
        let outer = outer(&mut next, ComponentOuterAliasKind::Component, last);
        next.instantiate(None, outer, no_arguments());
        last = component.component(None, next);
    }
    component.instantiate(None, last, no_arguments());
}

/// Functions of one component that another component calls.
fn adapters(component: &mut ComponentBuilder, count: u32) {
    adapted(component, count, 0);
}

/// The same with a parameter of a thousand parts.
fn large_adapters(component: &mut ComponentBuilder, count: u32) {
    adapted(component, count, 3);
}

fn adapted(component: &mut ComponentBuilder, count: u32, depth: u32) {
    let mut callee = ComponentBuilder::default();
    let (core, memory, realloc) = core_of_lists(&mut callee);
    let ty = list_function(&mut callee, depth);
    let lifted = callee.lift_func(None, core, ty, memory_options(memory, realloc));
    callee.export("f", ComponentExportKind::Func, lifted, None);
    let callee = component.component(None, callee);
    let mut caller = ComponentBuilder::default();
    let (_, memory, realloc) = core_of_lists(&mut caller);
    let ty = list_function(&mut caller, depth);
    let imported = caller.import("f", ComponentTypeRef::Func(ty));
    let lowered: Vec<u32> = (0..count)
        .map(|_| caller.lower_func(None, imported, memory_options(memory, realloc)))
        .collect();
    // Only functions that are used are compiled.
    let (names, mut user) = (names(count), String::from("(module"));
    for name in &names {
        user.push_str(&format!(r#"(import "" "{name}" (func (param i32 i32)))"#));
    }
    let user = wat::parse_str(user + ")").expect("it is wat");
    let user = caller.core_module_raw(None, &user);
    let exports = names.iter().map(String::as_str).zip(&lowered);
    let exports: Vec<_> = exports
        .map(|(name, function)| (name, ExportKind::Func, *function))
        .collect();
    let bundle = caller.core_instantiate_exports(None, exports);
    let argument = ("", wasm_encoder::ModuleArg::Instance(bundle));
    caller.core_instantiate(None, user, [argument]);
    let caller = component.component(None, caller);
    let callee = component.instantiate(None, callee, no_arguments());
    let function = component.alias_export(callee, "f", ComponentExportKind::Func);
    let argument = ("f", ComponentExportKind::Func, function);
    component.instantiate(None, caller, [argument]);
}

fn list_function(component: &mut ComponentBuilder, depth: u32) -> u32 {
    let element = tuples(component, depth);
    let (list, encoder) = component.type_defined(None);
    encoder.list(element);
    let (ty, mut encoder) = component.type_function(None);
    encoder
        .params([("p", ComponentValType::Type(list))])
        .result(None);
    ty
}

fn imported_instances(component: &mut ComponentBuilder, count: u32) {
    let ty = instance_with_resource(component);
    for number in 0..count {
        component.import(&*format!("i{number}"), ComponentTypeRef::Instance(ty));
    }
}
