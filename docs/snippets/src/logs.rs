//! Logs: what goes in and how it is read.

use weft_guest::log::{self, info, warn};
use weft_guest::tracing;
use weft_guest::{Channel, Error, Process, Result, StartOptions};

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
    let mut entries = child.log_channel()?.weak_reader()?;
    while let Some(frame) = entries.read().await? {
        let entry: serde_json::Value = serde_json::from_slice(&frame.payload)?;
        if entry["SeverityText"] == "WARN" {
            warn!("a warning of {}: {}", child.name(), entry["Body"]);
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
