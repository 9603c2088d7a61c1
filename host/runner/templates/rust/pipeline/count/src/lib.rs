//! The stage in the middle: counts words.

use std::collections::BTreeMap;
use weft_guest::{Reader, TypedWriter};

/// Counts the words of all lines, then sends each with its count. Returns how many different words there were.
#[weft_guest::main]
async fn main(mut lines: Reader, counts: TypedWriter<(String, u64)>) -> weft_guest::Result<u64> {
    let mut seen = BTreeMap::new();
    while let Some(line) = lines.read().await? {
        let line = String::from_utf8(line.payload)?;
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

/// The words of a line, in lower case and without punctuation.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_guest::{TypedReader, testing};

    #[test]
    fn punctuation_and_case_do_not_count() {
        let words: Vec<String> = words("The warp, the weft.").collect();
        assert_eq!(words, ["the", "warp", "the", "weft"]);
    }

    #[test]
    fn each_word_is_sent_once_with_its_count() -> weft_guest::Result {
        testing::run(async {
            let (to, lines) = testing::channel(1024);
            let (counts, from) = testing::channel(1024);
            let stage = testing::start(main(lines, counts.into()));
            to.write("Over, and").await?.or_dropped();
            to.write("over").await?.or_dropped();
            drop(to);
            let mut counts = TypedReader::<(String, u64)>::from(from);
            assert_eq!(counts.read().await?, Some(("and".into(), 1)));
            assert_eq!(counts.read().await?, Some(("over".into(), 2)));
            assert_eq!(counts.read().await?, None);
            assert_eq!(stage.returned().await?, 2);
            Ok(())
        })
    }
}
