//! Guests that ask other servers: what they may ask, over which connections, and what they are told when it goes wrong.

mod hostile;
mod late;
mod others;
mod paid;
pub mod peer;
mod secure;

use super::handlers::{BOTH, said, web};
use super::served::Served;
use peer::Peer;
use std::net::TcpListener;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nthere";

/// A manifest key that allows these patterns.
fn granting(patterns: &[&str]) -> String {
    let patterns = patterns.iter().map(|it| format!("\"connect={it}\""));
    let patterns: Vec<_> = patterns.collect();
    format!("capabilities = [{}]", patterns.join(", "))
}

/// What a guest says that asks for this.
fn get(shop: &Served, url: &str) -> (String, u16) {
    shop.curl(&format!("/get?{url}"), &[])
}

#[test]
fn a_guest_asks_other_servers_by_its_rights() {
    let there = Peer::answering(OK);
    let address = there.address;
    for guest in BOTH {
        let granted = granting(&[&format!("http://{address}/open")]);
        let mut shop = Served::new(&web(guest, "", &granted));
        let url = format!("http://{address}/open/a");
        assert_eq!(get(&shop, &url), said("there", 200), "{guest}");
        for url in [
            format!("http://{address}/shut"),
            format!("http://{address}/open/../shut"),
            format!("https://{address}/open"),
            "http://example.com/".to_owned(),
        ] {
            let (text, _) = get(&shop, &url);
            assert!(text.contains("HttpRequestDenied"), "{guest} {url}: {text}");
        }
        let log = shop.stop();
        assert!(
            log.contains("connect=http://example.com:80"),
            "{guest}: {log}"
        );
    }
}

#[test]
fn localhost_is_asked_with_a_path_and_without() {
    let there = Peer::answering(OK);
    let host = format!("localhost:{}", there.port());
    for guest in BOTH {
        for (path, shut) in [("", false), ("/v1", true)] {
            let granted = granting(&[&format!("http://{host}{path}")]);
            let shop = Served::new(&web(guest, "", &granted));
            let url = format!("http://{host}/v1/a");
            assert_eq!(get(&shop, &url), said("there", 200), "{guest} {path}");
            let (text, _) = get(&shop, &format!("http://{host}/v2"));
            let denied = text.contains("HttpRequestDenied");
            assert_eq!(denied, shut, "{guest} {path}: {text}");
        }
    }
}

/// A query that asks for so many paths that begin like this.
fn many(peer: &Peer, path: &str, times: usize) -> String {
    let urls = (0..times).map(|n| format!("http://{}/{path}/{n}", peer.address));
    urls.collect::<Vec<_>>().join("&")
}

#[test]
fn requests_of_a_process_share_connections_and_processes_share_none() {
    for (guest, serve) in [("HTTP02", ""), ("HTTP03", "requests = 1")] {
        let there = Peer::answering(OK);
        let granted = granting(&[&format!("http://{}", there.address)]);
        let shop = Served::new(&web(guest, serve, &granted));
        for who in ["a", "b"] {
            let (text, _) = shop.curl(&format!("/gets?{}", many(&there, who, 20)), &[]);
            assert_eq!(text, vec!["200 there"; 20].join(" "), "{guest}");
        }
        let asked = there.asked();
        let of = |who: &str| {
            let begin = format!("GET /{who}/");
            let is_of = |line: &String| line.starts_with(&begin);
            let of = asked.iter().map(|lines| lines.iter().any(is_of));
            of.collect::<Vec<bool>>()
        };
        let (a, b) = (of("a"), of("b"));
        assert!(
            a.iter().zip(&b).all(|(a, b)| !(a & b)),
            "{guest}: {asked:?}"
        );
        for used in [a, b] {
            // Most requests find a connection; one that is not free again yet makes for another one.
            let used = used.into_iter().filter(|used| *used).count();
            assert!((1..15).contains(&used), "{guest}: {asked:?}");
        }
    }
}

#[test]
fn an_instance_that_answers_several_requests_keeps_its_connections() {
    for (guest, serve) in [("HTTP02", "requests = 20"), ("HTTP03", "")] {
        let there = Peer::answering(OK);
        let granted = granting(&[&format!("http://{}", there.address)]);
        let serve = format!("instances = 1, {serve}");
        let shop = Served::new(&web(guest, serve.trim_end_matches(", "), &granted));
        for n in 0..10 {
            let url = format!("http://{}/{n}", there.address);
            assert_eq!(get(&shop, &url), said("there", 200), "{guest}");
        }
        let asked = there.asked();
        assert!(asked.len() < 10, "{guest}: {asked:?}");
    }
}

#[test]
fn a_server_that_fails_or_is_silent_is_told_by_an_error_of_its_own() {
    let refused = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let garbage = Peer::answering("no such thing\r\n\r\n").address;
    for guest in BOTH {
        let more = granting(&["http://127.0.0.1:*", "https://127.0.0.1:*"]);
        let shop = Served::new(&web(guest, "", &more));
        let get = |url: String| get(&shop, &url).0;
        let text = get(format!("http://{refused}/"));
        assert!(text.contains("ConnectionRefused"), "{guest}: {text}");
        let text = get(format!("http://{garbage}/"));
        assert!(text.contains("HttpProtocolError"), "{guest}: {text}");
    }
}

#[test]
fn a_server_that_speaks_no_tls_is_told_from_one_that_is_not_trusted() {
    // It says so before the client has said anything, as what a client of TLS says has no end of a head.
    let plain = Peer::new(|mut stream, _| {
        let _ = std::io::Write::write_all(&mut stream, b"no such thing\r\n\r\n");
        let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    });
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", &granting(&["https://127.0.0.1:*"])));
        let (text, _) = get(&shop, &format!("https://{}/", plain.address));
        assert!(text.contains("TlsProtocolError"), "{guest}: {text}");
    }
}
