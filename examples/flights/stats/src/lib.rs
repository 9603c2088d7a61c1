//! Sums up the delays of each origin airport.
//!
//! Everything is an integer, so that the result does not depend on the order of
//! the flights: sums of minutes, counts, and a median doubled when it lies
//! between two delays.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weft_guest::{Postcard, TypedReader, TypedWriter};

/// A flight is late when its delay is longer than this, in minutes.
const LATE: i32 = 15;

/// A flight, as the stage before sends it.
#[derive(Deserialize)]
#[allow(dead_code, reason = "postcard needs every field, this stage only some")]
struct Joined {
    delay: i32,
    distance: u32,
    origin: String,
    destination: String,
    name: String,
    city: String,
    state: String,
}

/// The delays of one airport, as the next stage gets them. In minutes.
#[derive(Serialize)]
struct Delays {
    origin: String,
    city: String,
    state: String,
    flights: u64,
    sum: i64,
    /// Twice the median, which is a whole number.
    doubled_median: i64,
    max: i32,
    late: u64,
}

/// What is collected of an airport while flights come in.
struct Airport {
    city: String,
    state: String,
    delays: Vec<i32>,
}

/// Sends the delays of each airport once the input has ended, in the order of
/// their codes. Returns the number of flights.
#[weft_guest::main]
async fn main(
    mut joined: TypedReader<Joined, Postcard>,
    delays: TypedWriter<Delays, Postcard>,
) -> weft_guest::Result<u64> {
    let mut airports = BTreeMap::new();
    while let Some(flight) = joined.read().await? {
        let airport = airports.entry(flight.origin).or_insert_with(|| Airport {
            city: flight.city,
            state: flight.state,
            delays: Vec::new(),
        });
        airport.delays.push(flight.delay);
    }
    let mut sent = delays.buffered();
    for (origin, airport) in airports {
        sent.write(&sum_up(origin, airport)).await?;
    }
    sent.flush().await?;
    Ok(joined.frames())
}

/// Sums up one airport, of which there is at least one flight.
fn sum_up(origin: String, mut airport: Airport) -> Delays {
    let delays = &mut airport.delays;
    delays.sort_unstable();
    let flights = delays.len();
    let at = |index: usize| delays.get(index).copied().unwrap_or_default();
    Delays {
        origin,
        flights: flights as u64,
        sum: delays.iter().map(|delay| i64::from(*delay)).sum(),
        // The same place twice when there is a middle one.
        doubled_median: i64::from(at((flights - 1) / 2)) + i64::from(at(flights / 2)),
        max: at(flights - 1),
        late: delays.iter().filter(|delay| **delay > LATE).count() as u64,
        city: airport.city,
        state: airport.state,
    }
}
