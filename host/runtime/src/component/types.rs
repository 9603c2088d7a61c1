//! Types and values as text: WIT for types, WAVE for values.
//!
//! Handles of the fabric are recognized by their host types, so that a message says `reader` and not "a
//! resource".

use crate::interface::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
use wasmtime::component::{ResourceType, Type, Val};

/// The kind of a fabric resource.
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

/// Most bytes of the text of a type, approximately: more than anybody reads. Written out, a type can be exponentially longer than
/// its declaration in the component.
const TEXT_BYTES: usize = 2 << 10;

/// Stands for the rest of a text that is too long.
const REST: &str = "...";

/// A type in WIT. Named types are written out, since a component has no names for them. A text that is too long
/// ends in `...`.
pub(crate) fn type_text(ty: &Type) -> String {
    let mut text = Text(String::new());
    text.ty(ty);
    text.0
}

/// Text in progress. At its bound, nothing is added and no further part of a type is visited.
struct Text(String);

impl Text {
    /// Whether the text is full. If so, marks it.
    fn is_full(&mut self) -> bool {
        let full = self.0.len() >= TEXT_BYTES;
        if full && !self.0.ends_with(REST) {
            self.0.push_str(REST);
        }
        full
    }

    fn word(&mut self, word: &str) {
        if !self.is_full() {
            let left = TEXT_BYTES.saturating_sub(self.0.len());
            let fits = word
                .get(..word.floor_char_boundary(left))
                .unwrap_or_default();
            self.0.push_str(fits);
            if fits.len() < word.len() {
                self.0.push_str(REST);
            }
        }
    }

    fn ty(&mut self, ty: &Type) {
        if self.is_full() {
            return;
        }
        match ty {
            Type::Bool => self.word("bool"),
            Type::S8 => self.word("s8"),
            Type::U8 => self.word("u8"),
            Type::S16 => self.word("s16"),
            Type::U16 => self.word("u16"),
            Type::S32 => self.word("s32"),
            Type::U32 => self.word("u32"),
            Type::S64 => self.word("s64"),
            Type::U64 => self.word("u64"),
            Type::Float32 => self.word("f32"),
            Type::Float64 => self.word("f64"),
            Type::Char => self.word("char"),
            Type::String => self.word("string"),
            Type::List(list) => self.of("list", [list.ty()]),
            Type::FixedLengthList(list) => {
                self.word("list<");
                self.ty(&list.ty());
                self.word(&format!(", {}>", list.len()));
            }
            Type::Map(map) => self.of("map", [map.key(), map.value()]),
            Type::Record(record) => {
                let fields = record.fields();
                self.braces("record", fields, |text, field| {
                    text.word(field.name);
                    text.word(": ");
                    text.ty(&field.ty);
                });
            }
            Type::Tuple(tuple) => self.of("tuple", tuple.types()),
            Type::Variant(variant) => {
                self.braces("variant", variant.cases(), |text, case| {
                    text.word(case.name);
                    if let Some(ty) = &case.ty {
                        text.word("(");
                        text.ty(ty);
                        text.word(")");
                    }
                });
            }
            Type::Enum(cases) => self.braces("enum", cases.names(), Self::word),
            Type::Flags(flags) => self.braces("flags", flags.names(), Self::word),
            Type::Option(option) => self.of("option", [option.ty()]),
            Type::Result(result) => match (result.ok(), result.err()) {
                (None, None) => self.word("result"),
                (Some(ok), None) => self.of("result", [ok]),
                (None, Some(err)) => {
                    self.word("result<_, ");
                    self.ty(&err);
                    self.word(">");
                }
                (Some(ok), Some(err)) => self.of("result", [ok, err]),
            },
            Type::Own(resource) => self.word(resource_name(resource)),
            Type::Borrow(resource) => {
                self.word("borrow<");
                self.word(resource_name(resource));
                self.word(">");
            }
            Type::Future(future) => self.of_some("future", future.ty()),
            Type::Stream(stream) => self.of_some("stream", stream.ty()),
            Type::ErrorContext => self.word("error-context"),
        }
    }

    /// `name<a, b>`.
    fn of(&mut self, name: &str, types: impl IntoIterator<Item = Type>) {
        self.word(name);
        self.word("<");
        self.list(types, |text, ty| text.ty(&ty));
        self.word(">");
    }

    /// `name<a>`, or the name alone.
    fn of_some(&mut self, name: &str, ty: Option<Type>) {
        match ty {
            Some(ty) => self.of(name, [ty]),
            None => self.word(name),
        }
    }

    /// `name { a, b }`.
    fn braces<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        self.word(name);
        self.word(" { ");
        self.list(items, write);
        self.word(" }");
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        for (index, item) in items.into_iter().enumerate() {
            if self.is_full() {
                return;
            }
            if index > 0 {
                self.word(", ");
            }
            write(self, item);
        }
    }
}

fn resource_name(resource: &ResourceType) -> &'static str {
    HandleKind::of(resource).map_or("resource", HandleKind::name)
}

/// A value in WAVE, or a note that it has no text form.
pub(crate) fn value_text(value: &Val) -> String {
    const NONE: &str = "(a value without a text form)";
    if !has_text(value) {
        return NONE.into();
    }
    wasm_wave::to_string(value).unwrap_or_else(|_| NONE.into())
}

/// Whether WAVE can write the value. wasm-wave panics on values that it cannot write.
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
