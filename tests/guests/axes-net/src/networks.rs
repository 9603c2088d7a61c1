//! Connections as ends of channels: those of this guest with itself.

use crate::make::{How, MANY, MIB, Made, hold, repeat, said, wait};
use weft_guest::bindings::networks::weft::fabric::net::{
    ConnectOptions, Connection, ListenOptions, Listener, connect,
};
use weft_guest::bindings::networks::weft::fabric::quic::{Endpoint, Session};
use weft_guest::bindings::networks::weft::fabric::{net_async, quic_async};

/// Calls that wait, at the most: the guest's own part of each is a kilobyte.
const WAITING: u64 = 40_000;

pub async fn make(axis: &str, how: How) -> Option<Made> {
    let made = match axis {
        "listeners" => Ok(repeat(MANY, |_| listen())),
        "connections" => connections(how),
        "fed-connections" => fed(),
        "waits-to-connect" => to_connect().await,
        "waits-for-clients" => for_clients().await,
        "endpoints" => Ok(repeat(MANY, |_| listen_quic())),
        "sessions" => sessions(),
        "quic-streams" => streams(),
        "waits-for-sessions" => for_sessions().await,
        "waits-for-streams" => for_streams().await,
        "waits-for-handshakes" => for_handshakes().await,
        "waits-to-open" => to_open().await,
        _ => return None,
    };
    Some(made.unwrap_or_else(|error| Made::new(0, error, ())))
}

fn options(capacity: Option<u64>) -> ConnectOptions {
    ConnectOptions {
        capacity,
        protocols: Vec::new(),
    }
}

fn listening(certificate: Option<&str>) -> ListenOptions {
    ListenOptions {
        capacity: None,
        certificate: certificate.map(str::to_owned),
        protocols: Vec::new(),
    }
}

fn listen() -> Result<Listener, String> {
    Listener::listen("tcp://127.0.0.1:0", &listening(None)).map_err(said)
}

fn listen_quic() -> Result<Endpoint, String> {
    Endpoint::listen("quic://127.0.0.1:0", &listening(Some("www"))).map_err(said)
}

/// A client, and a server if one has arrived: it is turned away where there is no room for both.
fn connected(listener: &Listener, capacity: Option<u64>) -> Result<Vec<Connection>, String> {
    let client = connect(&listener.address(), &options(capacity)).map_err(said)?;
    Ok(std::iter::once(client)
        .chain(listener.try_accept())
        .collect())
}

/// As many as possible; one for which very much may be in flight; many with much.
fn connections(how: How) -> Result<Made, String> {
    let listener = listen()?;
    let capacity = how.pick(None, Some(64 * MIB as u64), Some(MIB as u64));
    let first = connect(&listener.address(), &options(None)).map_err(said)?;
    let first = (first, listener.accept().map_err(said)?);
    let made = repeat(MANY, |_| connected(&listener, capacity));
    Ok(made.and((first, listener)))
}

/// Connections full of what nobody reads.
fn fed() -> Result<Made, String> {
    let listener = listen()?;
    let bytes = vec![7; 64 << 10];
    let made = repeat(MANY, |_| {
        let ends = connected(&listener, None)?;
        for end in &ends {
            // Some more than the host has in hand of it.
            for _ in 0..20 {
                let _ = end.output.try_write(&bytes);
            }
        }
        Ok::<_, String>(ends)
    });
    Ok(made.and(listener))
}

/// Calls that connect, to a listener that never says a word of TLS.
async fn to_connect() -> Result<Made, String> {
    let listener = listen()?;
    let address = listener.address();
    let address = address.replace("tcp://127.0.0.1", "tls://localhost");
    let made = wait(WAITING, |_| {
        net_async::connect(address.clone(), options(None))
    });
    Ok(made.await.and(listener))
}

async fn for_clients() -> Result<Made, String> {
    let listener = hold(listen()?);
    Ok(wait(WAITING, |_| net_async::await_connection(listener)).await)
}

/// A client and its server.
fn in_session(endpoint: &Endpoint) -> Result<[Session; 2], String> {
    let address = endpoint.address().replace("127.0.0.1", "localhost");
    let client = Session::connect(&address, &options(None)).map_err(said)?;
    let server = endpoint.try_accept().or_else(|_| endpoint.accept());
    Ok([client, server.map_err(said)?])
}

/// Sessions, each with its datagrams.
fn sessions() -> Result<Made, String> {
    let endpoint = listen_quic()?;
    let made = repeat(MANY, |_| {
        let [client, server] = in_session(&endpoint)?;
        let datagrams = client.datagrams().map_err(said)?;
        let told = (client.remote(), server.names(), client.protocol());
        Ok::<_, String>((client, server, datagrams, told))
    });
    Ok(made.and(endpoint))
}

/// Streams of one session.
fn streams() -> Result<Made, String> {
    let endpoint = listen_quic()?;
    let [client, server] = in_session(&endpoint)?;
    let made = repeat(MANY, |_| {
        let opened = client.open().map_err(said)?;
        opened.output.try_write(b"x").map_err(said)?;
        Ok::<_, String>((opened, server.try_accept()))
    });
    client.close(0, &"x".repeat(MIB));
    // What arrived is taken, also after the end.
    let _ = server.accept();
    Ok(made.and((endpoint, client, server)))
}

async fn for_sessions() -> Result<Made, String> {
    let endpoint = hold(listen_quic()?);
    Ok(wait(WAITING, |_| quic_async::await_session(endpoint)).await)
}

async fn for_streams() -> Result<Made, String> {
    let endpoint = listen_quic()?;
    let [client, server] = in_session(&endpoint)?;
    let client = hold(client);
    let made = wait(WAITING, |_| quic_async::await_stream(client)).await;
    Ok(made.and((endpoint, server)))
}

/// Calls that connect, beside each other.
async fn for_handshakes() -> Result<Made, String> {
    let endpoint = listen_quic()?;
    let address = endpoint.address().replace("127.0.0.1", "localhost");
    let made = wait(WAITING, |_| {
        quic_async::connect(address.clone(), options(None))
    });
    Ok(made.await.and(endpoint))
}

/// Streams that are opened beside the guest; the limits end it before the other side takes no more.
async fn to_open() -> Result<Made, String> {
    let endpoint = listen_quic()?;
    let [client, server] = in_session(&endpoint)?;
    let mut held = Vec::new();
    let told = loop {
        match quic_async::open(&client).await {
            Ok(stream) => held.push(stream),
            Err(error) => break said(error),
        }
    };
    Ok(Made::new(
        held.len() as u64,
        told,
        (held, endpoint, client, server),
    ))
}
