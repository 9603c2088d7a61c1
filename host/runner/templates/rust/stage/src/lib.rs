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
        output.write(shout(&line).as_bytes()).await?;
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
    use weft_guest::{ExitStatus, testing};

    #[test]
    fn a_line_is_said_in_capitals() {
        assert_eq!(shout("Weft carries it."), "WEFT CARRIES IT.");
    }

    #[test]
    fn every_line_is_sent_on_until_the_input_ends() -> weft_guest::Result {
        testing::run(async {
            let (lines, input) = testing::channel(1024);
            let (output, shouted) = testing::channel(1024);
            let stage = testing::start(main(input, output));
            lines.write("over").await?.or_dropped();
            lines.write("and under").await?.or_dropped();
            drop(lines);
            assert_eq!(testing::texts(shouted).await?, ["OVER", "AND UNDER"]);
            assert_eq!(stage.returned().await?, 2);
            Ok(())
        })
    }

    #[test]
    fn a_frame_that_is_no_text_ends_it() -> weft_guest::Result {
        testing::run(async {
            let (lines, input) = testing::channel(1024);
            let (output, _shouted) = testing::channel(1024);
            let stage = testing::start(main(input, output));
            lines.write([0xff]).await?.or_dropped();
            assert!(matches!(stage.wait().await, ExitStatus::Failed(_)));
            Ok(())
        })
    }
}
