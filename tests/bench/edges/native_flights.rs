//! The stages of `examples/flights` as tasks of one program, with bounded channels of values between them: nothing is encoded.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Values that wait between two tasks.
const PLACES: usize = 1024;
/// Bytes read from the file at a time.
const BATCH: usize = 64 << 10;
/// A flight is late when its delay is longer than this, in minutes.
const LATE: i32 = 15;

#[derive(Deserialize)]
struct Flight {
    delay: i32,
    distance: u32,
    origin: String,
    destination: String,
}

#[derive(Deserialize)]
struct Airport {
    iata: String,
    name: String,
    city: String,
    state: String,
}

/// A flight with the name, city and state of its origin.
struct Joined(Flight, [String; 3]);

struct Delays {
    origin: String,
    city: String,
    flights: usize,
    mean: f64,
    median: f64,
    max: i32,
    late: usize,
}

/// Prints the table of delays of `flights.ndjson` in this folder.
pub async fn run(folder: &Path) {
    let (lines, of_lines) = channel(PLACES);
    let (flights, of_flights) = channel(PLACES);
    let (joined, of_joined) = channel(PLACES);
    let (delays, of_delays) = channel(PLACES);
    let file = folder.join("flights.ndjson");
    let airports = read_airports(&folder.join("airports.csv"));
    tokio::spawn(source(file, lines));
    tokio::spawn(parse(of_lines, flights));
    tokio::spawn(join(airports, of_flights, joined));
    tokio::spawn(stats(of_joined, delays));
    tokio::spawn(report(of_delays)).await.unwrap();
}

fn read_airports(path: &Path) -> HashMap<String, Airport> {
    let mut table = csv::Reader::from_path(path).unwrap();
    let airports = table.deserialize().map(Result::unwrap);
    airports
        .map(|airport: Airport| (airport.iata.clone(), airport))
        .collect()
}

async fn source(path: impl AsRef<Path>, lines: Sender<Vec<u8>>) {
    let mut file = BufReader::with_capacity(BATCH, File::open(path).unwrap());
    loop {
        let mut line = Vec::new();
        if file.read_until(b'\n', &mut line).unwrap() == 0 {
            return;
        }
        lines.send(line).await.unwrap();
    }
}

async fn parse(mut lines: Receiver<Vec<u8>>, flights: Sender<Flight>) {
    while let Some(line) = lines.recv().await {
        if let Ok(flight) = serde_json::from_slice(&line) {
            flights.send(flight).await.unwrap();
        }
    }
}

async fn join(
    airports: HashMap<String, Airport>,
    mut flights: Receiver<Flight>,
    joined: Sender<Joined>,
) {
    while let Some(flight) = flights.recv().await {
        let origin = match airports.get(&flight.origin) {
            Some(airport) => [&*airport.name, &*airport.city, &*airport.state],
            None => ["?"; 3],
        };
        let origin = origin.map(str::to_owned);
        joined.send(Joined(flight, origin)).await.unwrap();
    }
}

async fn stats(mut joined: Receiver<Joined>, sent: Sender<Delays>) {
    let mut airports = BTreeMap::new();
    while let Some(Joined(flight, [_name, city, _state])) = joined.recv().await {
        std::hint::black_box((flight.distance, flight.destination));
        let airport = airports.entry(flight.origin);
        let (_, delays) = airport.or_insert_with(|| (city, Vec::new()));
        delays.push(flight.delay);
    }
    for (origin, (city, mut delays)) in airports {
        delays.sort_unstable();
        let flights = delays.len();
        let sum: i64 = delays.iter().map(|&delay| i64::from(delay)).sum();
        let delays = Delays {
            origin,
            city,
            flights,
            mean: sum as f64 / flights as f64,
            median: f64::from(delays[(flights - 1) / 2] + delays[flights / 2]) / 2.0,
            max: delays[flights - 1],
            late: delays.iter().filter(|&&delay| delay > LATE).count(),
        };
        sent.send(delays).await.unwrap();
    }
}

async fn report(mut delays: Receiver<Delays>) {
    let mut airports = Vec::new();
    while let Some(airport) = delays.recv().await {
        airports.push(airport);
    }
    airports.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    for airport in airports {
        println!(
            "{:<4} {:>7} {:>8.2} {:>7.1} {:>5} {:>7} {}",
            airport.origin,
            airport.flights,
            airport.mean,
            airport.median,
            airport.max,
            airport.late,
            airport.city,
        );
    }
}
