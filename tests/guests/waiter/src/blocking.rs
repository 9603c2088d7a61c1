//! Waits for, stops or kills a process that it was handed, from a plain `fn main`.

use std::time::Duration;
use weft_guest::{Process, blocking};

/// Does `what` with the process and says what came of it.
#[weft_guest::main]
fn main(what: String, process: Process) -> weft_guest::Result<String> {
    Ok(match what.as_str() {
        "wait" => blocking::wait(&process).to_string(),
        "stop" => format!("{:?}", blocking::stop(&process, Duration::ZERO)),
        "kill" => format!("{:?}", process.kill()),
        other => return Err(weft_guest::Error::msg(format!("no scenario {other}"))),
    })
}
