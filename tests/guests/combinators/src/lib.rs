//! The SDK as ordinary async Rust: ends of channels as `Stream` and `Sink`,
//! `select!` with a timer, a spawned task.

use std::pin::pin;
use std::time::Duration;
use weft_guest::futures::channel::oneshot;
use weft_guest::futures::{FutureExt, StreamExt, TryStreamExt, select};
use weft_guest::{Reader, Writer, spawn, time};

/// Forwards frames doubled as a stream into a sink, beside a task that was
/// spawned; a read that loses against a timer must lose no frame. Returns what it saw.
#[weft_guest::main]
async fn main(mut input: Reader, output: Writer) -> weft_guest::Result<String> {
    // The first frame is written only after "waiting" was read.
    let mut waited = false;
    let first = loop {
        let mut read = pin!(input.read().fuse());
        let mut timer = pin!(time::sleep(Duration::from_millis(1)).fuse());
        select! {
            frame = read => break frame?,
            () = timer => {
                if !std::mem::replace(&mut waited, true) {
                    output.write("waiting").await?.or_dropped();
                }
            }
        }
    };
    let first = first.map(|frame| frame.payload).unwrap_or_default();

    let (tell, told) = oneshot::channel();
    spawn(async move {
        time::sleep(Duration::from_millis(1)).await;
        let _ = tell.send("spawned");
    });
    let doubled = input.map(|frame| frame.map(|frame| frame.payload.repeat(2)));
    let doubled = doubled.map_err(weft_guest::Error::from);
    let sink = weft_guest::SinkExt::sink_map_err(output, weft_guest::Error::from);
    doubled.forward(sink).await?;
    let told = told.await.unwrap_or("lost");
    Ok(format!("{}; {told}", String::from_utf8_lossy(&first)))
}
