//! Servers that break the rules: each is an error of the interface, nothing of it is left, and the guest goes on.

use super::super::handlers::{BOTH, said, web};
use super::super::served::Served;
use super::granting;
use super::peer::{Peer, head};
use crate::control::until;
use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

#[test]
fn what_breaks_the_rules_is_an_error_of_its_own_and_the_guest_goes_on() {
    let lengths = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nthere!";
    let bad = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nthere\r\n0\r\n\r\n";
    let large =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nthere\r\n";
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nhalf";
    let field = "x-more: 0123456789012345678901234567890123456789\r\n";
    let peers = [
        ("no answer", Peer::breaking(""), "HttpResponseIncomplete"),
        (
            "half a head",
            Peer::breaking("HTTP/1.1 200 OK\r\nx-half"),
            "HttpResponseIncomplete",
        ),
        (
            "an endless head",
            Peer::endless("HTTP/1.1 200 OK\r\n", field),
            "HttpResponseHeaderSectionSize",
        ),
        (
            "an endless field",
            Peer::endless("HTTP/1.1 200 OK\r\nx-more: ", "0123456789"),
            "HttpResponseHeaderSectionSize",
        ),
        ("two lengths", Peer::saying(lengths), "HttpProtocolError"),
        ("a bad chunk", Peer::saying(bad), "HttpProtocolError"),
        ("a huge chunk", Peer::saying(large), "HttpProtocolError"),
        (
            "half a body",
            Peer::breaking(broken),
            "HttpResponseIncomplete",
        ),
        (
            "half a chunk",
            Peer::breaking(chunk),
            "HttpResponseIncomplete",
        ),
        (
            "no last chunk",
            Peer::breaking(CHUNKED),
            "HttpResponseIncomplete",
        ),
    ];
    for guest in BOTH {
        let serve = match guest {
            "HTTP02" => "instances = 1, requests = 100",
            _ => "instances = 1",
        };
        let shop = Served::new(&web(guest, serve, &granting(&["http://127.0.0.1:*"])));
        for (what, peer, wanted) in &peers {
            let (text, _) = shop.curl(&format!("/gets?http://{}/", peer.address), &[]);
            assert!(text.contains(wanted), "{guest}: {what}: {text}");
            until(|| peer.open() == 0);
        }
        let asked = peers.len() + 1;
        assert_eq!(
            shop.curl("/count", &[]),
            said(&asked.to_string(), 200),
            "{guest}"
        );
    }
}

#[test]
fn answers_that_are_always_about_to_come_end_in_time() {
    let soon = Peer::endless("", "HTTP/1.1 100 Continue\r\n\r\n");
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", &granting(&["http://127.0.0.1:*"])));
        let path = format!("/timed?first-byte=200&http://{}/", soon.address);
        let (text, _) = shop.curl(&path, &[]);
        assert!(text.contains("ConnectionReadTimeout"), "{guest}: {text}");
        until(|| soon.open() == 0);
    }
}

/// More than the system and the host keep of a connection that nobody reads.
const MUCH: usize = 64 << 20;

/// How long a server waits until it takes it that its bytes go nowhere any more.
const STUCK: Duration = Duration::from_secs(2);

#[test]
fn a_body_without_end_that_nobody_reads_goes_nowhere() {
    for guest in BOTH {
        let (tell, told) = mpsc::channel();
        let endless = Peer::new(move |mut stream, _| {
            let _ = head(&mut stream);
            stream.set_write_timeout(Some(STUCK)).unwrap();
            let _ = stream.write_all(CHUNKED.as_bytes());
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut sent = 0;
            while sent < MUCH && stream.write_all(chunk.as_bytes()).is_ok() {
                sent += chunk.len();
            }
            let _ = tell.send(sent);
        });
        let more = granting(&["http://127.0.0.1:*"]);
        let shop = Served::new(&web(guest, "answer-time = \"50s\"", &more));
        let mut client = TcpStream::connect(shop.address).unwrap();
        let asked = format!(
            "GET /hold?http://{}/ HTTP/1.1\r\nhost: x\r\n\r\n",
            endless.address
        );
        client.write_all(asked.as_bytes()).unwrap();
        let sent = told.recv_timeout(super::super::served::HUNG).unwrap();
        assert!(sent < MUCH, "{guest}: {sent} bytes went somewhere");
        // Others are answered meanwhile.
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
    }
}
