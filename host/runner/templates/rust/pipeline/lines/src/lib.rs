//! The source: sends the lines of a file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use weft_guest::Writer;

/// Sends every line of the file at `path`, one a frame, and returns how many there were.
#[weft_guest::main]
async fn main(path: String, lines: Writer) -> weft_guest::Result<u64> {
    // Lines travel together: they are sent when they are many, or when this waits.
    let mut lines = lines.buffered();
    for line in BufReader::new(File::open(path)?).lines() {
        lines.write(line?.as_bytes()).await?;
    }
    lines.flush().await?;
    Ok(lines.frames_sent())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_guest::{ExitStatus, testing};

    #[test]
    fn every_line_of_a_file_is_a_frame() -> weft_guest::Result {
        testing::run(async {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/input.txt");
            let (to, lines) = testing::channel(1024);
            let stage = testing::start(main(file.to_owned(), to));
            let lines = testing::texts(lines).await?;
            assert_eq!(lines[1], "The weft goes through it,");
            assert_eq!(stage.returned().await?, lines.len() as u64);
            Ok(())
        })
    }

    #[test]
    fn a_file_that_is_not_there_ends_it() -> weft_guest::Result {
        testing::run(async {
            let (to, _lines) = testing::channel(1024);
            let stage = testing::start(main("/no/such/file".to_owned(), to));
            assert!(matches!(stage.wait().await, ExitStatus::Failed(_)));
            Ok(())
        })
    }
}
