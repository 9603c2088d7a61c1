//! What listens for HTTP, with bounds so small that a test reaches them. What the command makes of it is in `tests/command/edges`.

mod guests;
mod http2;
mod room;
mod slow;

use crate::support::{HUNG, channel, host};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use weft_channel::{Channel, Reader};
use weft_host::{Argument, Arguments, Process, StartOptions, log::LogEntry};
use weft_net::http::{Bounds, Http, Target, Tls};

/// A listener: what is posted to `/orders` is in one channel, and `/alerts` shows another.
pub struct Listening {
    pub process: Process,
    pub address: SocketAddr,
    pub orders: Reader,
    pub alerts: Channel,
}

/// Starts one. Its channel of orders has room for this many bytes, which somebody must read.
pub async fn listening(bounds: Bounds, tls: Option<Tls>, room: u64) -> Listening {
    let host = host(&[]).await;
    let (orders, alerts) = (channel(room), channel(100_000));
    let reader = orders.strong_reader();
    let intake = Target::Intake {
        framing: None,
        capacity: usize::try_from(room).unwrap(),
    };
    let routes = vec![
        ("POST /orders".parse().unwrap(), intake),
        ("GET /alerts".parse().unwrap(), Target::Events),
    ];
    let http = Http::new("127.0.0.1:0", routes).bounds(bounds).tls(tls);
    let arguments = Arguments::Named(vec![
        (
            "POST /orders".into(),
            orders.strong_writer().unwrap().into(),
        ),
        (
            "GET /alerts".into(),
            Argument::Channel(alerts.clone().into()),
        ),
    ]);
    let start = StartOptions::native("shop", Arc::new(http)).arguments(arguments);
    let process = host.start(start).unwrap();
    let address = address(&process).await;
    Listening {
        process,
        address,
        orders: reader,
        alerts,
    }
}

/// Where it listens, as its log says.
async fn address(process: &Process) -> SocketAddr {
    let log = process.log();
    loop {
        let frame = tokio::time::timeout(HUNG, log.read()).await.unwrap();
        let frame = frame.unwrap().expect("it listens");
        let entry: LogEntry = serde_json::from_slice(&frame.payload).unwrap();
        if let Some((_, address)) = entry.body.split_once("://") {
            return address.parse().unwrap();
        }
    }
}

/// Runs what blocks on a thread of its own.
pub async fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let run = tokio::task::spawn_blocking(run);
    tokio::time::timeout(HUNG, run).await.unwrap().unwrap()
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    stream
}

/// All that comes until the connection ends.
pub fn rest(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // It may be broken off, as something that was sent is left unread.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// Sends a byte again and again until the other end has closed, and returns what it said.
pub fn drip(mut stream: TcpStream, byte: u8) -> String {
    let pause = std::time::Duration::from_millis(20);
    stream.set_read_timeout(Some(pause)).unwrap();
    let (since, mut said) = (std::time::Instant::now(), Vec::new());
    loop {
        assert!(since.elapsed() < HUNG, "it is never closed");
        let mut piece = [0; 1000];
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => said.extend(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
        if stream.write_all(&[byte]).is_err() {
            said.extend(rest(stream).into_bytes());
            break;
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}
