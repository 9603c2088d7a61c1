//! Guests that connect.

use super::{byte, read_all};
use weft_guest::futures::io::{AsyncReadExt, AsyncWriteExt};
use weft_guest::net::{ConnectOptions, Connection, NetError};
use weft_guest::{Error, Result, WriteError, join, process};

fn options(with: &str) -> ConnectOptions {
    match with.strip_prefix("alpn ") {
        Some(protocol) => ConnectOptions::new().protocol(protocol),
        None => ConnectOptions::new(),
    }
}

/// Says hello, and returns what came back, from whom.
pub async fn say(address: &str, with: &str) -> Result<String> {
    let mut server = Connection::connect_with(address, options(with)).await?;
    server.output.write("hello").await?.or_dropped();
    drop(server.output);
    let heard = read_all(&mut server.input).await?;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    let protocol = server.protocol.map(|name| format!(" by {name}"));
    Ok(format!(
        "{heard} from {} {:?}{}",
        server.remote,
        server.names,
        protocol.unwrap_or_default()
    ))
}

/// Sends so many bytes and reads them back, both at once.
pub async fn transfer(address: &str, bytes: &str) -> Result<String> {
    let bytes: usize = bytes.parse()?;
    let server = Connection::connect(address).await?;
    let (mut input, mut output) = server.into_bytes().split();
    let sending = async {
        let mut at = 0;
        while at < bytes {
            let piece: Vec<u8> = (at..bytes.min(at + 100_000)).map(byte).collect();
            output.write_all(&piece).await?;
            at += piece.len();
        }
        output.close().await
    };
    let reading = async {
        let (mut at, mut room) = (0, vec![0; 70_000]);
        loop {
            let read = input.read(&mut room).await?;
            let right = room
                .iter()
                .take(read)
                .zip(at..)
                .all(|(it, at)| *it == byte(at));
            if !right {
                return Err(Error::msg(format!("other bytes behind {at}")));
            }
            at += read;
            if read == 0 {
                return Ok(at);
            }
        }
    };
    let (sent, read) = join!(sending, reading);
    sent?;
    Ok(format!("transferred {}", read?))
}

/// Opens connections until one fails; lets go of them, and opens as many again.
pub async fn hold(address: &str, most: &str) -> Result<String> {
    let most: usize = most.parse()?;
    let mut said = Vec::new();
    for _ in 0..2 {
        let mut held = Vec::new();
        let mut told = String::new();
        while held.len() < most {
            match Connection::connect(address).await {
                Ok(connection) => held.push(connection),
                // What was let go of is closed by a task of the host.
                Err(NetError::Exhausted(_)) if held.is_empty() => {}
                Err(error) => {
                    told = format!("{error:?}");
                    break;
                }
            }
        }
        said.push(format!("{} open, then {told}", held.len()));
    }
    Ok(said.join("; "))
}

/// Reads to the end of what the other side sends, and answers after that.
pub async fn read_then_answer(address: &str) -> Result<String> {
    let mut server = Connection::connect(address).await?;
    let heard = read_all(&mut server.input).await?;
    server
        .output
        .write(format!("{} bytes", heard.len()))
        .await?
        .or_dropped();
    Ok(format!("heard {}", heard.len()))
}

/// Writes until a write fails, and says how that and a read failed.
pub async fn write_until_it_fails(address: &str) -> Result<String> {
    let mut server = Connection::connect(address).await?;
    let written = loop {
        if let Err(error) = server.output.write(vec![0; 1000]).await {
            break error;
        }
    };
    let read = read_all(&mut server.input).await;
    Ok(format!("{written:?} {:?}", read.map(|read| read.len())))
}

/// Keeps a connection until it is asked to stop.
pub async fn keep(address: &str) -> Result<String> {
    let server = Connection::connect(address).await?;
    println!("connected");
    process::stop_request().await;
    Ok(server.remote)
}

/// Writes so many bytes and ends, without waiting for anything.
pub async fn leave_behind(address: &str, bytes: &str) -> Result<String> {
    let bytes: usize = bytes.parse()?;
    let server = Connection::connect(address).await?;
    let mut sent = 0;
    while sent < bytes {
        let piece: Vec<u8> = (sent..bytes.min(sent + 1000)).map(byte).collect();
        match server.output.try_write(&piece) {
            Ok(_) => sent += piece.len(),
            Err(WriteError::WouldBlock) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent.to_string())
}
