//! The unfinished line of a guest on the terminal, such as a prompt, or `working...` before `done`.
//!
//! A message of the command is written in its place, and the line is written again below, so the guest can go on with
//! it. This does not work for text that moves the cursor: such a line is ended where it is.
//!
//! Invariant: at most [`MOST`] bytes of the line are kept.

use super::Stream;
use console::measure_text_width;

/// The longest line that is written again, in bytes: people read no longer one as a single line.
const MOST: usize = 4 << 10;

/// Moves to the first column, and clears from there to the end of the screen.
const CLEAR: &str = "\r\u{1b}[J";

/// What is known of the line.
#[derive(Debug, Default)]
pub(super) struct Begun {
    bytes: Vec<u8>,
    stream: Option<Stream>,
    /// Whether it cannot be written again: it is too long, of two streams, or moves the cursor.
    lost: bool,
}

impl Begun {
    /// Records what a guest has written.
    pub(super) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let line = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => {
                *self = Self::default();
                bytes.get(end + 1..).unwrap_or_default()
            }
            None => bytes,
        };
        if line.is_empty() {
            return;
        }
        self.lost |= self.stream.is_some_and(|before| before != stream)
            || self.bytes.len() + line.len() > MOST
            || line.iter().any(|byte| matches!(byte, 0..=0x1f | 0x7f));
        self.stream = Some(stream);
        match self.lost {
            true => self.bytes.clear(),
            false => self.bytes.extend_from_slice(line),
        }
    }

    /// Whether there is an unfinished line.
    pub(super) fn is_there(&self) -> bool {
        self.stream.is_some()
    }

    /// The text to write before and after a line of the command's own, on a terminal with this many columns.
    pub(super) fn around(&mut self, columns: usize) -> (String, Option<(Stream, Vec<u8>)>) {
        let Some(stream) = self.stream else {
            return (String::new(), None);
        };
        let text = std::str::from_utf8(&self.bytes);
        let Some(text) = text.ok().filter(|_| !self.lost) else {
            *self = Self::default();
            return ("\n".to_owned(), None);
        };
        // Rows to go up. After the last column the cursor stays in its row until the next character.
        let width = measure_text_width(text);
        let rows = width.saturating_sub(1) / columns.max(1);
        let up = match rows {
            0 => String::new(),
            rows => format!("\u{1b}[{rows}A"),
        };
        (format!("{up}{CLEAR}"), Some((stream, self.bytes.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(parts: &[&str]) -> Begun {
        let mut begun = Begun::default();
        for part in parts {
            begun.add(Stream::Stdout, part.as_bytes());
        }
        begun
    }

    #[test]
    fn a_line_that_has_no_end_is_written_again_behind_what_is_said() {
        let again = |text: &str| Some((Stream::Stdout, text.as_bytes().to_vec()));
        assert_eq!(begun(&[]).around(10), (String::new(), None));
        assert_eq!(begun(&["ended\n"]).around(10), (String::new(), None));
        let mut two = begun(&["ended\nwork", "ing"]);
        assert_eq!(two.around(10), (CLEAR.to_owned(), again("working")));
        // The line is still there.
        assert_eq!(two.around(10), (CLEAR.to_owned(), again("working")));
        let up = format!("\u{1b}[1A{CLEAR}");
        assert_eq!(begun(&["working"]).around(4), (up, again("working")));
        assert_eq!(begun(&["working"]).around(7).0, CLEAR);
    }

    #[test]
    fn what_moves_or_is_too_long_is_ended_where_it_is() {
        let ended = ("\n".to_owned(), None);
        for line in ["50%\r", "\u{1b}[1Aup", "a\tb", &"x".repeat(MOST + 1)] {
            let mut begun = begun(&[line]);
            assert!(begun.is_there());
            assert_eq!(begun.around(80), ended);
            assert!(!begun.is_there());
        }
    }
}
