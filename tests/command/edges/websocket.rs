//! WebSockets: who may open one, how they end, and what becomes of clients that are slow or go. Their frames are in `clients.py` too.

use super::served::{HUNG, SHOP, Served};
use crate::control::until;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// The headers of a request for a WebSocket.
pub const UPGRADE: &str = "host: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The answer to that key, from RFC 6455.
const ACCEPT: &str = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A client.
pub struct Client(BufReader<TcpStream>);

/// Asks for something, and returns the head of the answer and what comes after it.
pub fn ask(shop: &Served, line: &str, headers: &str) -> (String, Client) {
    let mut stream = TcpStream::connect(shop.address).unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    let request = format!("{line} HTTP/1.1\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "it ends: {head}");
    }
    (head.to_ascii_lowercase(), Client(stream))
}

fn open(shop: &Served) -> Client {
    let (head, client) = ask(shop, "GET /alerts", UPGRADE);
    assert!(head.starts_with("http/1.1 101"), "{head}");
    client
}

impl Client {
    /// The next frame: what it is, and what is in it. None when the connection has ended.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).ok()?;
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.0.read_exact(&mut length).unwrap();
                u16::from_be_bytes(length).into()
            }
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).unwrap();
        Some((head[0] & 15, payload))
    }

    /// The next text.
    pub fn text(&mut self) -> String {
        let (kind, payload) = self.frame().unwrap();
        assert_eq!(kind, 1, "{payload:?}");
        String::from_utf8(payload).unwrap()
    }

    /// The code of its close, which is the next frame, and the reason.
    fn close(&mut self) -> (u16, String) {
        let (kind, payload) = self.frame().unwrap();
        assert_eq!(kind, 8, "{payload:?}");
        let code = u16::from_be_bytes([payload[0], payload[1]]);
        (code, String::from_utf8(payload[2..].to_vec()).unwrap())
    }

    /// Sends a frame with a mask of zeros.
    fn send(&mut self, kind: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | kind];
        match u8::try_from(payload.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0xfe);
                frame.extend((payload.len() as u16).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.0.get_mut().write_all(&frame).unwrap();
    }
}

#[test]
fn frames_are_texts_or_bytes_and_a_stop_says_that_it_goes() {
    let mut shop = Served::new(SHOP);
    let (head, mut client) = ask(&shop, "GET /alerts", UPGRADE);
    assert!(head.contains(&ACCEPT.to_ascii_lowercase()), "{head}");
    shop.post("text/plain", "one");
    assert_eq!(client.text(), "ONE");
    let raw = [
        "-H",
        "content-type: application/octet-stream",
        "--data-binary",
        "@-",
    ];
    assert_eq!(shop.curl("/orders", &raw).1, 202);
    assert_eq!(client.frame().unwrap(), (1, Vec::new()));
    let said = shop.stop();
    assert_eq!(client.close(), (1001, "the listener stops".to_owned()));
    assert!(said.contains("shop stopped"), "{said}");
}

#[test]
fn what_asks_for_a_websocket_in_a_wrong_way_is_told() {
    let shop = Served::new(SHOP);
    let without = |part: &str| {
        let headers = UPGRADE.split_inclusive("\r\n");
        headers
            .filter(|it| !it.starts_with(part))
            .collect::<String>()
    };
    for (line, headers, wanted) in [
        ("GET /alerts", without("sec-websocket-key"), "400"),
        ("GET /alerts", without("connection"), "400"),
        ("GET /alerts", UPGRADE.replace("dGhl", "!!!!"), "400"),
        ("GET /alerts", UPGRADE.replace("13", "8"), "426"),
        ("GET /orders", UPGRADE.to_owned(), "405"),
        ("GET /nothing", UPGRADE.to_owned(), "404"),
        // What asks for something else gets lines.
        (
            "GET /alerts",
            UPGRADE.replace("upgrade: websocket", "upgrade: h2c"),
            "200",
        ),
    ] {
        let (head, _) = ask(&shop, line, &headers);
        assert!(
            head.starts_with(&format!("http/1.1 {wanted}")),
            "{headers}: {head}"
        );
        if wanted == "426" {
            assert!(head.contains("sec-websocket-version: 13"), "{head}");
        }
    }
    let old = TcpStream::connect(shop.address).unwrap();
    let (mut writer, mut said) = (&old, String::new());
    let request = format!("GET /alerts HTTP/1.0\r\n{UPGRADE}\r\n");
    writer.write_all(request.as_bytes()).unwrap();
    BufReader::new(&old).read_line(&mut said).unwrap();
    assert!(said.contains("400"), "{said}");
}

