//! Hears of the request to stop in the ways a plain `fn main` can.

use std::time::Duration;
use weft_guest::{blocking, process};

/// Plays `what` and returns once it is asked to stop.
#[weft_guest::main]
fn main(what: String) -> weft_guest::Result<String> {
    match what.as_str() {
        "await" => blocking::stop_request(),
        "await-twice" => {
            blocking::stop_request();
            blocking::stop_request();
        }
        "poll" => {
            while !process::stop_requested() {
                blocking::sleep(Duration::from_millis(1));
            }
        }
        "poll-without-rest" => while !process::stop_requested() {},
        // Heeds nothing, waiting on its own stack.
        "ignore" => loop {
            blocking::stop_request();
        },
        other => return Err(weft_guest::Error::msg(format!("no scenario {other}"))),
    }
    Ok("asked".to_owned())
}
