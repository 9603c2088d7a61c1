//! Uses the network by `weft:fabric/net` and `quic`: an entry point `run` with what to do, with whom, and with which certificate or how many. It
//! returns what came of it.

mod clients;
mod quic;
mod servers;

use weft_guest::{Capability, ReadError, Reader, Writer};

/// Plays `what`.
#[weft_guest::main]
async fn main(what: String, address: String, with: String) -> Result<String, String> {
    let played = match what.as_str() {
        "say" => clients::say(&address, &with).await,
        "transfer" => clients::transfer(&address, &with).await,
        "hold" => clients::hold(&address, &with).await,
        "read-then-answer" => clients::read_then_answer(&address).await,
        "write-until-it-fails" => clients::write_until_it_fails(&address).await,
        "keep" => clients::keep(&address).await,
        "leave-behind" => clients::leave_behind(&address, &with).await,
        "echo" => servers::echo(&address, &with).await,
        "accept-nobody" => servers::accept_nobody(&address, &with).await,
        "read-nothing" => servers::read_nothing(&address, &with).await,
        "read-to-the-end" => servers::read_to_the_end(&address, &with).await,
        "who" => servers::who(&address, &with).await,
        "hand-over" => servers::hand_over(&address, &with).await,
        "hand-over-by-frame" => servers::hand_over_by_frame(&address, &with).await,
        "select" => servers::select(&address).await,
        "quic-echo" => quic::echo(&address, &with).await,
        "quic-say" => quic::say(&address, &with).await,
        "quic-transfer" => quic::transfer(&address, &with).await,
        "quic-datagrams" => quic::datagrams(&address).await,
        "quic-open-many" => quic::open_many(&address, &with).await,
        other => return Err(format!("no scenario is called {other}")),
    };
    played.map_err(|error| format!("{error:?}"))
}

/// Echoes a connection whose ends it is given.
#[weft_guest::entry_point]
async fn serve(input: Reader, output: Writer) -> Result<u64, String> {
    copy(input, output)
        .await
        .map_err(|error| format!("{error:?}"))
}

/// Copies frames to the end, and returns their bytes.
async fn copy(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
    let mut bytes = 0;
    while let Some(frame) = input.read().await? {
        bytes += frame.payload.len() as u64;
        output.write(frame.payload).await?.or_dropped();
    }
    Ok(bytes)
}

/// Reads to the end.
async fn read_all(input: &mut Reader) -> Result<Vec<u8>, ReadError> {
    let mut all = Vec::new();
    while let Some(frame) = input.read().await? {
        all.extend(frame.payload);
    }
    Ok(all)
}

/// The byte at a place of what is transferred.
fn byte(at: usize) -> u8 {
    (at * 31 % 251) as u8
}

/// What a child needs to use ends.
fn of_ends() -> [Capability; 2] {
    [Capability::ChannelReader, Capability::ChannelWriter]
}
