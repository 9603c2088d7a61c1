//! Prints the delays of all airports as a table, the largest mean first.
//!
//! Every number is exact: fractions are rounded once, from integers, half away
//! from zero.

use serde::Deserialize;
use std::cmp::Ordering;
use std::io::Write as _;
use weft_guest::{Postcard, TypedReader, log};

/// The delays of one airport, as the stage before sends them. In minutes.
#[derive(Deserialize)]
struct Delays {
    origin: String,
    city: String,
    state: String,
    flights: u64,
    sum: i64,
    /// Twice the median.
    doubled_median: i64,
    max: i32,
    late: u64,
}

/// Prints the table on stdout and logs the totals. Returns the number of
/// flights.
#[weft_guest::main]
async fn main(mut delays: TypedReader<Delays, Postcard>) -> weft_guest::Result<u64> {
    let mut airports = Vec::new();
    while let Some(airport) = delays.read().await? {
        airports.push(airport);
    }
    airports.sort_by(by_mean_then_code);

    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<4} {:>7} {:>8} {:>7} {:>5} {:>7}  city",
        "iata", "flights", "mean", "median", "max", "late %"
    )?;
    for airport in &airports {
        writeln!(
            out,
            "{:<4} {:>7} {:>8} {:>7} {:>5} {:>7}  {}, {}",
            airport.origin,
            airport.flights,
            decimal(airport.sum, airport.flights, 2),
            decimal(airport.doubled_median, 2, 1),
            airport.max,
            decimal(100 * airport.late as i64, airport.flights, 1),
            airport.city,
            airport.state,
        )?;
    }

    let flights = airports.iter().map(|airport| airport.flights).sum();
    let sum = airports.iter().map(|airport| airport.sum).sum();
    let late: u64 = airports.iter().map(|airport| airport.late).sum();
    log::info!(
        airports = airports.len(), flights, late, mean_delay = decimal(sum, flights, 2).as_str();
        "{flights} flights from {} airports", airports.len()
    );
    Ok(flights)
}

/// The larger mean first, compared exactly as a fraction; then by code.
fn by_mean_then_code(a: &Delays, b: &Delays) -> Ordering {
    let mean_of_a = i128::from(a.sum) * i128::from(b.flights);
    let mean_of_b = i128::from(b.sum) * i128::from(a.flights);
    mean_of_b
        .cmp(&mean_of_a)
        .then_with(|| a.origin.cmp(&b.origin))
}

/// `numerator / denominator` with this many digits after the point, rounded half
/// away from zero. A denominator of 0 counts as 1.
fn decimal(numerator: i64, denominator: u64, digits: u32) -> String {
    let denominator = u128::from(denominator.max(1));
    let scale = 10u128.pow(digits);
    let scaled = u128::from(numerator.unsigned_abs()) * scale;
    // Half of the denominator more, then cut off: half rounds up. Doubled, as
    // half of an odd denominator is no integer.
    let rounded = (2 * scaled + denominator) / (2 * denominator);
    let sign = if numerator < 0 && rounded > 0 {
        "-"
    } else {
        ""
    };
    let (whole, fraction) = (rounded / scale, rounded % scale);
    format!("{sign}{whole}.{fraction:0width$}", width = digits as usize)
}
