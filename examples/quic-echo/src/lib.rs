//! Echoes QUIC: a server of streams and datagrams, and a client that talks to it.

use weft_guest::net::quic::{Endpoint, Session};
use weft_guest::net::{ConnectOptions, Connection, ListenOptions};
use weft_guest::tracing::{info, warn};
use weft_guest::{Error, Reader, Result, Writer, join, process, select, spawn};

/// The protocol that both sides offer. QUIC has no default.
const PROTOCOL: &str = "echo";

/// Listens on `address` with the certificate of this name until it is asked to stop, and returns how many connections there were.
#[weft_guest::main]
async fn main(address: String, certificate: String) -> Result<u64> {
    let options = ListenOptions::new()
        .certificate(certificate)
        .protocol(PROTOCOL);
    let endpoint = Endpoint::listen(&address, options)?;
    info!("listening on {}", endpoint.address());
    let mut sessions = 0;
    loop {
        let session = select! {
            _ = process::stop_request() => return Ok(sessions),
            session = endpoint.accept() => session?,
        };
        sessions += 1;
        spawn(async move {
            let client = session.remote();
            match serve(session).await {
                Ok(streams) => info!(streams, "{client} is gone"),
                Err(error) => warn!("{client}: {error:#}"),
            }
        });
    }
}

// ANCHOR: serve
/// Serves a connection to its end, and returns how many streams it had.
async fn serve(session: Session) -> Result<u64> {
    let (input, output) = session.datagrams()?;
    spawn(async move { drop(copy(input, output).await) });
    let mut streams = 0;
    // Until it is closed.
    while let Ok(Connection { input, output, .. }) = session.accept().await {
        streams += 1;
        spawn(async move { drop(copy(input, output).await) });
    }
    Ok(streams)
}
// ANCHOR_END: serve

/// Sends each frame back.
async fn copy(mut input: Reader, output: Writer) -> Result {
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?.or_dropped();
    }
    Ok(())
}

/// Says each word of `text` on a stream of its own, all at once, and returns what comes back, in order.
#[weft_guest::entry_point]
async fn say(address: String, text: String) -> Result<String> {
    let options = ConnectOptions::new().protocol(PROTOCOL);
    let session = Session::connect_with(&address, options).await?;
    let mut streams = Vec::new();
    for word in text.split_whitespace() {
        let word = word.to_owned();
        let stream = session.open().await?;
        streams.push(spawn(async move { ask(stream, word).await }));
    }
    let mut heard = Vec::new();
    for stream in streams {
        heard.push(stream.await??);
    }
    session.close(0, "thank you");
    Ok(heard.join(" "))
}

/// Sends a word and reads what comes back, both at once.
async fn ask(stream: Connection, word: String) -> Result<String> {
    let Connection {
        mut input, output, ..
    } = stream;
    let sending = async move {
        output.write(word).await?.or_dropped();
        // The writer is dropped: that was all.
        Ok::<_, Error>(())
    };
    let reading = async {
        let mut heard = Vec::new();
        while let Some(frame) = input.read().await? {
            heard.extend(frame.payload);
        }
        Ok::<_, Error>(heard)
    };
    let (sent, heard) = join!(sending, reading);
    sent?;
    Ok(String::from_utf8(heard?)?)
}
