//! Sends the lines of a file, one frame each.

use std::fs::File;
use std::io::{BufRead, BufReader};
use weft_guest::Writer;

/// Sends every line of the file at `path` and returns how many there were.
#[weft_guest::main]
async fn main(path: String, lines: Writer) -> weft_guest::Result<u64> {
    let mut lines = lines.buffered();
    let mut sent = 0;
    for line in BufReader::new(File::open(path)?).lines() {
        lines.write(line?).await?;
        sent += 1;
    }
    lines.flush().await?;
    Ok(sent)
}
