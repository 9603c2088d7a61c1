//! Makes others wait, for ever or in vain.

use crate::text;
use std::time::Duration;
use weft_guest::futures::future::join_all;
use weft_guest::{
    Capability, Channel, Monitor, Ownership, Process, StartOptions, process, registry, time,
};

async fn shared(name: &str) -> Result<Channel, String> {
    registry::await_name(name).await.map_err(text)
}

/// Takes a strong reader of the channel under the name `arg` and reads nothing, for ever.
pub async fn never_reads(arg: &str) -> Result<String, String> {
    let _reader = shared(arg).await?.strong_reader().map_err(text)?;
    loop {
        time::sleep(Duration::from_secs(3600)).await;
    }
}

/// Takes a strong writer of the channel under the name `arg`, says so there, and traps once it is
/// asked to stop.
pub async fn hold_and_trap(arg: &str) -> Result<String, String> {
    let writer = shared(arg).await?.strong_writer().map_err(text)?;
    writer.write("held").await.map_err(text)?.or_dropped();
    process::stop_request().await;
    panic!("with others waiting")
}

/// Waits in every way there is for a child that traps. Returns how often it was told.
pub async fn wait_on_trap(arg: &str) -> Result<String, String> {
    let child = StartOptions::new("hostile")
        .arg("hold-and-trap")
        .arg(arg)
        .capability(Capability::ChannelWriter)
        .capability(Capability::RegistryLookup(String::new()))
        .ownership(Ownership::Child);
    let mut reader = shared(arg).await?.strong_reader().map_err(text)?;
    let child = Process::start(child).map_err(text)?;
    reader.read().await.map_err(text)?;
    let monitor = Monitor::new().map_err(text)?;
    monitor.watch(&child, 1).map_err(text)?;
    let waits = join_all((0..50).map(|_| child.wait()));
    let stop = child.stop(Duration::from_secs(3600));
    let (ends, told, stopped, read) = weft_guest::join!(waits, monitor.next(), stop, reader.read());
    let same = |status: &weft_guest::ExitStatus| status.to_string().contains("with others waiting");
    let ends = ends.iter().filter(|status| same(status)).count();
    let told = told.is_some_and(|exit| same(&exit.status));
    let stopped = stopped.map_err(text)?;
    Ok(format!(
        "{ends} waits, told {told}, stopped {}, {read:?}",
        same(&stopped)
    ))
}
