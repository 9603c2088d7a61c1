//! A stage of a pipeline: sends every line on in capitals.

mod trial;

use weft_guest::{Reader, Writer, log};

/// Sends a line for every line of the input, and returns how many they were.
#[weft_guest::main]
async fn main(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
    // Lines travel together: they are sent when they are many, or when this waits for input.
    let mut output = output.buffered();
    while let Some(frame) = input.read().await? {
        let line = String::from_utf8(frame.payload)?;
        output.send(shout(&line).as_bytes()).await?;
    }
    output.flush().await?;
    let lines = output.frames_sent();
    log::info!(lines; "the input has ended");
    Ok(lines)
}

/// What becomes of a line.
fn shout(line: &str) -> String {
    line.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_said_in_capitals() {
        assert_eq!(shout("Weft carries it."), "WEFT CARRIES IT.");
    }
}
