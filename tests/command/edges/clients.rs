//! Clients of Python, with TLS and without.

use super::certificates::Authority;
use super::served::{SHOP, Served};
use crate::support::repository;
use std::process::Command;

/// What each kind of client sees.
const SEEN: [(&str, &str); 3] = [
    (
        "https",
        "202 {\"accepted\":2}\n202 {\"accepted\":2}\n400 {\"error\":",
    ),
    ("events", "200 text/event-stream\nONE TWO\n"),
    ("websocket", "101\nONE TWO\n1 70000\n10 b'there?'\n8 1000\n"),
];

/// What this client prints.
pub fn python(shop: &Served, what: &str, ca: &str) -> String {
    let output = Command::new("python3")
        .arg(repository().join("tests/command/edges/clients.py"))
        .args([what, &shop.address.to_string(), ca])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
    // What it has skipped.
    eprint!("{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn clients_of_python_see_frames_in_each_way() {
    let text = SHOP.replace("64KiB", "128KiB");
    let plain = Served::new(&text);
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.write(folder.path(), "ca");
    authority.give(folder.path(), "shop", &["localhost", "127.0.0.1"]);
    let ca = folder.path().join("ca.pem").display().to_string();
    let tls = "connections = 8\ntls = { certificate = \"shop.pem\", key = \"shop-key.pem\" }";
    let secure = Served::within(folder, &text.replace("connections = 8", tls), &[]);
    for (what, seen) in SEEN {
        for (shop, ca) in [(&plain, ""), (&secure, &ca[..])] {
            let said = python(shop, what, ca);
            assert!(said.starts_with(seen), "{what} {}: {said}", shop.scheme);
        }
    }
}
