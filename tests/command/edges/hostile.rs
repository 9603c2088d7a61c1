//! Clients that mean harm, or are as good as if they did: requests that mean two things, floods, and crowds. What takes time is in
//! `tests/host/listener`, with bounds that a test can wait for.

use super::clients::python;
use super::served::{HUNG, SHOP, Served};
use crate::control::until;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

const HEAD: &str = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";

/// What must be refused whole, since two readers of it may not agree on where it ends: by its headers and its body.
const TWO_MEANINGS: &[(&str, &str)] = &[
    ("content-length: 5\r\ncontent-length: 6", "abcdef"),
    ("content-length: 5, 6", "abcdef"),
    ("content-length: +5", "abcde"),
    ("content-length: -5", "abcde"),
    ("content-length: 0x5", "abcde"),
    ("content-length: 5 5", "abcde"),
    ("content-length: 99999999999999999999999", "abcde"),
    ("content-length:", "abcde"),
    ("content-length : 5", "abcde"),
    (" content-length: 5", "abcde"),
    ("transfer-encoding: xchunked", "3\r\nabc\r\n0\r\n\r\n"),
    (
        "transfer-encoding: chunked, identity",
        "3\r\nabc\r\n0\r\n\r\n",
    ),
    ("transfer-encoding: identity", "abc"),
    (
        "transfer-encoding: chunked\r\ntransfer-encoding: gzip",
        "3\r\nabc\r\n0\r\n\r\n",
    ),
    ("transfer-encoding : chunked", "3\r\nabc\r\n0\r\n\r\n"),
    ("x: a\0b\r\ncontent-length: 3", "abc"),
    ("x: a\rcontent-length: 3", "abc"),
];

/// Chunks that are none.
const NO_CHUNKS: &[&str] = &[
    "ZZ\r\nabc\r\n",
    "-3\r\nabc\r\n",
    "0x3\r\nabc\r\n",
    " 3\r\nabc\r\n",
    "3\nabc\n",
    "3\r\nabcdef\r\n",
    "\r\nabc",
    "fffffffffffffffff\r\nabc\r\n",
    "3;\r\nabcX\r\n",
    "3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
];

#[test]
fn requests_that_mean_two_things_are_refused() {
    let mut shop = Served::new(SHOP);
    for (headers, body) in TWO_MEANINGS {
        let said = shop.raw(format!("{HEAD}{headers}\r\n\r\n{body}").as_bytes());
        assert!(said.contains("400 Bad Request"), "{headers:?}: {said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{headers:?}: {said}");
    }
    for body in NO_CHUNKS {
        let said = shop.raw(format!("{HEAD}transfer-encoding: chunked\r\n\r\n{body}").as_bytes());
        assert!(said.contains("400 Bad Request"), "{body:?}: {said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{body:?}: {said}");
    }
    // In HTTP/1.0 there are no chunks.
    let old = HEAD.replace("1.1", "1.0");
    let said = shop.raw(format!("{old}transfer-encoding: chunked\r\n\r\n0\r\n\r\n").as_bytes());
    assert!(said.contains("400 Bad Request"), "{said}");
    assert_eq!(shop.post("text/plain", "still").1, 202);
    let said = shop.stop();
    assert!(said.contains("channel orders: 1 frame"), "{said}");
}

#[test]
fn a_length_beside_chunks_counts_for_nothing_and_nothing_is_read_behind_it() {
    let mut shop = Served::new(SHOP);
    // The chunks end before the length does: another reader would take what is behind them for the body, or for a request.
    let behind = format!("{HEAD}content-length: 3\r\n\r\nbad");
    for lengths in [
        "content-length: 60\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 60",
    ] {
        let body = format!("3\r\nabc\r\n0\r\n\r\n{behind}");
        let said = shop.raw(format!("{HEAD}{lengths}\r\n\r\n{body}").as_bytes());
        assert!(said.contains("202 Accepted"), "{said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{said}");
    }
    let said = shop.stop();
    assert!(said.contains("channel orders: 2 frames"), "{said}");
}

