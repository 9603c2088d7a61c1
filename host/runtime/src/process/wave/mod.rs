//! Reads text in WAVE as a value of a type.
//!
//! wasm-wave parses the grammar. The tree is converted here, because wasm-wave drops fields that a record does not have, turns
//! numbers that are too large into infinity, and does not explain its errors.
//!
//! ```text
//! value   a WAVE tree as a value
//! number  numbers, with their ranges
//! words   the error messages
//! ```
//!
//! Invariant: no part of a text is dropped. Each part is in the value, or the text is refused with the place and the reason.

mod number;
mod value;
mod words;

use crate::component::types::HandleKind;
use std::fmt;
use value::Source;
use wasm_wave::parser::ParserError;
use wasm_wave::untyped::UntypedValue;
use wasmtime::component::{Type, Val};

/// Most bytes of a reason: a name or a number of the given text, which it quotes, can be a megabyte.
const REASON_BYTES: usize = 1 << 10;

/// Why a text is not a value of a type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Where in the value, such as `.x[2]`; empty for the whole.
    place: String,
    reason: String,
}

impl Misfit {
    fn new(reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        if reason.len() > REASON_BYTES {
            reason.truncate(reason.floor_char_boundary(REASON_BYTES));
            reason.push('…');
        }
        Self {
            place: String::new(),
            reason,
        }
    }

    /// The same misfit, seen from the value that contains this part.
    fn within(mut self, part: impl fmt::Display) -> Self {
        self.place = format!("{part}{}", self.place);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.trim_start_matches('.') {
            "" => f.write_str(&self.reason),
            place => write!(f, "at `{place}`: {}", self.reason),
        }
    }
}

/// Reads a value of a type.
///
/// # Errors
/// What does not fit, where, and what would fit.
pub(super) fn read(ty: &Type, text: &str) -> Result<Val, Misfit> {
    read_by(ty, text, Source::new(text))
}

/// The same, from a format that has no characters and no cases: see [`Argument::Plain`](super::Argument::Plain).
pub(super) fn read_plain(ty: &Type, text: &str) -> Result<Val, Misfit> {
    read_by(ty, text, Source::plain(text))
}

fn read_by(ty: &Type, text: &str, source: Source<'_>) -> Result<Val, Misfit> {
    if let Some(reason) = no_text(ty) {
        return Err(Misfit::new(reason));
    }
    let parsed = UntypedValue::parse(text).map_err(|error| Misfit::new(grammar(text, &error)))?;
    source.value(parsed.node(), ty)
}

/// What is wrong with a text that is not WAVE.
pub(super) fn grammar(text: &str, error: &ParserError) -> String {
    let what = error.kind();
    let what = error
        .detail()
        .map_or_else(|| what.to_string(), |detail| format!("{what} {detail}"));
    let span = error.span();
    match text.get(span.clone()).filter(|part| !part.is_empty()) {
        Some(part) => format!("{what}, at `{part}`"),
        None => format!("{what}, after {} bytes", span.start),
    }
}

/// Why values of a type cannot be written as text; none if they can.
fn no_text(ty: &Type) -> Option<String> {
    let handle = match ty {
        Type::Own(resource) | Type::Borrow(resource) => HandleKind::of(resource),
        Type::Future(_) | Type::Stream(_) | Type::ErrorContext | Type::Map(_) => None,
        _ => return None,
    };
    Some(match handle {
        Some(HandleKind::Process) => "a process is a handle, given by a parent process".to_owned(),
        Some(kind) => {
            let name = kind.name();
            format!(
                "a {name} is a handle, {{ {name} = \"CHANNEL\" }} in a manifest or given by a parent process"
            )
        }
        None => format!("a {} cannot be written as text", words::kind_of(ty)),
    })
}
