//! Uses the guest SDK in one way of many. What each way must lead to, the suites
//! `tests/host/sdk_*.rs` say.

mod buffered;
mod carried;
mod finished;
mod given_up;
mod handed_on;
mod tasks;
mod traced;
mod values;
mod waits;

use weft_guest::{Error, Reader, Result, Writer};

/// Plays a scenario with its two ends and a number, and returns what it saw.
#[weft_guest::main]
async fn main(scenario: String, input: Reader, output: Writer, number: u32) -> Result<String> {
    let (of, name) = scenario.split_once('/').unwrap_or_default();
    match of {
        "buffered" => buffered::play(name, input, output, number).await,
        "waits" => waits::play(name, input, output, number).await,
        "given-up" => given_up::play(name, input, output, number).await,
        "handed-on" => handed_on::play(name).await,
        "tasks" => tasks::play(name, output).await,
        "values" => values::play(name).await,
        "carried" => carried::play(name, input, output, number).await,
        "finished" => finished::play(name, input, output, number).await,
        "traced" => traced::play(name, input, output).await,
        _ => Err(unknown(&scenario)),
    }
}

/// Does nothing for so many milliseconds.
#[weft_guest::entry_point]
async fn nap(milliseconds: u64) {
    weft_guest::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
}

/// Reads to the end, and says what it has seen.
#[weft_guest::entry_point]
async fn read_all(reader: Reader) -> Result<String> {
    handed_on::seen(reader).await
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
