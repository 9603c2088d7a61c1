//! Fits the values that a starter gives to the parameters of an entry point.
//!
//! An argument for an option may be left out: any of them when given by name, the last ones when given in
//! order.
//!
//! Invariant: after [`fit`] every value has exactly the type of its parameter, so the call cannot fail because
//! of its arguments.

use super::argument::{Argument, ArgumentError, Arguments};
use super::state::ProcessState;
use super::wave;
use crate::component::types::HandleKind;
use crate::component::{EntryPoint, Parameter};
use crate::interface::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
use crate::limits::ARGUMENT_BYTES;
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny, Type, Val};

/// Bytes of a given text that an error quotes: enough to recognize it.
const GIVEN_BYTES: usize = 200;

/// An argument that fits: a value, or a handle that is not in the child's table yet.
pub(super) enum Fitted {
    Value(Val),
    Channel(ChannelHandle),
    Reader(ReaderHandle),
    Writer(WriterHandle),
    Process(ProcessHandle),
}

impl Fitted {
    /// Puts the argument into the child's store.
    pub(super) fn lower(self, store: &mut Store<ProcessState>) -> wasmtime::Result<Val> {
        fn insert<T: Send + 'static>(
            store: &mut Store<ProcessState>,
            handle: T,
        ) -> wasmtime::Result<Val> {
            let resource: Resource<T> = store.data_mut().table.push(handle)?;
            Ok(Val::Resource(ResourceAny::try_from_resource(
                resource, store,
            )?))
        }
        match self {
            Fitted::Value(value) => Ok(value),
            Fitted::Channel(handle) => insert(store, handle),
            // Its new holder has not said so.
            Fitted::Reader(handle) => insert(
                store,
                ReaderHandle {
                    ends_at_stop: false,
                    ..handle
                },
            ),
            Fitted::Writer(handle) => insert(store, handle),
            Fitted::Process(handle) => insert(store, handle.unleashed()),
        }
    }
}

impl Argument {
    /// Its kind, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Argument::Wave(_) | Argument::Plain(_) | Argument::Text(_) | Argument::String(_) => {
                "a text"
            }
            Argument::Scalar(_) => "a number",
            Argument::Bytes(_) => "bytes",
            Argument::Channel(_) => "a channel",
            Argument::Reader(_) => "a reader",
            Argument::Writer(_) => "a writer",
            Argument::Process(_) => "a process",
        }
    }

    /// Bytes of its text or its bytes.
    fn size(&self) -> usize {
        match self {
            Argument::Wave(text)
            | Argument::Plain(text)
            | Argument::Text(text)
            | Argument::String(text) => text.len(),
            Argument::Bytes(bytes) => bytes.len(),
            Argument::Scalar(_)
            | Argument::Channel(_)
            | Argument::Reader(_)
            | Argument::Writer(_)
            | Argument::Process(_) => 0,
        }
    }
}

impl Arguments {
    fn size(&self) -> usize {
        match self {
            Arguments::Positional(arguments) => arguments.iter().map(Argument::size).sum(),
            Arguments::Named(named) => named.iter().map(|(_, argument)| argument.size()).sum(),
        }
    }
}

/// Fits all arguments of a start, one by one.
pub(super) fn fit(entry: &EntryPoint, arguments: Arguments) -> Result<Vec<Fitted>, ArgumentError> {
    let (given, most) = (arguments.size(), ARGUMENT_BYTES);
    if given > most {
        return Err(ArgumentError::TooLarge { given, most });
    }
    let ordered = match arguments {
        Arguments::Positional(arguments) => in_order(entry, arguments)?,
        Arguments::Named(named) => by_name(entry, named)?,
    };
    let parameters = entry.parameters.iter().zip(ordered);
    let fitted = parameters.map(|(parameter, argument)| match argument {
        Some(argument) => fit_one(parameter, argument),
        // `in_order` and `by_name` leave out only options.
        None => Ok(Fitted::Value(Val::Option(None))),
    });
    fitted.collect()
}

fn is_option(parameter: &Parameter) -> bool {
    matches!(parameter.wasm, Type::Option(_))
}

