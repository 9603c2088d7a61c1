//! Uses the guest SDK in one way of many. What each way must lead to, the suites
//! `tests/host/sdk_*.rs` say.

mod buffered;
mod carried;
mod traced;
mod waits;

use weft_guest::{Error, Reader, Result, Writer};

/// Plays a scenario with its two ends and a number, and returns what it saw.
#[weft_guest::main]
async fn main(scenario: String, input: Reader, output: Writer, number: u32) -> Result<String> {
    let (of, name) = scenario.split_once('/').unwrap_or_default();
    match of {
        "buffered" => buffered::play(name, input, output, number).await,
        "waits" => waits::play(name, input, output, number).await,
        "carried" => carried::play(name, input, output, number).await,
        "traced" => traced::play(name, input, output).await,
        _ => Err(unknown(&scenario)),
    }
}

fn unknown(scenario: &str) -> Error {
    Error::msg(format!("no scenario {scenario}"))
}

/// The text of a frame.
fn text(frame: Option<weft_guest::Frame>) -> String {
    frame.map_or_else(
        || "end".to_owned(),
        |frame| String::from_utf8_lossy(&frame.payload).into_owned(),
    )
}
