//! The error messages for a text that is not a value of a type.

use super::Misfit;
use wasm_wave::ast::{Node, NodeType};
use wasmtime::component::Type;

/// Most names that a message lists: a type can have thousands.
const NAMES: usize = 16;

/// The misfit of an unknown name.
pub(super) fn unknown<'a>(
    kind: &str,
    name: &str,
    known: impl ExactSizeIterator<Item = &'a str>,
) -> Misfit {
    let more = if known.len() > NAMES { ", …" } else { "" };
    let known: Vec<&str> = known.take(NAMES).collect();
    let known = match known[..] {
        [] => "there is none".to_owned(),
        _ => format!("there are: {}{more}", known.join(", ")),
    };
    Misfit::new(format!("there is no {kind} `{name}`; {known}"))
}

/// The message for a value of another kind.
pub(super) fn other_kind(node: &Node, ty: &Type) -> String {
    let given = match node.ty() {
        NodeType::BoolTrue | NodeType::BoolFalse => "a bool",
        NodeType::Number => "a number",
        NodeType::Char => "a char",
        NodeType::String | NodeType::MultilineString => "a string",
        NodeType::Tuple => "a tuple",
        NodeType::List => "a list",
        NodeType::Record => "a record",
        NodeType::Label | NodeType::VariantWithPayload => "a word",
        NodeType::OptionSome | NodeType::OptionNone => "an option",
        NodeType::ResultOk | NodeType::ResultErr => "a result",
        NodeType::Flags => "flags",
    };
    let (wanted, how) = (kind_of(ty), written(ty));
    format!("this is {given}; {wanted} is written as {how}")
}

/// The name of a kind of type.
pub(super) fn kind_of(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S8 => "s8",
        Type::U8 => "u8",
        Type::S16 => "s16",
        Type::U16 => "u16",
        Type::S32 => "s32",
        Type::U32 => "u32",
        Type::S64 => "s64",
        Type::U64 => "u64",
        Type::Float32 => "f32",
        Type::Float64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::List(_) | Type::FixedLengthList(_) => "list",
        Type::Map(_) => "map",
        Type::Record(_) => "record",
        Type::Tuple(_) => "tuple",
        Type::Variant(_) => "variant",
        Type::Enum(_) => "enum",
        Type::Flags(_) => "flags",
        Type::Option(_) => "option",
        Type::Result(_) => "result",
        Type::Own(_) | Type::Borrow(_) => "resource",
        Type::Future(_) => "future",
        Type::Stream(_) => "stream",
        Type::ErrorContext => "error-context",
    }
}

/// How values of a type are written.
fn written(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "true or false",
        Type::Float32 | Type::Float64 => "1.5, inf, -inf or nan",
        Type::Char => "'a'",
        Type::String => "\"text\"",
        Type::List(_) | Type::FixedLengthList(_) => "[a, b]",
        Type::Record(_) => "{name: value}",
        Type::Tuple(_) => "(a, b)",
        Type::Variant(_) | Type::Enum(_) => "the name of a case",
        Type::Flags(_) => "{name, name}",
        Type::Option(_) => "some(value) or none",
        Type::Result(_) => "ok(value) or err(value)",
        _ => "3",
    }
}
