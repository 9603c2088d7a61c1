//! Reads flights and warns of each that was very late. It knows nothing of who reads its log.

use serde::Deserialize;
use weft_guest::{Error, log};

/// More minutes than this are worth a warning.
const LATE: i64 = 120;

/// What it needs of a line.
#[derive(Deserialize)]
struct Flight {
    date: String,
    delay: i64,
    origin: String,
    destination: String,
}

/// Reads the flights in the file at `path`, one JSON object a line, and returns how many there are.
#[weft_guest::main]
fn main(path: String) -> weft_guest::Result<u32> {
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::msg(format!("cannot read {path}: {error}")))?;
    let mut flights = 0;
    for line in text.lines() {
        let flight: Flight = serde_json::from_str(line)?;
        flights += 1;
        if flight.delay > LATE {
            let Flight {
                date,
                delay,
                origin,
                destination,
            } = flight;
            log::warn!(delay; "{origin} to {destination} of {date}: {delay} minutes late");
        }
    }
    Ok(flights)
}
