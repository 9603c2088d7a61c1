//! What people see: progress, logs, colour and errors. `say` is how the command speaks of itself.
//!
//! Results go to stdout, everything else to stderr. Progress moves on a terminal and
//! is plain lines where there is none.

pub(crate) mod logs;
pub(crate) mod output;
pub(crate) mod paint;
pub(crate) mod progress;
pub(crate) mod say;
pub(crate) mod table;
#[cfg(feature = "top")]
pub(crate) mod top;
pub(crate) mod trace;

use output::Stream;
use std::borrow::Cow;

/// Prints a result to stdout. A reader that has gone away, as `head` does, is no error of
/// ours; `print!` would panic.
///
/// # Errors
/// When the text could not be written for another reason, such as a full disk.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    match output::result(Stream::Stdout, text) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Text of a guest on one line, made safe for a terminal as [`plain`] does: it cannot
/// look like several.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', "\\n")
}

/// Text of a guest, made safe for a terminal: control characters other than line
/// ends and tabs are written out, and so is what changes the direction of text, so that a guest can neither recolour
/// the screen nor rewrite or reorder what stands on it.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !(c.is_control() || turns_text(c)) || matches!(c, '\n' | '\t');
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if harmless(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    Cow::Owned(out)
}

/// Whether a character makes a terminal that knows right-to-left text show what follows in another order, or
/// ends a line in the eyes of some.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
