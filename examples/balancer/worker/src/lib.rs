//! Counts the flights that each of its clients sends, a line each, and tells the client when it has sent all.
//!
//! Its clients come along frames, with the ends of their connections. It has no right to the network, and needs none.

use serde::Deserialize;
use weft_guest::futures::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use weft_guest::net::{ReadHalf, WriteHalf};
use weft_guest::tracing::{info, warn};
use weft_guest::{Handle, Reader, Result, StreamExt, Writer, spawn};

/// From how many minutes on a flight is late.
const LATE: f64 = 60.0;

/// What matters here of a flight.
#[derive(Deserialize)]
struct Flight {
    delay: f64,
}

/// Serves the clients that come into `inbox`, beside each other. Returns how many came.
#[weft_guest::main]
async fn main(name: String, mut inbox: Reader) -> Result<u64> {
    let mut clients = 0;
    while let Some(frame) = inbox.read().await? {
        let mut ends = frame.handles.into_iter();
        let input = ends.next().and_then(Handle::reader);
        let output = ends.next().and_then(Handle::writer);
        let (Some(input), Some(output)) = (input, output) else {
            continue;
        };
        clients += 1;
        let client = String::from_utf8_lossy(&frame.payload).into_owned();
        let name = name.clone();
        spawn(async move {
            match serve(&name, input, output).await {
                Ok(flights) => info!(flights, "{client} is served"),
                Err(error) => warn!("{client}: {error:#}"),
            }
        });
    }
    Ok(clients)
}

/// Serves one client.
async fn serve(name: &str, input: Reader, output: Writer) -> Result<u64> {
    let (mut flights, mut late) = (0, 0);
    // ANCHOR: bytes
    let mut lines = BufReader::new(ReadHalf::new(input)).lines();
    while let Some(line) = lines.next().await {
        let flight: Flight = serde_json::from_str(&line?)?;
        flights += 1;
        late += u64::from(flight.delay >= LATE);
    }
    let mut output = WriteHalf::new(output);
    let answer = format!("{name}: {flights} flights, {late} of them late\n");
    output.write_all(answer.as_bytes()).await?;
    output.close().await?;
    // ANCHOR_END: bytes
    Ok(flights)
}
