//! Adds up the delays in a file, and says how far it is.
//!
//! It panics at a line that is no flight, and leaves it to its supervisor what to do then.

use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use weft_guest::Writer;

/// What it needs of a line.
#[derive(Deserialize)]
struct Flight {
    /// Minutes.
    delay: i64,
}

/// Starts after so many lines. Before it looks at a line it sends the line's number.
#[weft_guest::main]
async fn main(path: String, skip: u64, progress: Writer) -> weft_guest::Result<String> {
    let (mut flights, mut delay) = (0, 0);
    let lines = BufReader::new(File::open(path)?).lines();
    for (line, number) in lines.zip(1u64..).skip(usize::try_from(skip)?) {
        progress.write(number.to_le_bytes()).await?.or_dropped();
        #[allow(
            clippy::panic,
            reason = "a worker that traps is what this example is about"
        )]
        let flight: Flight =
            serde_json::from_str(&line?).unwrap_or_else(|error| panic!("line {number}: {error}"));
        flights += 1;
        delay += flight.delay;
    }
    Ok(format!(
        "{flights} flights after line {skip}, {delay} minutes late"
    ))
}
