//! Requests over TLS: whose certificates are believed, and which version of HTTP is spoken.

use super::super::certificates::Authority;
use super::super::handlers::{BOTH, said, web};
use super::super::served::Served;
use super::peer::{Peer, tls};
use super::{get, granting};
use tempfile::TempDir;

/// A folder with the certificate of an authority, `ca.pem`, and one of a server of this name that it has signed.
fn folder(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.write(folder.path(), "ca");
    authority.give(folder.path(), "server", &[name]);
    folder
}

/// A guest that asks `https` servers of this machine, and believes the authority of its folder.
fn believing(guest: &str) -> String {
    let granted = granting(&["https://localhost:*", "https://127.0.0.1:*"]);
    let text = web(guest, "", &granted);
    format!("{text}\n[network]\nauthorities = \"ca.pem\"\n")
}

#[test]
fn a_certificate_of_an_authority_of_the_manifest_is_believed() {
    for guest in BOTH {
        for name in ["localhost", "127.0.0.1"] {
            let folder = folder(name);
            let there = Peer::secure(tls(folder.path(), "server", &["http/1.1"]));
            let shop = Served::within(folder, &believing(guest), &[]);
            let url = format!("https://{name}:{}/a", there.port());
            assert_eq!(get(&shop, &url), said("there", 200), "{guest} {name}");
            assert_eq!(there.asked(), [["GET /a HTTP/1.1"]]);
        }
    }
}

#[test]
fn a_certificate_of_another_authority_or_another_host_is_refused_before_anything_is_asked() {
    for guest in BOTH {
        let folder = folder("other.example");
        let other = self::folder("localhost");
        let elsewhere = Peer::secure(tls(folder.path(), "server", &[]));
        let unknown = Peer::secure(tls(other.path(), "server", &[]));
        let shop = Served::within(folder, &believing(guest), &[]);
        for peer in [&elsewhere, &unknown] {
            let (text, _) = get(&shop, &format!("https://localhost:{}/", peer.port()));
            assert!(text.contains("TlsCertificateError"), "{guest}: {text}");
            let asked = peer.asked().concat();
            assert!(asked.is_empty(), "{guest}: {asked:?}");
        }
    }
}

#[test]
fn http_2_is_spoken_with_a_server_that_offers_it_on_few_connections() {
    for guest in BOTH {
        let folder = folder("localhost");
        let there = Peer::secure(tls(folder.path(), "server", &["h2", "http/1.1"]));
        let shop = Served::within(folder, &believing(guest), &[]);
        let url = format!("https://localhost:{}/", there.port());
        let urls = vec![url.as_str(); 20].join("&");
        let (text, _) = shop.curl(&format!("/gets?{urls}"), &[]);
        assert_eq!(text, vec!["200 there"; 20].join(" "), "{guest}");
        let asked = there.asked();
        let all: Vec<String> = asked.concat();
        assert_eq!(all, vec!["HTTP/2"; 20], "{guest}");
        assert_eq!(asked.len(), 1, "{guest}: {asked:?}");
    }
}
