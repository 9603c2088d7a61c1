//! A line of a stream while it comes in, in any number of writes.
//!
//! `lines` makes entries of it.
//!
//! Invariants:
//! - At most [`PIECE`] bytes are held, so a guest that never ends a line cannot make the host grow.
//! - No piece ends inside a character.

/// Bytes of a piece. Each piece becomes an entry, so a longer line becomes several.
const PIECE: usize = 16 << 10;

/// Most pieces of one line. The rest is counted and left out. A log retains about as much: more would evict the beginning
/// of the line and everything before it.
const PIECES: usize = 3;

/// A line that has not ended yet.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The bytes of the current piece.
    held: Vec<u8>,
    /// Pieces that are complete.
    pieces: usize,
    /// Bytes of the whole line.
    bytes: usize,
    /// Whether bytes were left out.
    left_out: bool,
}

/// The end of a line: the whole line, or its last piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// The text, without the line end.
    pub(super) text: String,
    /// Bytes of the whole line, if some were left out.
    pub(super) cut: Option<usize>,
}

impl Line {
    /// Whether no bytes are held.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Adds bytes, and passes each complete piece to `done`.
    pub(super) fn add(&mut self, mut text: &[u8], mut done: impl FnMut(String)) {
        self.bytes += text.len();
        while !text.is_empty() {
            let room = PIECE.saturating_sub(self.held.len());
            if room > 0 {
                let (piece, rest) = text.split_at(text.len().min(room));
                self.held.extend_from_slice(piece);
                text = rest;
            } else if self.pieces + 1 < PIECES {
                let rest = self.held.split_off(whole_characters(&self.held));
                let piece = std::mem::replace(&mut self.held, rest);
                self.pieces += 1;
                done(String::from_utf8_lossy(&piece).into_owned());
            } else {
                self.left_out = true;
                return;
            }
        }
    }

    /// Ends the line. The next bytes begin a new line.
    pub(super) fn end(&mut self) -> Ended {
        let line = std::mem::take(self);
        let whole = match line.left_out {
            true => whole_characters(&line.held),
            false => line.held.len(),
        };
        let (held, _) = line.held.split_at(whole);
        let text = held.strip_suffix(b"\r").unwrap_or(held);
        Ended {
            text: String::from_utf8_lossy(text).into_owned(),
            cut: line.left_out.then_some(line.bytes),
        }
    }
}

/// The length of these bytes up to the last whole character, if more bytes follow. Bytes that are not UTF-8
/// count as whole.
fn whole_characters(bytes: &[u8]) -> usize {
    // A character has at most four bytes. The first byte tells the length.
    let last = bytes.len().saturating_sub(4)..bytes.len();
    let begins = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80);
    let Some(at) = last.rev().find(begins) else {
        return bytes.len();
    };
    let length = match bytes.get(at) {
        Some(0xf0..=0xf7) => 4,
        Some(0xe0..=0xef) => 3,
        Some(0xc0..=0xdf) => 2,
        _ => 1,
    };
    match at + length > bytes.len() {
        true => at,
        false => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_cut_and_what_is_beyond_is_left_out() {
        let mut line = Line::default();
        let mut pieces = Vec::new();
        line.add(&vec![b'x'; 2 * PIECE + 10], |piece| {
            pieces.push(piece.len())
        });
        assert_eq!(pieces, [PIECE, PIECE]);
        let ended = line.end();
        assert_eq!((ended.text.len(), ended.cut), (10, None));
        for _ in 0..9 {
            line.add(&[b'y'; PIECE], |piece| pieces.push(piece.len()));
        }
        assert_eq!(pieces.len(), 2 * (PIECES - 1));
        let ended = line.end();
        assert_eq!((ended.text.len(), ended.cut), (PIECE, Some(9 * PIECE)));
        assert!(line.is_empty());
    }

    #[test]
    fn a_cut_is_never_inside_a_character() {
        for (text, whole) in [("", 0), ("ab", 2), ("aé", 3), ("a€", 4), ("a😀", 5)] {
            let bytes = text.as_bytes();
            assert_eq!(whole_characters(bytes), whole, "{text}");
            for cut in 2..bytes.len() {
                let (begun, _) = bytes.split_at(cut);
                let wanted = if text.is_ascii() { cut } else { 1 };
                assert_eq!(whole_characters(begun), wanted, "{text} cut at {cut}");
            }
        }
        // Bytes that are not UTF-8 are not held back forever.
        assert_eq!(whole_characters(&[0x80; 16]), 16);
        assert_eq!(whole_characters(&[b'a', 0xff]), 2);
    }
}
