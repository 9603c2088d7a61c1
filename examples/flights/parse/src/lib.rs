//! Turns lines of JSON into flights.
//!
//! A line that is no flight is logged with its number, counted and left out: one
//! bad line in a million is no reason to stop.

use serde::{Deserialize, Serialize};
use weft_guest::typed::RecvError;
use weft_guest::{Json, Postcard, TypedReader, TypedWriter, log};

/// A flight, as a line has it and as the next stage gets it.
#[derive(Deserialize, Serialize)]
struct Flight {
    /// Minutes between planned and real departure; negative is early.
    delay: i32,
    /// Miles.
    distance: u32,
    /// IATA code of the airport it left.
    origin: String,
    /// IATA code of the airport it went to.
    destination: String,
}

/// Sends a flight for every line that is one. Returns the number of flights.
#[weft_guest::main]
async fn main(
    mut raw: TypedReader<Flight, Json>,
    flights: TypedWriter<Flight, Postcard>,
) -> weft_guest::Result<u64> {
    let mut flights = flights.buffered();
    let mut malformed = 0u64;
    loop {
        match raw.read().await {
            Ok(None) => break,
            Ok(Some(flight)) => flights.write(&flight).await?,
            Err(RecvError::Decode { index, source, .. }) => {
                malformed += 1;
                log::warn!(line = index + 1, error:% = source; "not a flight, left out");
            }
            Err(error) => return Err(error.into()),
        }
    }
    flights.flush().await?;
    if malformed > 0 {
        log::warn!(malformed; "some lines were no flights");
    }
    Ok(flights.frames_sent())
}
