//! Other sides that are gone without a word: the system looks for them on every connection of a guest, unless the guest wants otherwise.
//!
//! What the system does is read where Linux tells it, `/proc/net/tcp`.
#![cfg(target_os = "linux")]

use super::ends::{host_of as host_of_ends, play};
use super::http::{asking, host_of};
use super::{Told, guest_03, listening, program};
use crate::support::{block_on, end};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weft_host::{Host, StartOptions};

/// The address as the table of connections has it.
fn hex(address: SocketAddr) -> String {
    let SocketAddr::V4(address) = address else {
        panic!("{address} is in another table");
    };
    let ip = u32::from_ne_bytes(address.ip().octets());
    format!("{ip:08X}:{:04X}", address.port())
}

/// The time after which the system looks for the other side of a connection, while nothing moves on it. None if it does not.
async fn watched(local: SocketAddr, remote: SocketAddr) -> Option<Duration> {
    let (local, remote) = (hex(local), hex(remote));
    loop {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let mut rows = table.lines().map(|row| row.split_whitespace());
        let timer = rows.find_map(|mut row| {
            let is_it = row.nth(1)? == local && row.next()? == remote;
            is_it.then(|| row.nth(2)).flatten()
        });
        let (kind, when) = timer.expect("it is there").split_once(':').unwrap();
        // Hundredths of a second.
        let when = u64::from_str_radix(when, 16).unwrap() * 10;
        match kind {
            "00" => return None,
            "02" => return Some(Duration::from_millis(when)),
            // What was sent is not acknowledged yet.
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

fn is_a_minute(time: Option<Duration>) {
    let time = time.expect("the system looks for the other side");
    // The system's own time is two hours.
    assert!(time <= Duration::from_secs(61), "{time:?}");
}

/// What the system does about the connection of a guest to a server that does not answer it before that is known.
async fn as_client(host: &Host, start: impl Fn(SocketAddr) -> StartOptions) -> Option<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let process = host.start(start(address)).unwrap();
    let (mut stream, guest) = listener.accept().await.unwrap();
    // Something was said, so the connection is the guest's own.
    stream.read_u8().await.unwrap();
    let time = watched(guest, address).await;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    stream.shutdown().await.unwrap();
    end(&process).await;
    time
}

/// The same for a guest that listens, and echoes this.
async fn as_server(host: &Host, options: StartOptions, said: &[u8]) -> Option<Duration> {
    let process = host.start(options).unwrap();
    let address = listening(&process).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(said).await.unwrap();
    // Once it answers, it has accepted the connection.
    client.read_exact(&mut said.to_vec()).await.unwrap();
    let time = watched(address, client.local_addr().unwrap()).await;
    process.kill();
    end(&process).await;
    time
}

const ANY: [&str; 2] = ["connect=tcp://127.0.0.1:*", "connect=http://127.0.0.1:*"];
const LISTEN: [&str; 1] = ["listen=tcp://127.0.0.1:0"];

#[test]
fn sockets_of_both_versions_are_watched() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let std = |address: SocketAddr| program(&["say", &address.to_string(), "x"], &ANY);
        is_a_minute(as_client(&host, std).await);
        let newer = |address: SocketAddr| guest_03("say", &address.to_string(), 0, &ANY);
        is_a_minute(as_client(&host, newer).await);
        let std = program(&["serve", "127.0.0.1:0", "9"], &LISTEN);
        // It closes the connection once a line was said. A socket has from its listener what it has, before it is accepted.
        is_a_minute(as_server(&host, std, b"").await);
        let newer = guest_03("serve", "127.0.0.1:0", 9, &LISTEN);
        is_a_minute(as_server(&host, newer, b"hello").await);
    });
}

#[test]
fn a_guest_that_wants_otherwise_is_not_overruled() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let start = |address: SocketAddr| guest_03("say-unwatched", &address.to_string(), 0, &ANY);
        assert_eq!(as_client(&host, start).await, None);
    });
}

#[test]
fn connections_behind_requests_are_watched() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let start = |address: SocketAddr| asking(&[&format!("http://{address}/")], &ANY);
        is_a_minute(as_client(&host, start).await);
    });
}

#[test]
fn connections_that_are_ends_of_channels_are_watched() {
    block_on(async {
        let host = host_of_ends(&Told::default()).await;
        let start = |address: SocketAddr| play("say", &format!("tcp://{address}"), "", &ANY);
        is_a_minute(as_client(&host, start).await);
        let options = play("echo", "tcp://127.0.0.1:0", "1", &LISTEN);
        is_a_minute(as_server(&host, options, b"hello").await);
    });
}
