//! Connections of guests as ends of channels: `weft:fabric/net` and `quic`, with peers of the test's own on the loopback.

mod certificates;
mod hostile;
mod limits;
mod moved;
mod quic;
mod tcp;
mod tls;

use super::{Told, host_like, rights};
use crate::support::{end, guest_of, log, options, text};
use std::sync::Arc;
use weft_host::log::LogEntry;
use weft_host::{Argument, Capabilities, ExitStatus, Host, Process, StartOptions};
use weft_net::sockets::NetworkConfig;

/// What the guests of these tests have besides.
const CHANNELS: [&str; 3] = ["channel-lifecycle", "channel-reader", "channel-writer"];

/// A host whose names the test gives.
pub async fn host_of(told: &Told) -> Host {
    host_with(NetworkConfig::default().resolver(Arc::new(told.clone()))).await
}

async fn host_with(network: NetworkConfig) -> Host {
    let host = host_like(network).await;
    for name in ["net-ends", "net-ends-blocking"] {
        let components = host.components();
        components.load_file(name, &guest_of(name)).await.unwrap();
    }
    host
}

fn held(network: &[&str]) -> Capabilities {
    let all: Vec<_> = network.iter().copied().chain(CHANNELS).collect();
    rights(&all)
}

/// A start of the guest with these rights and those to use ends.
pub fn play(what: &str, address: &str, with: &str, network: &[&str]) -> StartOptions {
    options("net-ends", vec![text(what), text(address), text(with)]).capabilities(held(network))
}

/// A start of the guest that is typed sync: an echo server.
fn play_blocking(address: &str, clients: u32, network: &[&str]) -> StartOptions {
    let clients = Argument::Wave(clients.to_string());
    options("net-ends-blocking", vec![text(address), clients]).capabilities(held(network))
}

/// How a guest ended: the text that it gave back.
async fn told(process: &Process) -> Result<String, String> {
    match end(process).await {
        // Texts are in WAVE: in quotes, and with those inside escaped.
        ExitStatus::Returned(text) => Ok(plain(&text)),
        ExitStatus::Failed(text) => Err(plain(&text)),
        other => panic!("{other:?}"),
    }
}

fn plain(text: &str) -> String {
    text.trim_matches('"').replace("\\\"", "\"")
}

async fn played(host: &Host, options: StartOptions) -> Result<String, String> {
    told(&host.start(options).unwrap()).await
}

/// What the host said in a process's log.
async fn said_by_host(process: &Process) -> Vec<LogEntry> {
    let entries = log(process).await.into_iter();
    entries
        .filter(|entry| entry.instrumentation_scope.name == "weft")
        .collect()
}

/// Waits for a line of a guest.
async fn line(process: &Process, wanted: &str) {
    let reader = process.log();
    loop {
        let frame = reader.read().await.unwrap().expect("it says so");
        let entry: LogEntry = serde_json::from_slice(&frame.payload).unwrap();
        if entry.body == wanted {
            return;
        }
    }
}
