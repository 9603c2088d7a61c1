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

/// A message without the rest of what it repeats: words, and parts between backquotes, that are long are shortened.
pub(crate) fn shortened(text: &str) -> String {
    let cut = |text: &str, most: usize| match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    };
    let parts: Vec<_> = text.split('`').collect();
    // Every other part is between backquotes; the last never is.
    let last = parts.len() - 1;
    let parts = parts.into_iter().enumerate();
    let parts = parts.map(|(at, part)| match at % 2 == 1 && at < last {
        true => cut(part, REPEATED),
        false => part.to_owned(),
    });
    let text = parts.collect::<Vec<_>>().join("`");
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        let space = word.get(bare.len()..).unwrap_or_default();
        match bare.contains('`') {
            true => word.to_owned(),
            false => cut(bare, REPEATED) + space,
        }
    });
    words.collect()
}

/// A guest's text on one line, made safe for a terminal as [`plain`] does. It cannot look like several lines.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', "\\n")
}

/// Most characters that a message repeats of what was typed.
const REPEATED: usize = 200;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_repeats_is_shortened_and_nothing_else() {
        let long = "x".repeat(1000);
        let short = "x".repeat(REPEATED);
        for (text, wanted) in [
            (format!("--dir {long}: no"), format!("--dir {short}… no")),
            (
                format!("`{long}` is no size"),
                format!("`{short}…` is no size"),
            ),
            (
                format!("a `{}` b", "x ".repeat(200)),
                format!("a `{}…` b", "x ".repeat(100)),
            ),
            // No backquote ends this part.
            (
                format!("a ` {}", "x ".repeat(200)),
                format!("a ` {}", "x ".repeat(200)),
            ),
            (
                format!("--dir {}\n  more", "a".repeat(REPEATED)),
                format!("--dir {}\n  more", "a".repeat(REPEATED)),
            ),
        ] {
            assert_eq!(shortened(&text), wanted);
        }
    }
}
