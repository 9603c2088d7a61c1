//! Logs: what goes in and how it is read.

use weft_guest::log::{self, Entry, Level, info, warn};
use weft_guest::trace::{self, Traced};
use weft_guest::tracing::{self, info_span};
use weft_guest::{Channel, Error, Process, Result, StartOptions, TypedReader, TypedWriter};

pub fn front_ends() -> Result {
    // ANCHOR: front-ends
    info!(airport = "LAX", flights = 42; "counted"); // the `log` crate
    tracing::warn!(airport = "LAX", "late"); // the `tracing` crate
    println!("a line"); // scope `stdout`
    eprintln!("another"); // scope `stderr`
    // ANCHOR_END: front-ends
    Ok(())
}

pub async fn read_log() -> Result {
    // ANCHOR: read-log
    let child = Process::start(StartOptions::new("snippets").arg("front-ends"))?;
    let mut frames = child.log_channel()?.weak_reader()?;
    while let Some(frame) = frames.read().await? {
        let entry = Entry::from_frame(&frame.payload)?;
        if entry.level() >= Level::Warn {
            warn!(
                "a warning of {}: {}",
                entry.resource.service_name, entry.body
            );
        }
    }
    // ANCHOR_END: read-log
    Ok(())
}

pub async fn register() -> Result {
    // ANCHOR: register
    let channel = Channel::dropping(64 * 1024)?;
    let mut entries = channel.strong_reader()?;
    log::register(&channel)?; // from now on entries go there
    info!("only seen by this process");
    let entry = entries
        .read()
        .await?
        .ok_or_else(|| Error::msg("no entry"))?;
    assert!(String::from_utf8(entry.payload)?.contains("only seen"));
    // ANCHOR_END: register
    Ok(())
}

pub fn spans() -> Result {
    // ANCHOR: spans
    let order = info_span!("order", id = 7).entered();
    tracing::info!("packed"); // belongs to the span
    {
        let _ship = info_span!("ship").entered(); // its parent is `order`
    }
    drop(order); // an entry says how long it took
    // ANCHOR_END: spans
    Ok(())
}

pub async fn carried() -> Result {
    let channel = Channel::bounded(64 * 1024)?;
    let (output, input) = (channel.strong_writer()?, channel.strong_reader()?);
    let output = TypedWriter::<Traced<u32>>::from(output);
    let mut input = TypedReader::<Traced<u32>>::from(input);
    // ANCHOR: send-trace
    let order = info_span!("order").entered();
    output.write(&Traced::new(7)).await?.or_dropped(); // the value, and the span it is sent in
    // ANCHOR_END: send-trace
    let sent_in = trace::current();
    drop((order, output));
    // ANCHOR: receive-trace
    while let Some(order) = input.read().await? {
        trace::sync_scope(order.context(), || {
            let _span = info_span!("take").entered(); // of the same trace, below `order`
            assert_eq!(order.value, 7);
        });
    }
    // ANCHOR_END: receive-trace
    assert!(sent_in.is_some());
    Ok(())
}
