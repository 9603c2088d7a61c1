//! Adds the origin airport to each flight.
//!
//! The airports fit in memory, the flights need not: they are joined as they
//! pass.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use weft_guest::{Error, Postcard, TypedReader, TypedWriter, log};

/// What stands for the name, city and state of an airport that is not listed.
const UNKNOWN: &str = "?";

/// A flight, as the stage before sends it.
#[derive(Deserialize)]
struct Flight {
    delay: i32,
    distance: u32,
    origin: String,
    destination: String,
}

/// A flight with its origin, as the next stage gets it.
#[derive(Serialize)]
struct Joined {
    delay: i32,
    distance: u32,
    origin: String,
    destination: String,
    name: String,
    city: String,
    state: String,
}

/// A row of the table of airports; its other columns are not needed.
#[derive(Deserialize)]
struct Airport {
    iata: String,
    name: String,
    city: String,
    state: String,
}

/// Sends every flight with its airport from the CSV file at `airports`. Returns
/// the number of flights.
#[weft_guest::main]
async fn main(
    airports: String,
    mut flights: TypedReader<Flight, Postcard>,
    joined: TypedWriter<Joined, Postcard>,
) -> weft_guest::Result<u64> {
    let airports = read_airports(&airports)?;
    let mut joined = joined.buffered();
    let mut unknown = BTreeSet::new();
    while let Some(flight) = flights.read().await? {
        let (name, city, state) = match airports.get(&flight.origin) {
            Some(airport) => (&*airport.name, &*airport.city, &*airport.state),
            None => {
                unknown.insert(flight.origin.clone());
                (UNKNOWN, UNKNOWN, UNKNOWN)
            }
        };
        let flight = Joined {
            name: name.to_owned(),
            city: city.to_owned(),
            state: state.to_owned(),
            delay: flight.delay,
            distance: flight.distance,
            origin: flight.origin,
            destination: flight.destination,
        };
        joined.write(&flight).await?;
    }
    joined.flush().await?;
    for origin in unknown {
        log::warn!(origin = origin.as_str(); "this airport is not in the table");
    }
    Ok(joined.frames_sent())
}

/// Reads the table of airports, by IATA code.
fn read_airports(path: &str) -> weft_guest::Result<HashMap<String, Airport>> {
    let mut table =
        csv::Reader::from_path(path).map_err(|e| Error::msg(format!("cannot open {path}: {e}")))?;
    let mut airports = HashMap::new();
    for row in table.deserialize() {
        let airport: Airport = row?;
        airports.insert(airport.iata.clone(), airport);
    }
    Ok(airports)
}
