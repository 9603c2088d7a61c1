//! Makes text from bytes: either the bytes themselves, or words that are meaningful to the parser under test.
//!
//! Invariant: any bytes make a text, so a fuzzer wastes no input.

/// The text of the bytes. The first byte decides whether the rest is text or the numbers of words.
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
