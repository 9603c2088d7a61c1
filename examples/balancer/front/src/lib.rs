//! Accepts connections, and hands them to its workers in turn.
//!
//! It reads and writes nothing of a connection: it sends the two ends along a frame. While an inbox is full it waits, and accepts nobody.

use weft_guest::net::Listener;
use weft_guest::tracing::{info, warn};
use weft_guest::{Writer, process, select};

/// Listens on `address` until it is asked to stop, and returns how many clients came. The others are the inboxes of its workers.
#[weft_guest::main]
async fn main(
    address: String,
    first: Writer,
    second: Writer,
    third: Writer,
) -> weft_guest::Result<u64> {
    // ANCHOR: accept
    let listener = Listener::listen(&address)?;
    info!("listening on {}", listener.address());
    let mut accepted = 0;
    for worker in [first, second, third].iter().cycle() {
        let client = select! {
            _ = process::stop_request() => break,
            client = listener.accept() => client?,
        };
        accepted += 1;
        let handed_on = worker
            .write_with(client.remote, [client.input.into(), client.output.into()])
            .await?;
        if handed_on.is_dropped() {
            warn!("an inbox that drops had no room: its client is gone");
        }
    }
    // ANCHOR_END: accept
    Ok(accepted)
}
