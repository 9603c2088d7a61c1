//! Uses connections from an entry point typed sync: an echo server of so many clients, which come one after the other.

use weft_guest::blocking::{Reader, Writer};
use weft_guest::net::Listener;

/// Listens on `address`, and echoes what each client sends. Returns the number of bytes.
#[weft_guest::main]
fn main(address: String, clients: u32) -> weft_guest::Result<u64> {
    let listener = Listener::listen(&address)?;
    let shown = listener.address();
    let (_, shown) = shown.split_once("://").unwrap_or_default();
    println!("listening on {shown}");
    let mut bytes = 0;
    for _ in 0..clients {
        let client = listener.accept_blocking()?;
        let (mut input, output) = (Reader::from(client.input), Writer::from(client.output));
        while let Some(frame) = input.read()? {
            bytes += frame.payload.len() as u64;
            output.write(&frame.payload)?.or_dropped();
        }
    }
    Ok(bytes)
}