#[test]
fn pages_of_others_open_none() {
    let text = SHOP.replace(
        "connections = 8",
        "connections = 8\norigins = [\"https://app.example\"]",
    );
    let shop = Served::new(&text);
    let status = |origin: &str| {
        let headers = UPGRADE.replace("host: x", &format!("host: {}", shop.address));
        let headers = format!("{headers}origin: {origin}\r\n");
        ask(&shop, "GET /alerts", &headers).0[9..12].to_owned()
    };
    let own = format!("http://{}", shop.address);
    for (origin, wanted) in [
        ("https://app.example", "101"),
        (&own, "101"),
        ("https://evil.example", "403"),
        ("null", "403"),
    ] {
        assert_eq!(status(origin), wanted, "{origin}");
    }
}

#[test]
fn what_a_client_says_ends_its_connection_with_a_reason() {
    let shop = Served::new(SHOP);
    let mut client = open(&shop);
    client.send(9, b"ping");
    assert_eq!(client.frame().unwrap(), (10, b"ping".to_vec()));
    client.send(1, b"hello");
    let (code, reason) = client.close();
    assert_eq!(code, 1003);
    assert!(reason.contains("only shows frames"), "{reason}");
    let mut client = open(&shop);
    client.send(2, &[0; 5000]);
    assert_eq!(client.close().0, 1009);
    let mut client = open(&shop);
    client.0.get_mut().write_all(b"\x81\x02hi").unwrap();
    assert_eq!(client.close().0, 1002);
    // Pieces of a message without an end.
    let mut client = open(&shop);
    client
        .0
        .get_mut()
        .write_all(&[0x01, 0x80, 0, 0, 0, 0])
        .unwrap();
    let piece = [&[0x00, 0xfe, 0x03, 0xe8, 0, 0, 0, 0][..], &[b'x'; 1000]].concat();
    for _ in 0..5 {
        client.0.get_mut().write_all(&piece).unwrap();
    }
    assert_eq!(client.close().0, 1009);
}

#[test]
fn a_client_that_is_too_slow_holds_nobody_up_and_is_told_how_much_it_lost() {
    let shop = Served::new(&SHOP.replace("alerts = {}", "alerts = { capacity = \"4KiB\" }"));
    let mut stuck = open(&shop);
    let body = format!("{}\n", "x".repeat(1000)).repeat(60);
    for _ in 0..200 {
        assert_eq!(shop.post("text/plain", &body).1, 202);
    }
    let lost = loop {
        let text = stuck.text();
        if let Some(lost) = text.strip_prefix("{\"lost\":") {
            break lost.trim_end_matches('}').parse::<u64>().unwrap();
        }
    };
    assert!(lost > 0, "{lost}");
}

#[test]
fn places_are_for_half_of_the_connections_and_come_back_however_a_client_goes() {
    let shop = Served::new(SHOP);
    let all = || {
        let all = std::iter::repeat_with(|| ask(&shop, "GET /alerts", UPGRADE));
        let all: Vec<_> = all.take(5).collect();
        let is_shown: Vec<_> = all
            .iter()
            .map(|(head, _)| head.starts_with("http/1.1 101"))
            .collect();
        (is_shown == [true, true, true, true, false]).then_some(all)
    };
    for round in 0..5 {
        let found = std::cell::Cell::new(None);
        until(|| {
            let clients = all();
            let is_there = clients.is_some();
            found.set(clients);
            is_there
        });
        let clients = found.take().unwrap().into_iter().map(|(_, client)| client);
        for (number, mut client) in clients.take(4).enumerate() {
            match (round + number) % 3 {
                0 => client.send(8, &1000_u16.to_be_bytes()),
                1 => client.send(1, b"x"),
                _ => {}
            }
        }
    }
}
