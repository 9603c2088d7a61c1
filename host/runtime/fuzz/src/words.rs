//! Text out of bytes: as it is, or put together of words that mean something where it is read.
//!
//! Invariant: any bytes are a text, so that a fuzzer wastes none.

/// The text that bytes are. The first says whether the rest is text or the numbers of words.
pub fn text(bytes: &[u8], words: &[&str]) -> String {
    match bytes.split_first() {
        None => String::new(),
        Some((0..32, text)) => String::from_utf8_lossy(text).into_owned(),
        Some((_, numbers)) => {
            let word = |number: &u8| words[usize::from(*number) % words.len()];
            numbers.iter().map(word).collect()
        }
    }
}
