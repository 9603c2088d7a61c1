//! Servers that keep a guest waiting: the times of the guest's own, and those of the host.

use super::super::handlers::{BOTH, said, web};
use super::super::served::Served;
use super::granting;
use super::peer::Peer;
use crate::control::until;

/// One instance of the guest for all that is asked, which may ask this machine.
fn one(guest: &str, more: &str) -> Served {
    let granted = granting(&["http://127.0.0.1:*", "https://127.0.0.1:*"]);
    let serve = match guest {
        "HTTP02" => "instances = 1, requests = 100, answer-time = \"50s\"",
        _ => "instances = 1, answer-time = \"50s\"",
    };
    Served::new(&format!("{}\n{more}", web(guest, serve, &granted)))
}

#[test]
fn a_guest_waits_as_long_as_it_says_and_goes_on() {
    for guest in BOTH {
        let silent = Peer::saying("");
        let half = Peer::saying("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        let (s, h) = (silent.address, half.address);
        let shop = one(guest, "");
        for (what, wanted) in [
            // A server that says nothing agrees on no TLS either.
            (format!("connect=100&https://{s}/"), "ConnectionTimeout"),
            (
                format!("first-byte=100&http://{s}/"),
                "ConnectionReadTimeout",
            ),
            (
                format!("between-bytes=100&http://{h}/"),
                "ConnectionReadTimeout",
            ),
        ] {
            let (text, _) = shop.curl(&format!("/timed?{what}"), &[]);
            assert!(text.contains(wanted), "{guest} {what}: {text}");
        }
        // Nothing of it is left, and the guest is the one that asked.
        until(|| silent.open() + half.open() == 0);
        assert_eq!(shop.curl("/count", &[]), said("4", 200), "{guest}");
    }
}

#[test]
fn a_guest_does_not_wait_longer_for_a_connection_than_the_manifest_says() {
    for guest in BOTH {
        let silent = Peer::saying("");
        let shop = one(guest, "[network]\nconnect-time = \"100ms\"\n");
        let an_hour = format!("/timed?connect=3600000&https://{}/", silent.address);
        let (text, _) = shop.curl(&an_hour, &[]);
        assert!(text.contains("ConnectionTimeout"), "{guest}: {text}");
        until(|| silent.open() == 0);
    }
}
