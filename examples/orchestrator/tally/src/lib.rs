//! Adds up the delays of the flights it is given.
//!
//! It does not look what a bad line is: it panics. Whoever started it learns of that.

use serde::Deserialize;
use weft_guest::{Json, TypedReader, TypedWriter};

/// What it needs of a line.
#[derive(Deserialize)]
struct Flight {
    /// Minutes.
    delay: i64,
}

/// Sends the number of flights and the sum of their delays, in minutes, when all are there.
#[weft_guest::main]
async fn main(
    mut flights: TypedReader<Flight, Json>,
    total: TypedWriter<(u64, i64), Json>,
) -> weft_guest::Result {
    let (mut count, mut delay) = (0, 0);
    loop {
        match flights.read().await {
            Ok(Some(flight)) => {
                count += 1;
                delay += flight.delay;
            }
            Ok(None) => break,
            #[allow(
                clippy::panic,
                reason = "a worker that traps is what this example is about"
            )]
            Err(error) => panic!("{error}"),
        }
    }
    total.write(&(count, delay)).await?.or_dropped();
    Ok(())
}
