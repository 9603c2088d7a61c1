//! Turns lines of JSON into flights, as `examples/flights/parse` does, without the SDK.
//!
//! It stands on the world `fabric`, whose waits are ordinary function calls. So it can be built by
//! `cargo component`, which knows no async functions, and by plain cargo alike.

// cargo component writes the file before it compiles; rustfmt would look for it at other times.
#[cfg(target_env = "p1")]
#[rustfmt::skip]
#[allow(warnings, unsafe_code, missing_docs)]
mod bindings;

#[cfg(not(target_env = "p1"))]
mod bindings {
    #![allow(unsafe_code, missing_docs, clippy::all)]
    wit_bindgen::generate!({
        path: ["../../wit", "wit"],
        world: "weft:example/stage",
        generate_all,
    });
}

use bindings::weft::fabric::channel::{Reader, Writer};
use bindings::weft::fabric::log::{self, Entry, Field, Level};
use serde::{Deserialize, Serialize};

/// Frames taken at a time, at most.
const FRAMES: u32 = 1024;
/// Bytes taken at a time, at most: a call costs as much as copying kilobytes.
const BYTES: u32 = 64 * 1024;

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

struct Stage;

impl bindings::Guest for Stage {
    fn run(raw: Reader, flights: Writer) -> Result<u64, String> {
        let (mut lines, mut sent) = (0, 0);
        loop {
            // Waits on this guest's own stack.
            let read = raw.read_packed(FRAMES, BYTES);
            let read = read
                .map_err(|error| format!("cannot read: {error:?}"))?
                .frames;
            if read.ends.is_empty() {
                return Ok(sent);
            }
            let (mut ends, mut payload, mut start) = (Vec::new(), Vec::new(), 0);
            for end in read.ends {
                lines += 1;
                let line = read.payload.get(start..end as usize).unwrap_or_default();
                start = end as usize;
                match serde_json::from_slice::<Flight>(line) {
                    Ok(flight) => {
                        payload = postcard::to_extend(&flight, payload)
                            .map_err(|error| format!("cannot encode: {error}"))?;
                        ends.push(payload.len() as u32);
                    }
                    Err(error) => warn(lines, &error),
                }
            }
            let written = flights.write_packed(&ends, &payload);
            written.map_err(|error| format!("cannot write: {error:?}"))?;
            sent += ends.len() as u64;
        }
    }
}

/// Says in the log that a line was left out: one bad line in a million is no reason to stop.
fn warn(line: u64, error: &serde_json::Error) {
    let field = |key: &str, value: String| Field {
        key: key.to_owned(),
        value,
    };
    log::write(&Entry {
        level: Level::Warn,
        target: module_path!().to_owned(),
        message: "not a flight, left out".to_owned(),
        fields: vec![
            field("line", line.to_string()),
            field("error", error.to_string()),
        ],
        context: None,
    });
}

/// Exports the stage, with generated code.
mod export {
    #![allow(unsafe_code)]
    use super::{Stage, bindings};
    bindings::export!(Stage with_types_in bindings);
}