/// Sends pieces until the other end closes, and returns what it said. It must close before a gigabyte.
pub fn flood(shop: &Served, begin: &str, piece: &[u8]) -> String {
    let mut stream = TcpStream::connect(shop.address).unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    stream.set_write_timeout(Some(HUNG)).unwrap();
    stream.write_all(begin.as_bytes()).unwrap();
    let mut sent = 0;
    while stream.write_all(piece).is_ok() {
        sent += piece.len();
        assert!(sent < 1 << 30, "{begin}: it takes all of it");
    }
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// The head of a body in chunks.
pub const CHUNKED: &str = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n";

/// What has no end: how it begins, and what comes again and again.
pub const FLOODS: [(&str, &str); 6] = [
    ("GET /alerts HTTP/1.1\r\nx: ", "y"),
    ("GET /alerts HTTP/1.1\r\n", "x: y\r\n"),
    ("GET /", "y"),
    ("CHUNKED", "5\r\nabcde\r\n"),
    // A chunk's extension, and what is behind the last one. Zeros before a chunk's length end with the time for a body.
    ("CHUNKED3;x=", "y"),
    ("CHUNKED0\r\n", "x: y\r\n"),
];

#[test]
fn what_has_no_end_is_ended() {
    let shop = Served::new(SHOP);
    let before = resident(&shop);
    for (begin, piece) in FLOODS {
        let begin = begin.replace("CHUNKED", CHUNKED);
        let said = flood(&shop, &begin, piece.repeat(1000).as_bytes());
        // What is sent on is left unread, and may take the answer with it.
        for status in ["101", "200", "202"] {
            assert!(
                !said.contains(&format!("HTTP/1.1 {status}")),
                "{begin}: {said}"
            );
        }
    }
    let grown = resident(&shop).saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB more");
    assert_eq!(shop.post("text/plain", "still").1, 202);
}

/// A number in what the system says of the runner.
fn status(shop: &Served, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", shop.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line
        .unwrap()
        .trim_start_matches(':')
        .split_whitespace()
        .next();
    number.unwrap().parse().unwrap()
}

/// Its memory, in KiB.
pub fn resident(shop: &Served) -> u64 {
    status(shop, "VmRSS")
}

/// Its descriptors.
fn descriptors(shop: &Served) -> usize {
    let folder = format!("/proc/{}/fd", shop.pid());
    std::fs::read_dir(folder).unwrap().count()
}

/// Starts so many clients at once, on a few threads, and returns how many saw what they were to see.
fn crowd(clients: usize, one: impl Fn() -> bool + Sync) -> usize {
    let (left, good) = (AtomicUsize::new(clients), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let another = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, another)
                    .is_ok()
                {
                    good.fetch_add(usize::from(one()), Ordering::Relaxed);
                }
            });
        }
    });
    good.into_inner()
}

/// How many of a thousand requests at once were served, and how many were told that there is no place.
fn crowded(shop: &Served) -> (u64, u64) {
    let said = python(shop, "crowd", "");
    let counts: HashMap<&str, u64> = said
        .split_whitespace()
        .map(|count| count.split_once(':').unwrap())
        .map(|(status, count)| (status, count.parse().unwrap()))
        .collect();
    let count = |status| counts.get(status).copied().unwrap_or_default();
    (count("202"), count("503"))
}

#[test]
fn a_thousand_connections_over_a_limit_of_a_hundred_leave_nothing() {
    let mut shop = Served::new(&SHOP.replace("connections = 8", "connections = 100"));
    assert_eq!(shop.post("text/plain", "first").1, 202);
    let (threads, before) = (status(&shop, "Threads"), descriptors(&shop));
    let connect = || {
        let stream = TcpStream::connect(shop.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream
    };
    // All places are taken, by clients that say nothing.
    let silent: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
    assert!(shop.raw(b"").contains("503 Service Unavailable"));
    let memory = resident(&shop);
    // A thousand more at once: each is told. On a machine that is very slow the silent ones have lost their places by then.
    let (served, told) = crowded(&shop);
    assert!(served + told == 1000 && told > 0, "{served} {told}");
    // Some are on their way out.
    until(|| descriptors(&shop) <= before + 110);
    let grown = resident(&shop).saturating_sub(memory);
    assert!(grown < 16 << 10, "{grown} KiB more");
    drop(silent);
    until(|| descriptors(&shop) <= before + 5);
    // With places, each is served or told.
    let (taken, told) = crowded(&shop);
    assert!(taken + told == 1000 && taken > 0, "{taken} {told}");
    until(|| descriptors(&shop) <= before + 5);
    // The threads that serve it, and those that the system may still be clearing away.
    until(|| status(&shop, "Threads") <= threads + 20);
    let said = shop.stop();
    let wanted = format!("channel orders: {} frames", served + taken + 1);
    assert!(said.contains(&wanted), "{said}");
}

#[test]
fn clients_that_go_in_the_middle_leave_nothing() {
    let mut shop = Served::new(&SHOP.replace("connections = 8", "connections = 100"));
    assert_eq!(shop.post("text/plain", "first").1, 202);
    let before = descriptors(&shop);
    let parts = [
        "POST /ord".to_owned(),
        format!("{HEAD}content-length: 100\r\n\r\nabc"),
        format!("{HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab"),
        "GET /alerts HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
        "GET /alerts HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_owned(),
    ];
    let gone = crowd(300, || {
        let Ok(mut stream) = TcpStream::connect(shop.address) else {
            return false;
        };
        parts.iter().all(|part| {
            let sent = stream.write_all(part.as_bytes()).is_ok();
            stream = TcpStream::connect(shop.address).unwrap();
            sent
        })
    });
    assert_eq!(gone, 300);
    // Frames wake those who look on: whoever is gone is noticed then.
    until(|| {
        shop.post("text/plain", "wake");
        descriptors(&shop) <= before + 5
    });
    shop.stop();
}
