//! Sends the lines of a file, one frame each.
//!
//! It knows nothing of flights: what is in a line is the next stage's business.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use weft_guest::{Error, Writer};

/// Bytes read from the file at a time.
const BATCH: usize = 64 * 1024;

/// Sends every line of the file at `path`, without its line end. Returns the
/// number of lines.
#[weft_guest::main]
async fn main(path: String, lines: Writer) -> weft_guest::Result<u64> {
    let file = File::open(&path).map_err(|e| Error::msg(format!("cannot open {path}: {e}")))?;
    let mut file = BufReader::with_capacity(BATCH, file);
    let mut lines = lines.buffered();
    let mut line = Vec::new();
    let mut count = 0;
    while file.read_until(b'\n', &mut line)? > 0 {
        lines.write(line.trim_ascii_end()).await?;
        line.clear();
        count += 1;
    }
    lines.flush().await?;
    Ok(count)
}
