//! Waits for frames and counts them. Nearly nothing else, as a thousand of it
//! run at once.

use weft_guest::Reader;

/// Returns the number of frames seen until the input ends.
#[weft_guest::main]
async fn main(mut input: Reader) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while input.read().await?.is_some() {
        frames += 1;
    }
    Ok(frames)
}
