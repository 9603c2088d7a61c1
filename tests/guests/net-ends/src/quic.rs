//! QUIC, on either side.

use super::{byte, copy, read_all};
use weft_guest::net::quic::{Endpoint, Session};
use weft_guest::net::{ConnectOptions, ListenOptions};
use weft_guest::{Error, Result, join, spawn};

/// Echoes all streams and datagrams of so many sessions.
pub async fn echo(address: &str, sessions: &str) -> Result<String> {
    let options = ListenOptions::new().certificate("www").protocol("echo");
    let endpoint = Endpoint::listen(address, options)?;
    let shown = endpoint.address();
    let (_, shown) = shown.split_once("://").unwrap_or_default();
    println!("listening on {shown}");
    let mut tasks = Vec::new();
    for _ in 0..sessions.parse::<u32>()? {
        let session = endpoint.accept().await?;
        tasks.push(spawn(serve(session)));
    }
    let mut streams = 0;
    for task in tasks {
        streams += task.await??;
    }
    Ok(format!("echoed {streams} streams"))
}

/// Serves a session to its end, and returns how many streams it had.
async fn serve(session: Session) -> Result<u32> {
    let (mut input, output) = session.datagrams()?;
    let datagrams = async {
        while let Ok(Some(frame)) = input.read().await {
            if output.write(frame.payload).await.is_err() {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    let streams = async {
        let mut streams = 0;
        while let Ok(stream) = session.accept().await {
            streams += 1;
            spawn(async move { drop(copy(stream.input, stream.output).await) });
        }
        streams
    };
    let (streams, _) = join!(streams, datagrams);
    Ok(streams)
}

async fn connect(address: &str) -> Result<Session> {
    let options = ConnectOptions::new().protocol("echo");
    Ok(Session::connect_with(address, options).await?)
}

/// Says something on so many streams of a session, beside each other.
pub async fn say(address: &str, streams: &str) -> Result<String> {
    let session = connect(address).await?;
    let mut said = Vec::new();
    for number in 0..streams.parse::<u32>()? {
        let mut stream = session.open().await?;
        said.push(spawn(async move {
            stream
                .output
                .write(format!("hello {number}"))
                .await?
                .or_dropped();
            drop(stream.output);
            let heard = read_all(&mut stream.input).await?;
            Ok::<_, Error>(heard == format!("hello {number}").into_bytes())
        }));
    }
    let mut heard = 0;
    for said in said {
        heard += u32::from(said.await??);
    }
    let (remote, names) = (session.remote(), session.names());
    session.close(7, "thank you");
    let protocol = session.protocol();
    Ok(format!(
        "heard {heard} from {remote} {names:?} {protocol:?}"
    ))
}

/// Sends so many bytes on one stream and reads them back, both at once.
pub async fn transfer(address: &str, bytes: &str) -> Result<String> {
    let bytes: usize = bytes.parse()?;
    let session = connect(address).await?;
    let mut stream = session.open().await?;
    let output = stream.output;
    let sending = async move {
        let mut at = 0;
        while at < bytes {
            let piece: Vec<u8> = (at..bytes.min(at + 50_000)).map(byte).collect();
            at += piece.len();
            output.write(piece).await?.or_dropped();
        }
        Ok::<_, Error>(())
    };
    let (sent, heard) = join!(sending, read_all(&mut stream.input));
    sent?;
    let heard = heard?;
    let right = heard.iter().enumerate().all(|(at, it)| *it == byte(at));
    Ok(format!("transferred {} {right}", heard.len()))
}

/// Sends a datagram until one comes back; and one that is too large.
pub async fn datagrams(address: &str) -> Result<String> {
    let session = connect(address).await?;
    let (mut input, output) = session.datagrams()?;
    output.write(vec![0; 60_000]).await?.or_dropped();
    output.write("here I am").await?.or_dropped();
    let heard = input.read().await?.unwrap_or_default();
    let again = session.datagrams().err();
    session.close(0, "");
    Ok(format!(
        "{} {again:?}",
        String::from_utf8_lossy(&heard.payload)
    ))
}

/// Opens so many streams and keeps them.
pub async fn open_many(address: &str, streams: &str) -> Result<String> {
    let session = connect(address).await?;
    let most: usize = streams.parse()?;
    let mut held = Vec::new();
    let told = loop {
        if held.len() >= most {
            break String::new();
        }
        match session.open().await {
            Ok(stream) => held.push(stream),
            Err(error) => break format!("{error:?}"),
        }
    };
    Ok(format!("{} open, then {told}", held.len()))
}
