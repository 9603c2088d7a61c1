//! Logs: every process's log channel and what feeds it.
//!
//! `entry` is the format of an entry, `levels` which of them there are to be, `sink` the channel of one process, `rate` how
//! much it takes in a second, `lines` turns stdout and stderr into entries. How logs are shown is the embedder's affair.
//!
//! Invariant: writing to a log never waits and never fails the process.

mod entry;
mod levels;
mod lines;
mod rate;
mod sink;

pub use entry::{LogEntry, LogResource, LogScope, Severity};
pub use levels::{LogLevels, LogLevelsError};
pub(crate) use lines::LineStream;
pub(crate) use sink::ProcessLog;
