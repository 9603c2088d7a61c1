//! Clients that take their time, or go, or say nothing.

use super::{blocking, connect, drip, listening, rest};
use crate::support::{block_on, end};
use std::io::{Read, Write};
use std::time::Duration;
use weft_host::ExitStatus;
use weft_net::http::{Bounds, Tls};
use weft_net::tls::Identity;

/// A time that a test can wait for.
const SHORT: Duration = Duration::from_millis(300);

const HEAD: &str = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";

#[test]
fn a_head_that_comes_drop_by_drop_ends_its_connection() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.head_time = SHORT;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            // In the middle of the head, in front of it, and in what might become HTTP/2.
            for begin in ["GET /alerts HTTP/1.1\r\nx: ", "G", "PRI * HTTP/2.0\r\n"] {
                let mut stream = connect(address);
                stream.write_all(begin.as_bytes()).unwrap();
                let said = drip(stream, b'x');
                assert!(!said.contains("200 OK"), "{said}");
            }
            // Nothing at all, and nothing after an answer.
            assert_eq!(rest(connect(address)), "");
            let mut stream = connect(address);
            stream
                .write_all(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
                .unwrap();
            let said = rest(stream);
            assert!(said.starts_with("HTTP/1.1 404"), "{said}");
        })
        .await;
    });
}

#[test]
fn a_body_that_comes_drop_by_drop_is_given_up() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.body_time = SHORT;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            // In chunks, zeros before the first length that never comes.
            for length in ["content-length: 100000", "transfer-encoding: chunked"] {
                let mut stream = connect(address);
                let head = format!("{HEAD}{length}\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
                let said = drip(stream, b'0');
                assert!(said.starts_with("HTTP/1.1 408"), "{said}");
                assert!(said.contains("the body took longer than 300ms"), "{said}");
            }
        })
        .await;
        assert!(listening.orders.try_read().is_err());
    });
}

#[test]
fn a_request_that_finds_no_room_is_told_so_in_time() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.room_time = SHORT;
        let listening = listening(bounds, None, 4).await;
        let address = listening.address;
        let said = blocking(move || {
            let mut stream = connect(address);
            let request = format!("{HEAD}connection: close\r\ncontent-length: 9\r\n\r\nabcd\nefgh");
            stream.write_all(request.as_bytes()).unwrap();
            rest(stream)
        })
        .await;
        assert!(said.starts_with("HTTP/1.1 503"), "{said}");
        assert!(said.contains("no room for 300ms; 1 of 2 frames"), "{said}");
    });
}

#[test]
fn a_client_that_never_agrees_on_tls_is_let_go_and_has_a_place_until_then() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("cert"), folder.path().join("key"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let identity = Identity::read(&certificate, &key).unwrap();
        let tls = Tls::new(&identity, None).unwrap();
        let mut bounds = Bounds::default();
        bounds.tls_time = SHORT;
        bounds.connections = 1;
        let listening = listening(bounds, Some(tls), 1000).await;
        let address = listening.address;
        blocking(move || {
            // Silent, and with half of a first message: both have the one place for as long.
            for begin in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
                let mut stream = connect(address);
                stream.write_all(begin).unwrap();
                // Others find none, and hear nothing that they could not read.
                let other = std::iter::repeat_with(|| rest(connect(address)));
                assert_eq!(other.take(3).collect::<String>(), "");
                let mut said = Vec::new();
                let _ = stream.read_to_end(&mut said);
                assert!(said.len() < 100, "{said:?}");
            }
            // What is no TLS ends at once, as with an alert.
            let mut stream = connect(address);
            stream.write_all(&[0x80; 1000]).unwrap();
            rest(stream);
            let mut stream = connect(address);
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            let said = rest(stream);
            assert!(said.contains("this address speaks https only"), "{said}");
        })
        .await;
        listening.process.request_stop();
        assert_eq!(end(&listening.process).await, ExitStatus::Stopped);
        let metrics = listening.process.metrics();
        let disagreed = metrics
            .iter()
            .find(|it| it.instrument.name == "http_disagreed");
        assert!(disagreed.is_some(), "{metrics:?}");
    });
}

#[test]
fn a_stop_waits_for_no_client_that_says_nothing_or_reads_nothing() {
    block_on(async {
        let listening = listening(Bounds::default(), None, 1000).await;
        let address = listening.address;
        let clients = blocking(move || {
            let begins = [
                "",
                "GET /al",
                "PRI * HT",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET /alerts HTTP/1.1\r\nhost: x\r\n\r\n",
                &format!("{HEAD}content-length: 100\r\n\r\nabc"),
            ];
            begins.map(|begin| {
                let mut stream = connect(address);
                stream.write_all(begin.as_bytes()).unwrap();
                stream
            })
        })
        .await;
        let writer = listening.alerts.strong_writer().unwrap();
        for _ in 0..1000 {
            writer.write(vec![b'x'; 10_000].into()).await.unwrap();
        }
        listening.process.request_stop();
        assert_eq!(end(&listening.process).await, ExitStatus::Stopped);
        drop(clients);
    });
}
