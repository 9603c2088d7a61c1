//! Something to try the stage with: entry points that send the lines of a file and print lines.
//!
//! Once other guests stand before and behind the stage, this file can go.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use weft_guest::{Reader, Writer};

/// Sends the lines of the file at `path`, one a frame.
#[weft_guest::entry_point]
async fn feed(path: String, lines: Writer) -> weft_guest::Result {
    let mut lines = lines.buffered();
    for line in BufReader::new(File::open(path)?).lines() {
        lines.write(line?.as_bytes()).await?;
    }
    Ok(lines.flush().await?)
}

/// Prints every frame as a line.
#[weft_guest::entry_point]
async fn show(mut lines: Reader) -> weft_guest::Result {
    let mut out = std::io::stdout().lock();
    while let Some(frame) = lines.read().await? {
        out.write_all(&frame.payload)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
