//! Keeps the flights that left an hour late or more: a transform, with no channel and no right to anything.

use serde::Deserialize;
use weft_guest::Result;
use weft_guest::transform::{Output, Transform};

/// Minutes from which on a flight is late.
const LATE: f64 = 60.0;

#[derive(Deserialize)]
struct Flight {
    delay: f64,
}

/// The transform.
#[derive(Default)]
struct Late;

impl Transform for Late {
    fn frame(&mut self, line: &[u8], out: &mut Output) -> Result {
        let flight: Flight = serde_json::from_slice(line)?;
        if flight.delay >= LATE {
            out.push(line);
        }
        Ok(())
    }
}

weft_guest::transform!(Late);
