//! Counts how often each word occurs in the lines that come in.

// ANCHOR: stage
use std::collections::BTreeMap;
use weft_guest::{Error, Reader, TypedWriter};

/// Counts the words of all lines, then sends each word with its count.
/// Returns how many different words there were.
#[weft_guest::main]
async fn main(mut lines: Reader, counts: TypedWriter<(String, u64)>) -> weft_guest::Result<u64> {
    let mut seen = BTreeMap::new();
    while let Some(line) = lines.read().await? {
        let line = String::from_utf8(line.payload).map_err(Error::msg)?;
        for word in words(&line) {
            *seen.entry(word).or_insert(0) += 1;
        }
    }
    let different = seen.len() as u64;
    let mut counts = counts.buffered();
    for count in seen {
        counts.write(&count).await?;
    }
    counts.flush().await?;
    Ok(different)
}
// ANCHOR_END: stage

// ANCHOR: words
/// The words of a line, in lower case and without punctuation.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    #[test]
    fn punctuation_and_case_do_not_count() {
        let words: Vec<String> = super::words("Tyger Tyger, water'd?").collect();
        assert_eq!(words, ["tyger", "tyger", "water'd"]);
    }
}
// ANCHOR_END: words

// ANCHOR: test
#[cfg(test)]
mod in_memory {
    use super::*;
    use weft_guest::{TypedReader, testing};

    #[test]
    fn each_word_is_sent_once_with_its_count() -> weft_guest::Result {
        testing::run(async {
            let (to, lines) = testing::channel(1024);
            let (counts, from) = testing::channel(1024);
            let stage = testing::start(main(lines, counts.into()));
            to.write("Tyger Tyger,").await?.or_dropped();
            to.write("burning bright").await?.or_dropped();
            drop(to);
            let mut counts = TypedReader::<(String, u64)>::from(from);
            assert_eq!(counts.read().await?, Some(("bright".into(), 1)));
            assert_eq!(counts.read().await?, Some(("burning".into(), 1)));
            assert_eq!(counts.read().await?, Some(("tyger".into(), 2)));
            assert_eq!(counts.read().await?, None);
            assert_eq!(stage.returned().await?, 3);
            Ok(())
        })
    }
}
// ANCHOR_END: test
