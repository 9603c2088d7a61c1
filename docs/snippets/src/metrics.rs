//! Metrics of a guest's own.

use std::time::Instant;
use weft_guest::{Channel, Reader, Result, metrics};

// ANCHOR: count
/// Reads to the end and counts the frames, their bytes, and how long each took.
async fn work(mut input: Reader, airport: &str) -> Result {
    let frames = metrics::counter("frames_read")
        .description("Frames that were read")
        .label("airport", airport)
        .open()?;
    let bytes = metrics::counter("read").unit("bytes").open()?;
    let took = metrics::histogram("work")
        .unit("seconds")
        .bounds(&[0.001, 0.01, 0.1, 1.0])
        .open()?;
    while let Some(frame) = input.read().await? {
        let began = Instant::now();
        frames.increment();
        bytes.add(frame.payload.len() as f64);
        took.observe_time(began.elapsed());
    }
    Ok(())
}
// ANCHOR_END: count

pub async fn count() -> Result {
    let channel = Channel::bounded(1024)?;
    let (writer, reader) = (channel.strong_writer()?, channel.strong_reader()?);
    writer.write("a frame").await?.or_dropped();
    drop(writer);
    work(reader, "LAX").await
}
