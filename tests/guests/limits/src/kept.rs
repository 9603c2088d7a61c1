//! What the host keeps for a guest: what ended children leave, and spans.

use crate::{number, options, start};
use weft_guest::bindings::weft::fabric::log as raw;
use weft_guest::{ExitStatus, Limits, blocking};

/// Bytes that each child returns.
const RESULT: &str = "500000";

/// Keeps the handles of ended children, at most `arg`, until one is refused; lets them go and starts another.
pub fn ended(arg: &str) -> Result<String, String> {
    let mut kept = Vec::new();
    let mut refused = String::new();
    for _ in 0..number(arg)? {
        match start(options("return-bytes", RESULT)) {
            Ok(child) => {
                if let ExitStatus::Limit(limit) = blocking::wait(&child) {
                    refused = format!("one at its limit `{limit}`");
                    break;
                }
                kept.push(child);
            }
            Err(error) => {
                refused = error;
                break;
            }
        }
    }
    let count = kept.len();
    kept.clear();
    let again = start(options("return", "x")).map(|child| blocking::wait(&child).to_string())?;
    Ok(format!("{count} kept, then {refused}; let go: {again}"))
}

/// Says how a child ends for which the host keeps at most `arg` bytes.
pub fn poor_child(arg: &str) -> Result<String, String> {
    let limits = Limits {
        host_bytes: Some(number(arg)?.into()),
        ..Limits::default()
    };
    let child = start(options("return-bytes", RESULT).limits(limits))?;
    Ok(blocking::wait(&child).to_string())
}

/// Opens spans, at most `arg`, with more fields than there is room for, and says how many there are.
pub fn spans(arg: &str) -> Result<String, String> {
    let field = |number: u32| raw::Field {
        key: format!("k{number}"),
        value: String::new(),
    };
    let fields: Vec<_> = (0..4096).map(field).collect();
    let mut kept = Vec::new();
    for _ in 0..number(arg)? {
        match raw::Span::begin("span", "limits", raw::Level::Info, &fields, None) {
            Some(span) => kept.push(span),
            None => break,
        }
    }
    Ok(format!("{} spans", kept.len()))
}
