//! Prints the most frequent words.

use std::cmp::Reverse;
use weft_guest::{TypedReader, log};

/// Prints the `most` frequent words with their counts; of words as frequent, the
/// first of the alphabet first.
#[weft_guest::main]
async fn main(mut counts: TypedReader<(String, u64)>, most: u32) -> weft_guest::Result {
    let mut all = Vec::new();
    while let Some(count) = counts.read().await? {
        all.push(count);
    }
    all.sort_by_key(|(word, count)| (Reverse(*count), word.clone()));
    let most = all.iter().take(most as usize);
    let table: String = most
        .map(|(word, count)| format!("{count:>3} {word}\n"))
        .collect();
    print!("{table}");
    log::info!(different = all.len(); "{} different words", all.len());
    Ok(())
}
