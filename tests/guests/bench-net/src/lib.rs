//! Echoes what comes by TCP, as ordinary code does it.

use weft_guest::net::{Connection, Listener};
use weft_guest::{Result, process, select, spawn};

/// Listens on `address`, and echoes each client, until it is asked to stop.
#[weft_guest::main]
async fn main(address: String) -> Result {
    let listener = Listener::listen(&address)?;
    loop {
        let client = select! {
            _ = process::stop_request() => return Ok(()),
            client = listener.accept() => client?,
        };
        spawn(echo(client));
    }
}

async fn echo(mut client: Connection) -> Result {
    while let Some(frame) = client.input.read().await? {
        client.output.write(frame.payload).await?.or_dropped();
    }
    Ok(())
}
