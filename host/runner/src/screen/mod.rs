//! The screen: progress, logs, colour and errors. `say` writes the command's own messages.
//!
//! Results go to stdout, everything else to stderr. Progress is drawn on a terminal, and otherwise printed as plain
//! lines.

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

/// Prints a result to stdout. It is no error if the reader has gone away, as `head` does; `print!` would panic.
///
/// # Errors
/// When the text could not be written for another reason, such as a full disk.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    match output::result(Stream::Stdout, text) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// A guest's text on one line, made safe for a terminal as [`plain`] does. It cannot look like several lines.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', "\\n")
}

/// A guest's text, made safe for a terminal. Control characters other than line ends and tabs are escaped, and so are
/// the characters that change the direction of text. So a guest can neither recolour the screen nor rewrite or reorder
/// its text.
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

/// Whether a character changes the direction of the text after it, or counts as a line end in some terminals.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