/// An argument for each parameter; none for an option that was left out.
fn in_order(
    entry: &EntryPoint,
    arguments: Vec<Argument>,
) -> Result<Vec<Option<Argument>>, ArgumentError> {
    let (given, wanted) = (arguments.len(), entry.parameters.len());
    let needed = |parameter: &Parameter| !is_option(parameter);
    let least = entry.parameters.iter().rposition(needed);
    let least = least.map_or(0, |last| last + 1);
    if !(least..=wanted).contains(&given) {
        return Err(ArgumentError::Count {
            entry: entry.name.clone(),
            least,
            wanted,
            given,
            signature: entry.signature(),
        });
    }
    let mut arguments: Vec<_> = arguments.into_iter().map(Some).collect();
    arguments.resize_with(wanted, || None);
    Ok(arguments)
}

fn by_name(
    entry: &EntryPoint,
    named: Vec<(String, Argument)>,
) -> Result<Vec<Option<Argument>>, ArgumentError> {
    let mut slots: Vec<(&Parameter, Option<Argument>)> = entry
        .parameters
        .iter()
        .map(|parameter| (parameter, None))
        .collect();
    for (parameter, argument) in named {
        let Some((_, slot)) = slots.iter_mut().find(|(p, _)| p.name == parameter) else {
            let signature = entry.signature();
            return Err(ArgumentError::Unknown {
                entry: entry.name.clone(),
                parameter,
                signature,
            });
        };
        if slot.replace(argument).is_some() {
            return Err(ArgumentError::Twice { parameter });
        }
    }
    slots
        .into_iter()
        .map(|(parameter, argument)| match argument {
            None if !is_option(parameter) => Err(ArgumentError::Missing {
                parameter: parameter.name.clone(),
                wanted: parameter.ty.clone(),
            }),
            argument => Ok(argument),
        })
        .collect()
}

fn fit_one(parameter: &Parameter, argument: Argument) -> Result<Fitted, ArgumentError> {
    let mismatch = |given: &str, detail: String| ArgumentError::Type {
        parameter: parameter.name.clone(),
        wanted: parameter.ty.clone(),
        given: given.to_owned(),
        detail,
    };
    let kind = match &parameter.wasm {
        Type::Own(resource) => HandleKind::of(resource),
        _ => None,
    };
    let fitted = |text: &str, read: Result<Val, wave::Misfit>| match read {
        Ok(value) => Ok(Fitted::Value(value)),
        Err(misfit) => Err(mismatch(
            &format!("`{}`", shortened(text)),
            format!(": {misfit}"),
        )),
    };
    let wave = |text: &str| fitted(text, wave::read(&parameter.wasm, text));
    match (argument, kind) {
        (Argument::Wave(text), _) => wave(&text),
        (Argument::Plain(text), _) => fitted(&text, wave::read_plain(&parameter.wasm, &text)),
        (Argument::Text(text) | Argument::String(text), _)
            if matches!(parameter.wasm, Type::String) =>
        {
            Ok(Fitted::Value(Val::String(text)))
        }
        (Argument::Text(text), _) => match (single(&text), &parameter.wasm) {
            (Some(character), Type::Char) => Ok(Fitted::Value(Val::Char(character))),
            _ => wave(&text),
        },
        (Argument::Scalar(scalar), _) => match scalar.fit(&parameter.wasm) {
            Some(value) => Ok(Fitted::Value(value)),
            None => Err(mismatch(&format!("the {scalar}"), String::new())),
        },
        (Argument::String(text), _) => Err(mismatch(
            &format!("the string {:?}", shortened(&text)),
            String::new(),
        )),
        (Argument::Bytes(bytes), _) => match &parameter.wasm {
            Type::List(list) if matches!(list.ty(), Type::U8) => Ok(Fitted::Value(Val::List(
                bytes.into_iter().map(Val::U8).collect(),
            ))),
            _ => Err(mismatch("bytes", String::new())),
        },
        (Argument::Channel(handle), Some(HandleKind::Channel)) => Ok(Fitted::Channel(handle)),
        (Argument::Reader(handle), Some(HandleKind::Reader)) => Ok(Fitted::Reader(handle)),
        (Argument::Writer(handle), Some(HandleKind::Writer)) => Ok(Fitted::Writer(handle)),
        (Argument::Process(handle), Some(HandleKind::Process)) => Ok(Fitted::Process(handle)),
        (
            argument @ (Argument::Channel(_)
            | Argument::Reader(_)
            | Argument::Writer(_)
            | Argument::Process(_)),
            _,
        ) => Err(mismatch(argument.kind(), String::new())),
    }
}

/// The one character that a text is.
fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// The text, cut to fit into a message.
fn shortened(text: &str) -> String {
    match text.get(..text.floor_char_boundary(GIVEN_BYTES)) {
        Some(part) if part.len() < text.len() => format!("{part}…"),
        _ => text.to_owned(),
    }
}
