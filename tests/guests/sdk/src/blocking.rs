//! Uses the blocking half of the guest SDK in one way of many; see
//! `tests/host/sdk_buffered.rs`.

use std::time::Duration;
use weft_guest::blocking::{Client, Reader, Writer};
use weft_guest::{Error, ReadError, Result};

/// Plays a scenario with its two ends and a number, and returns what it saw.
#[weft_guest::main]
fn main(scenario: String, mut input: Reader, output: Writer, number: u32) -> Result<String> {
    match scenario.as_str() {
        "converse" => converse(input, output, number),
        "traced" => {
            let _span = weft_guest::tracing::info_span!("ask").entered();
            let reply = Client::new(output).call("why?")?;
            Ok(String::from_utf8(reply)?)
        }
        "calls" => {
            let mut client = Client::new(output);
            let mut same = 0;
            for call in 0..number {
                let reply = client.call(call.to_le_bytes())?;
                same += u32::from(reply == call.to_le_bytes());
            }
            Ok(same.to_string())
        }
        "counted" => {
            let frames = weft_guest::metrics::counter("frames").open()?;
            frames.add(number.into());
            Ok(String::new())
        }
        "call-within" => call_within(input, output),
        "plain" => {
            for _ in 0..number {
                output.write([7; 64])?.or_dropped();
                input.read()?;
            }
            Ok(String::new())
        }
        "copy" => {
            let (mut input, mut output) = (input.buffered(), output.buffered());
            let mut frames = 0;
            while let Some(frame) = input.read()? {
                output.write(frame)?;
                frames += 1;
            }
            Ok(frames.to_string())
        }
        "batched" => {
            let mut input = input.buffered();
            while let Some(frame) = input.read()? {
                assert_ne!(&frame[..], b"trap", "told to");
                output.write(frame)?.or_dropped();
            }
            Ok("end".to_owned())
        }
        "drop" => {
            let mut output = output.buffered();
            output.write("one")?;
            drop(output);
            let frame = input.read()?.unwrap_or_default();
            Ok(String::from_utf8_lossy(&frame.payload).into_owned())
        }
        "error-end" => {
            input.read()?;
            output.buffered().write("lost")?;
            Ok("returned".to_owned())
        }
        "within" => {
            let nothing = input.read_within(Duration::from_millis(2));
            if !matches!(nothing, Err(ReadError::WouldBlock)) {
                return Ok(format!("{nothing:?}"));
            }
            output.write(b"nothing")?.or_dropped();
            let frame = input.read_within(Duration::from_secs(3600))?;
            let frame = frame.unwrap_or_default();
            Ok(String::from_utf8_lossy(&frame.payload).into_owned())
        }
        _ => Err(Error::msg(format!("no scenario {scenario}"))),
    }
}

fn converse(mut input: Reader, output: Writer, rounds: u32) -> Result<String> {
    let mut output = output.buffered();
    for round in 0..rounds {
        output.write(round.to_le_bytes())?;
        let answer = input.read()?;
        if answer.is_none_or(|answer| answer.payload != round.to_le_bytes()) {
            return Ok(format!("a wrong answer in round {round}"));
        }
    }
    Ok(output.frames_sent().to_string())
}

fn call_within(mut input: Reader, output: Writer) -> Result<String> {
    let mut client = Client::new(output);
    let mut outcomes = Vec::new();
    for request in ["one", "two"] {
        // A call given up before the server has taken it is no call for it, so more and more
        // time is given until somebody has seen one that was.
        let mut time = Duration::from_millis(2);
        loop {
            let outcome = client.call_within(time, request);
            if input.read_within(time).is_ok() {
                outcomes.push(format!("{outcome:?}"));
                break;
            }
            time *= 2;
        }
    }
    Ok(outcomes.join(" "))
}
