//! Logs: every process's log channel and what feeds it.
//!
//! `entry` is the format of an entry, `text` an entry on one line, `levels` which of them there are to be, `span` work that takes time, `stream` a log as it is followed, `sink` the log of one
//! process, `outlet` the channel it goes to, `rate` how much it takes in a second, `scope` which scopes are the host's own, `lines` turns stdout and stderr into entries, `line` is one of them while it comes in. How logs are shown is the embedder's affair.
//!
//! Invariant: writing to a log never waits and never fails the process.

/// Fields that one call may bring: more than anybody reads, and few enough that a call is short.
pub(crate) const FIELDS: usize = 1024;

/// The attribute of an entry that came with more fields than were kept: how many were not.
pub(crate) const DROPPED_FIELDS: &str = "weft.dropped.fields";

mod entry;
mod levels;
mod line;
mod lines;
mod outlet;
mod rate;
pub(crate) mod scope;
mod sink;
mod span;
mod stream;
mod text;

pub use entry::{LogEntry, LogResource, LogScope, SPAN_EVENT, Severity};
pub use levels::{LogLevels, LogLevelsError};
pub(crate) use lines::LineStream;
pub use outlet::{DROPPED, DROPPED_COPIES};
pub(crate) use sink::ProcessLog;
pub use span::Span;
pub(crate) use span::TraceContext;
pub use stream::{LogPiece, LogStream};
