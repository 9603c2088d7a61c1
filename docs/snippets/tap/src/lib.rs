//! Looks at a channel without holding anybody back.

use weft_guest::{Channel, ReadError, Reader, Result, log};

/// Counts the frames that `sample`, a weak reader, gets of `channel`.
#[weft_guest::main]
async fn main(channel: Channel, mut sample: Reader) -> Result<u64> {
    let mut seen = 0;
    loop {
        match sample.read().await {
            Ok(Some(_)) => seen += 1,
            Ok(None) => break,
            Err(ReadError::Lagged(_)) => {} // overtaken; it goes on
            Err(error) => return Err(error.into()),
        }
    }
    log::info!("saw {seen} of {}", channel.stats().frames_written);
    Ok(seen)
}
