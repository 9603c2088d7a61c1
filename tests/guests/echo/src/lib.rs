//! Copies frames one by one until its input ends.

use weft_guest::{Reader, Writer};

/// Returns the number of frames copied.
#[weft_guest::main]
async fn main(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?.or_dropped();
        frames += 1;
    }
    Ok(frames)
}
