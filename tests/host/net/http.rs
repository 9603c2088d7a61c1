//! Requests of guests by name: the addresses of the name are checked, whatever the path, and at every connection anew.

use super::{Server, Told, host_like, rights, said, serving};
use crate::support::{block_on, guest_of};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weft_host::{Host, StartOptions};
use weft_net::sockets::NetworkConfig;

/// Longer than a connection within this machine takes; an address elsewhere may go nowhere.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// A host whose names the test gives, with the program that asks.
pub async fn host_of(told: &Told) -> Host {
    let host = host_like(
        NetworkConfig::default()
            .resolver(Arc::new(told.clone()))
            .connect_time(CONNECT_TIME),
    )
    .await;
    let components = host.components();
    let file = guest_of("http-std");
    components.load_file("http-std", &file).await.unwrap();
    host
}

/// A start of the program that asks for these.
pub fn asking(urls: &[&str], held: &[&str]) -> StartOptions {
    let line = std::iter::once("http-std").chain(urls.iter().copied());
    StartOptions::new("http-std")
        .command_line(line.map(str::to_owned).collect::<Vec<_>>())
        .capabilities(rights(held))
}

/// A server that answers every request with `there`.
pub async fn answering() -> Server {
    serving(answer).await
}

async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nthere";
            if stream.write_all(answer).await.is_err() {
                break;
            }
        }
    }
}

#[test]
fn a_name_with_an_address_inside_is_not_asked() {
    block_on(async {
        let inside: &[&[&str]] = &[&["127.0.0.1"]];
        let told = Told::of(&[
            ("db.example", inside),
            ("mapped.example", &[&["::ffff:127.0.0.1"]]),
            ("compatible.example", &[&["::127.0.0.1"]]),
        ]);
        let host = host_of(&told).await;
        let there = answering().await;
        let port = there.address.port();
        for (name, address, what) in [
            ("db.example", "127.0.0.1", "a loopback address"),
            ("mapped.example", "127.0.0.1", "a loopback address"),
            (
                "compatible.example",
                "[::7f00:1]",
                "an IPv6 address that stands for an IPv4 one",
            ),
        ] {
            let right = format!("connect=http://{name}:{port}");
            let url = format!("http://{name}:{port}/");
            let (lines, entries) = said(&host, asking(&[&url], &[&right])).await;
            assert_eq!(lines, ["ErrorCode::DestinationIpProhibited"], "{name}");
            let wanted = format!(
                "a call was denied: it needs `connect=http://{address}:{port}`: `{name}` has {what}, for which a name is not enough"
            );
            assert_eq!(entries[0].body, wanted);
        }
        assert_eq!(there.accepted.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn an_address_inside_is_asked_by_a_name_where_patterns_have_both() {
    block_on(async {
        let told = Told::of(&[("db.example", &[&["127.0.0.1"]])]);
        let host = host_of(&told).await;
        let there = answering().await;
        let port = there.address.port();
        let url = format!("http://db.example:{port}/v1/a");
        for (name, address, is_asked) in [
            ("", "", true),
            ("/v1", "", true),
            ("/v1", "/v1", true),
            ("/v1/a", "/v1", true),
            // One connection carries all that the name may be asked for, which is more than what the address may be.
            ("", "/v1", false),
            ("/v1", "/v1/a", false),
            ("/v1", "/v2", false),
        ] {
            let name = format!("connect=http://db.example:{port}{name}");
            let address = format!("connect=http://127.0.0.1:{port}{address}");
            let (lines, _) = said(&host, asking(&[&url], &[&name, &address])).await;
            let wanted = match is_asked {
                true => "200 there",
                false => "ErrorCode::DestinationIpProhibited",
            };
            assert_eq!(lines, [wanted], "{name} {address}");
        }
    });
}

#[test]
fn a_name_that_is_bound_anew_reaches_nothing_inside() {
    block_on(async {
        // The first one goes nowhere, or is refused by the way there.
        let told = Told::of(&[("db.example", &[&["9.9.9.9"], &["127.0.0.1"]])]);
        let host = host_of(&told).await;
        let there = answering().await;
        let port = there.address.port();
        let right = format!("connect=http://db.example:{port}");
        let url = format!("http://db.example:{port}/");
        let (lines, entries) = said(&host, asking(&[&url, &url], &[&right])).await;
        assert_ne!(lines[0], "ErrorCode::DestinationIpProhibited");
        assert_eq!(lines[1], "ErrorCode::DestinationIpProhibited", "{lines:?}");
        assert!(
            entries[0].body.contains("a loopback address"),
            "{entries:?}"
        );
        assert_eq!(told.asked.load(Ordering::Relaxed), 2);
        assert_eq!(there.accepted.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_look_up_without_an_answer_is_told_as_one() {
    block_on(async {
        let right = ["connect=http://*.example:80"];
        let host = host_of(&Told::default()).await;
        let (lines, _) = said(&host, asking(&["http://none.example/"], &right)).await;
        assert!(lines[0].starts_with("ErrorCode::DnsError"), "{lines:?}");
        let host = host_like(
            NetworkConfig::default()
                .resolver(Arc::new(Told::silent()))
                .lookup_time(Duration::from_millis(50)),
        )
        .await;
        let file = guest_of("http-std");
        let components = host.components();
        components.load_file("http-std", &file).await.unwrap();
        let (lines, _) = said(&host, asking(&["http://db.example/"], &right)).await;
        assert_eq!(lines, ["ErrorCode::DnsTimeout"]);
    });
}
