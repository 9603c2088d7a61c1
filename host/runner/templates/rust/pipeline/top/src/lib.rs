//! The sink: prints the most frequent words.

use std::cmp::Reverse;
use weft_guest::{TypedReader, log};

/// Prints the `most` frequent words, and returns how many words it was sent.
#[weft_guest::main]
async fn main(mut counts: TypedReader<(String, u64)>, most: u32) -> weft_guest::Result<u64> {
    let mut all = Vec::new();
    while let Some(count) = counts.read().await? {
        all.push(count);
    }
    let words = all.len() as u64;
    log::info!(words; "the input has ended");
    print!("{}", table(all, most));
    Ok(words)
}

/// The most frequent words, one a line; of words as frequent, the first of the alphabet first.
fn table(mut counts: Vec<(String, u64)>, most: u32) -> String {
    counts.sort_by_key(|(word, count)| (Reverse(*count), word.clone()));
    let most = counts.iter().take(most as usize);
    most.map(|(word, count)| format!("{count} {word}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_guest::{TypedWriter, testing};

    #[test]
    fn the_most_frequent_come_first() {
        let counts = [("b", 1), ("c", 2), ("a", 1)];
        let counts = counts.map(|(word, count)| (word.to_owned(), count));
        assert_eq!(table(counts.to_vec(), 2), "2 c\n1 a\n");
    }

    #[test]
    fn all_words_are_read() -> weft_guest::Result {
        testing::run(async {
            let (to, counts) = testing::channel(1024);
            let stage = testing::start(main(counts.into(), 1));
            let mut to = TypedWriter::<(String, u64)>::from(to).buffered();
            to.write(&("over".to_owned(), 2)).await?;
            to.write(&("and".to_owned(), 1)).await?;
            to.flush().await?;
            drop(to);
            assert_eq!(stage.returned().await?, 2);
            Ok(())
        })
    }
}
