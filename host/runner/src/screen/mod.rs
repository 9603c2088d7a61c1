//! What people see: progress, logs, colour and errors.
//!
//! Results go to stdout, everything else to stderr. Progress moves on a terminal and
//! is plain lines where there is none.

pub(crate) mod logs;
pub(crate) mod paint;
pub(crate) mod progress;
pub(crate) mod sink;
pub(crate) mod trace;

use std::io::Write;

/// Prints to stdout. A reader that has gone away, as `head` does, is no error of
/// ours; `print!` would panic.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line to stderr, under the same conditions.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
