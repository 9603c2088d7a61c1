//! Weft inside a program: lines go into a guest, words with their counts come out.

use std::{error::Error, path::Path, time::Duration};
use weft_host::channel::{Channel, Options};
use weft_host::limits::LimitRequest;
use weft_host::{Capabilities, ExitStatus, Host, HostConfig, StartOptions};

// ANCHOR: host
/// A host with one component, which is compiled once.
pub async fn host(component: &Path) -> Result<Host, Box<dyn Error>> {
    let host = Host::new(HostConfig::default().max_processes(64))?;
    host.components().load_file("count", component).await?;
    Ok(host)
}
// ANCHOR_END: host

// ANCHOR: count
/// Counts the words of these lines in a process of its own.
pub async fn count(host: &Host, lines: &[&str]) -> Result<Vec<String>, Box<dyn Error>> {
    let channel = || Channel::new(Options::new(64 * 1024));
    let (into, out) = (channel()?, channel()?);
    let (writer, reader) = (into.strong_writer()?, out.strong_reader());
    let ends = [into.strong_reader().into(), out.strong_writer()?.into()];
    let options = StartOptions::new("count")
        .arguments(ends)
        .capabilities(Capabilities::channels())
        .limits(LimitRequest::default().wall_time(Duration::from_secs(60)));
    let process = host.start(options)?;

    let feed = async move {
        for line in lines {
            // That the guest has gone is told below, with the reason.
            let _ = writer.write(line.as_bytes().to_vec().into()).await;
        }
    }; // The writer goes with it: that is the end of the guest's input.
    let collect = async {
        let mut counts = Vec::new();
        while let Some(frame) = reader.read().await? {
            counts.push(String::from_utf8(frame.payload.to_vec())?);
        }
        Ok::<_, Box<dyn Error>>(counts)
    };
    let ((), counts) = tokio::join!(feed, collect);
    match process.wait().await {
        ExitStatus::Returned(_) => counts,
        status => Err(status.to_string().into()),
    }
}
// ANCHOR_END: count

// ANCHOR: end
/// Asks what still runs to stop, and kills what has not after five seconds.
pub async fn end(host: &Host) {
    host.shutdown(Duration::from_secs(5)).await;
}
// ANCHOR_END: end
