//! The process log, and the front ends that write to it.
//!
//! `#[weft_guest::main]` directs three of them here before the guest's own code
//! runs: the macros of the `log` crate (re-exported: [`info!`] and its
//! kind), those of `tracing` ([`crate::tracing`]), and panics. Writing never
//! waits and never fails; the host adds time, process id and name.

mod entry;
mod front;
#[cfg(target_family = "wasm")]
mod panic;
mod spans;
pub(crate) mod subscriber;

pub use entry::{Entry, NotAnEntry, Resource, SPAN_EVENT, Scope};

pub use ::log::{debug, error, info, trace, warn};

use crate::bindings::weft::fabric::log as raw;
use crate::channel::Channel;
use crate::error::CallError;
use crate::trace::{self, TraceContext};
use std::fmt::Display;

/// How important an entry is.
///
/// ```
/// use weft_guest::log::Level;
/// assert!(Level::Warn > Level::Info);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// For debugging.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

impl From<Level> for raw::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => raw::Level::Trace,
            Level::Debug => raw::Level::Debug,
            Level::Info => raw::Level::Info,
            Level::Warn => raw::Level::Warn,
            Level::Error => raw::Level::Error,
        }
    }
}

/// Writes an entry. `target` says what wrote it, such as a module path; each
/// field becomes an attribute, as text.
///
/// ```no_run
/// use weft_guest::log::{self, Level};
/// log::write(Level::Info, "flights", "done", &[("flights", &20_000), ("airport", &"LAX")]);
/// ```
pub fn write(level: Level, target: &str, message: &str, fields: &[(&str, &dyn Display)]) {
    let fields = fields.iter().map(|(key, value)| field(key, value));
    let context = trace::current();
    write_raw(level, target, message.to_owned(), fields.collect(), context);
}

/// Whether an entry of this level from this target is kept at all.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::log::{self, Level};
/// if log::enabled(Level::Debug, "flights") {
///     log::write(Level::Debug, "flights", "what was costly to find out", &[]);
/// }
/// # Ok(()) }
/// ```
pub fn enabled(level: Level, target: &str) -> bool {
    raw::enabled(level.into(), target)
}

/// Replaces this process's log channel: from now on entries go to the new one.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::{Channel, log};
/// let channel = Channel::dropping(64 * 1024)?;
/// let mut entries = channel.strong_reader()?;
/// log::register(&channel)?;
/// log::info!("seen by this process alone");
/// let entry = entries.read().await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`CallError::Closed`] when the channel has ended, [`CallError::PermissionDenied`] when this handle may
/// not be written to; the log then stays as it was. When the channel ends later, entries go to a log of the
/// process's own again, whose first entry says so.
pub fn register(channel: &Channel) -> Result<(), CallError> {
    Ok(raw::register(channel.raw())?)
}

/// Directs `log`, `tracing` and panics to the process log. Needed once. Keeps what the guest has set up before.
pub(crate) fn install() {
    // In a test a panic is the test's own.
    #[cfg(target_family = "wasm")]
    panic::install();
    front::install();
    #[cfg(target_family = "wasm")]
    subscriber::install();
}

/// A field of the raw bindings.
fn field(key: &str, value: &(impl Display + ?Sized)) -> raw::Field {
    raw::Field {
        key: key.to_owned(),
        value: value.to_string(),
    }
}

/// Writes an entry whose parts are owned already.
fn write_raw(
    level: Level,
    target: &str,
    message: String,
    fields: Vec<raw::Field>,
    context: Option<TraceContext>,
) {
    raw::write(&raw::Entry {
        level: level.into(),
        target: target.to_owned(),
        message,
        fields,
        context: context.map(Into::into),
    });
}
