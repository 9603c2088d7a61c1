//! Types and values as text: WIT for types, WAVE for values.
//!
//! Fabric handles are known by their host types, so that a message says
//! `reader` and not "a resource".

use crate::bindings::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
use wasmtime::component::{ResourceType, Type, Val};

/// The fabric resource that a type is, if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandleKind {
    Channel,
    Reader,
    Writer,
    Process,
}

impl HandleKind {
    pub(crate) fn of(resource: &ResourceType) -> Option<Self> {
        let kinds = [
            (ResourceType::host::<ChannelHandle>(), Self::Channel),
            (ResourceType::host::<ReaderHandle>(), Self::Reader),
            (ResourceType::host::<WriterHandle>(), Self::Writer),
            (ResourceType::host::<ProcessHandle>(), Self::Process),
        ];
        kinds
            .iter()
            .find(|(ty, _)| ty == resource)
            .map(|(_, kind)| *kind)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Process => "process",
        }
    }
}

/// A type in WIT. Named types are written out, since a component carries no names for them.
pub(crate) fn type_text(ty: &Type) -> String {
    let optional = |ty: Option<Type>| ty.as_ref().map_or("_".to_owned(), type_text);
    match ty {
        Type::Bool => "bool".into(),
        Type::S8 => "s8".into(),
        Type::U8 => "u8".into(),
        Type::S16 => "s16".into(),
        Type::U16 => "u16".into(),
        Type::S32 => "s32".into(),
        Type::U32 => "u32".into(),
        Type::S64 => "s64".into(),
        Type::U64 => "u64".into(),
        Type::Float32 => "f32".into(),
        Type::Float64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::List(list) => format!("list<{}>", type_text(&list.ty())),
        Type::FixedLengthList(list) => format!("list<{}, {}>", type_text(&list.ty()), list.len()),
        Type::Map(map) => format!(
            "map<{}, {}>",
            type_text(&map.key()),
            type_text(&map.value())
        ),
        Type::Record(record) => {
            let fields: Vec<_> = record
                .fields()
                .map(|f| format!("{}: {}", f.name, type_text(&f.ty)))
                .collect();
            format!("record {{ {} }}", fields.join(", "))
        }
        Type::Tuple(tuple) => {
            let types: Vec<_> = tuple.types().map(|ty| type_text(&ty)).collect();
            format!("tuple<{}>", types.join(", "))
        }
        Type::Variant(variant) => {
            let cases: Vec<_> = variant
                .cases()
                .map(|case| match &case.ty {
                    Some(ty) => format!("{}({})", case.name, type_text(ty)),
                    None => case.name.to_owned(),
                })
                .collect();
            format!("variant {{ {} }}", cases.join(", "))
        }
        Type::Enum(cases) => format!(
            "enum {{ {} }}",
            cases.names().collect::<Vec<_>>().join(", ")
        ),
        Type::Flags(flags) => {
            format!(
                "flags {{ {} }}",
                flags.names().collect::<Vec<_>>().join(", ")
            )
        }
        Type::Option(option) => format!("option<{}>", type_text(&option.ty())),
        Type::Result(result) => match (result.ok(), result.err()) {
            (None, None) => "result".into(),
            (ok, None) => format!("result<{}>", optional(ok)),
            (ok, err) => format!("result<{}, {}>", optional(ok), optional(err)),
        },
        Type::Own(resource) => resource_text(resource),
        Type::Borrow(resource) => format!("borrow<{}>", resource_text(resource)),
        Type::Future(future) => match future.ty() {
            Some(ty) => format!("future<{}>", type_text(&ty)),
            None => "future".into(),
        },
        Type::Stream(stream) => match stream.ty() {
            Some(ty) => format!("stream<{}>", type_text(&ty)),
            None => "stream".into(),
        },
        Type::ErrorContext => "error-context".into(),
    }
}

fn resource_text(resource: &ResourceType) -> String {
    HandleKind::of(resource)
        .map_or("resource", HandleKind::name)
        .to_owned()
}

/// A value in WAVE, or a note that it has no text form.
pub(crate) fn value_text(value: &Val) -> String {
    const NONE: &str = "(a value without a text form)";
    if !has_text(value) {
        return NONE.into();
    }
    wasm_wave::to_string(value).unwrap_or_else(|_| NONE.into())
}

/// Whether WAVE can write the value: wasm-wave panics on those it cannot.
fn has_text(value: &Val) -> bool {
    match value {
        Val::Resource(_) | Val::Stream(_) | Val::Future(_) | Val::ErrorContext(_) | Val::Map(_) => {
            false
        }
        Val::List(items) | Val::FixedLengthList(items) | Val::Tuple(items) => {
            items.iter().all(has_text)
        }
        Val::Record(fields) => fields.iter().all(|(_, value)| has_text(value)),
        Val::Variant(_, value) | Val::Option(value) => value.as_deref().is_none_or(has_text),
        Val::Result(Ok(value) | Err(value)) => value.as_deref().is_none_or(has_text),
        _ => true,
    }
}
