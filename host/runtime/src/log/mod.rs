//! Logs: every process's log channel and what writes to it.
//!
//! ```text
//! entry   the format of an entry
//! text    an entry on one line
//! levels  which entries are kept
//! span    work that takes time
//! trace   which work it belongs to
//! stream  reading a log
//! sink    the log of one process
//! outlet  the channel that it goes to
//! rate    how much it takes per second
//! scope   the scopes that belong to the host
//! lines   turns stdout and stderr into entries
//! line    a line while it comes in
//! ```
//!
//! How logs are shown is up to the embedder.
//!
//! Invariant: writing to a log never waits and never fails the process.

/// Most fields of one call: more than anybody reads, and few enough for a short call.
pub(crate) const FIELDS: usize = 1024;

/// The attribute with the number of fields that were dropped from an entry.
pub(crate) const DROPPED_FIELDS: &str = "weft.dropped.fields";

mod entry;
mod levels;
mod line;
mod lines;
mod notes;
mod outlet;
mod panics;
mod rate;
pub(crate) mod scope;
mod sink;
mod span;
mod stream;
mod text;
mod trace;

pub use entry::{LogEntry, LogResource, LogScope, SPAN_EVENT, Severity};
pub use levels::{LogLevels, LogLevelsError};
pub(crate) use lines::LineStream;
pub use outlet::{DROPPED, DROPPED_COPIES};
pub(crate) use sink::ProcessLog;
pub use span::{
    SPAN_ATTRIBUTES, SPAN_DURATION, SPAN_KIND, SPAN_OF_SERVER, SPAN_PARENT, SPAN_START,
    SPAN_UNFINISHED, Span,
};
pub use stream::{LogPiece, LogStream};
pub(crate) use trace::TraceContext;
