//! Panics, in the log before the trap.
//!
//! The host recognises the entry by `exception.type` = `panic` and takes the
//! message of the trap from `exception.message`; both names are OpenTelemetry's.
//! The standard hook, which writes to stderr, is replaced: the entry says the
//! same, and once is enough. Then the readers say how far the guest has got with their frames.

use super::{Level, field, write_raw};
use std::panic::PanicHookInfo;

/// Replaces the panic hook.
pub(super) fn install() {
    std::panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned());
    let mut fields = vec![
        field("exception.type", "panic"),
        field("exception.message", &message),
    ];
    if let Some(location) = info.location() {
        fields.push(field("code.file.path", location.file()));
        fields.push(field("code.line.number", &location.line()));
        fields.push(field("code.column.number", &location.column()));
    }
    // The span may be what panicked.
    let context = crate::trace::current();
    write_raw(Level::Error, "panic", message, fields, context);
    crate::channel::settle_commits();
}
