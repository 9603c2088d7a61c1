//! HTTPS: what clients of others see of it, whose certificates are asked for, and what becomes of files that change.

use super::certificates::Authority;
use super::served::{HUNG, SHOP, Served};
use super::stderr;
use crate::control::until;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The names of the listener.
const HERE: &[&str] = &["localhost", "127.0.0.1"];

/// The shop with TLS.
fn secure(more: &str) -> String {
    let tls = format!("tls = {{ certificate = \"shop.pem\", key = \"shop-key.pem\"{more} }}");
    SHOP.replace("connections = 8", &format!("connections = 8\n{tls}"))
}

/// A folder with the certificates of an authority and of the shop.
fn folder(authority: &Authority) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    authority.write(folder.path(), "ca");
    authority.give(folder.path(), "shop", HERE);
    folder
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// The same, once the folder is the listener's.
fn file(folder: &str, name: &str) -> String {
    format!("{folder}/{name}")
}

#[test]
fn curl_speaks_both_versions_and_believes_the_certificate() {
    let folder = folder(&Authority::new());
    let ca = path(&folder, "ca.pem");
    let shop = Served::within(folder, &secure(""), &[]);
    assert_eq!(shop.scheme, "https");
    for (version, shown) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let arguments = [
            "--cacert",
            &ca,
            version,
            "-H",
            "content-type: text/plain",
            "--data",
            "one",
            "--write-out",
            "%{http_version}\n%{http_code}",
        ];
        let (said, status) = shop.curl("/orders", &arguments);
        assert_eq!(
            (said, status),
            (format!("{{\"accepted\":1}}\n{shown}"), 202)
        );
    }
    // Who does not know the authority gets nothing.
    let (said, status) = shop.curl("/orders", &["--data", "one"]);
    assert_eq!((said.as_str(), status), ("", 0));
    // HTTP/2 needs no TLS, for those who know that it is there.
    let plain = Served::new(SHOP);
    let arguments = [
        "--http2-prior-knowledge",
        "--write-out",
        "%{http_version}\n%{http_code}",
    ];
    let (said, status) = plain.curl("/nothing", &arguments);
    assert!(said.ends_with("\n2"), "{said}");
    assert_eq!(status, 404);
}

/// What `openssl s_client` says of the listener.
fn s_client(shop: &Served, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &shop.address.to_string()])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn openssl_agrees_on_new_versions_and_on_a_protocol() {
    let folder = folder(&Authority::new());
    let ca = path(&folder, "ca.pem");
    let shop = Served::within(folder, &secure(""), &[]);
    for (alpn, wanted) in [
        ("h2,http/1.1", "ALPN protocol: h2"),
        ("http/1.1", "ALPN protocol: http/1.1"),
    ] {
        let said = s_client(&shop, &["-CAfile", &ca, "-alpn", alpn]);
        for part in ["Verify return code: 0 (ok)", "TLSv1.3", wanted] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let said = s_client(&shop, &["-CAfile", &ca, "-tls1_2"]);
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    for old in ["-tls1", "-tls1_1"] {
        let said = s_client(&shop, &[old, "-cipher", "DEFAULT:@SECLEVEL=0"]);
        assert!(said.contains("Cipher is (NONE)"), "{said}");
    }
}

#[test]
fn clients_show_a_certificate_where_it_is_demanded() {
    let authority = Authority::new();
    let folder = folder(&authority);
    authority.give(folder.path(), "me", &["me"]);
    Authority::new().give(folder.path(), "other", &["me"]);
    let at = folder.path().display().to_string();
    let mut shop = Served::within(folder, &secure(", clients = \"ca.pem\""), &[]);
    let ca = file(&at, "ca.pem");
    let asks = |who: Option<&str>| {
        let files = who.map(|who| {
            (
                file(&at, &format!("{who}.pem")),
                file(&at, &format!("{who}-key.pem")),
            )
        });
        let mut arguments = vec!["--cacert", &ca];
        if let Some((certificate, key)) = &files {
            arguments.extend(["--cert", certificate, "--key", key]);
        }
        shop.curl("/nothing", &arguments).1
    };
    assert_eq!(asks(Some("me")), 404);
    assert_eq!((asks(None), asks(Some("other"))), (0, 0));
    assert_eq!(asks(Some("me")), 404);
    let log = shop.log();
    assert_eq!(log.matches("before TLS was agreed on").count(), 1, "{log}");
    shop.stop();
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart_and_half_of_one_is_not() {
    let (old, new) = (Authority::new(), Authority::new());
    let folder = folder(&old);
    new.write(folder.path(), "new-ca");
    new.give(folder.path(), "new", HERE);
    let at = folder.path().display().to_string();
    let mut shop = Served::within(folder, &secure(""), &[]);
    let believes = |ca: &str| shop.curl("/nothing", &["--cacert", &file(&at, ca)]).1 == 404;
    assert!(believes("ca.pem") && !believes("new-ca.pem"));
    // As it may be in the middle of a renewal.
    std::fs::copy(file(&at, "new.pem"), file(&at, "shop.pem")).unwrap();
    until(|| {
        assert!(believes("ca.pem"));
        shop.log()
            .contains("the certificate that was read before stays in use")
    });
    std::fs::copy(file(&at, "new-key.pem"), file(&at, "shop-key.pem")).unwrap();
    until(|| believes("new-ca.pem"));
    assert!(!believes("ca.pem"));
    let log = shop.log();
    assert!(log.contains("is that of another certificate"), "{log}");
    assert!(log.contains("was read again"), "{log}");
    shop.stop();
}

#[test]
fn what_is_no_tls_ends_itself_and_nobody_else() {
    let folder = folder(&Authority::new());
    let ca = path(&folder, "ca.pem");
    let mut shop = Served::within(folder, &secure(""), &[]);
    let stream = || {
        let stream = TcpStream::connect(shop.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream
    };
    // Connections that say nothing have places, but not all.
    let silent: Vec<TcpStream> = (0..6).map(|_| stream()).collect();
    let said = shop.raw(b"GET /alerts HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(
        said.contains("400") && said.contains("speaks https only"),
        "{said}"
    );
    let mut garbage = vec![0x16, 3, 1, 0xff, 0xff];
    garbage.extend([0xaa; 70_000]);
    for bytes in [&garbage[..], &[0; 1000], &[0xff; 10]] {
        let mut stream = stream();
        // It may be closed before all of it is sent.
        let _ = stream.write_all(bytes);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(said.len() < 100, "{said:?}");
        assert_eq!(shop.curl("/nothing", &["--cacert", &ca]).1, 404);
    }
    drop(silent);
    let log = shop.log();
    assert_eq!(log.matches("before TLS was agreed on").count(), 1, "{log}");
    shop.stop();
}

#[test]
fn files_that_make_no_tls_are_told_before_anything_starts() {
    let folder = folder(&Authority::new());
    let text = secure("");
    let refused = |text: &str| {
        let assert = super::command(folder.path(), text).assert().failure();
        let said = stderr(&assert);
        assert!(!said.contains("started"), "{said}");
        said
    };
    let missing = text.replace("shop-key.pem", "none.pem");
    let said = refused(&missing);
    let wanted = "http `shop`: tls: key none.pem: No such file";
    assert!(said.contains(wanted), "{said}");
    let said = refused(&text.replace("certificate = \"shop.pem\"", "certificate = \"none.pem\""));
    assert!(said.contains("tls: certificate "), "{said}");
    let said = refused(&text.replace("key = \"shop-key.pem\"", "key = \"shop.pem\""));
    assert!(
        said.contains("holds nothing of the kind in PEM form"),
        "{said}"
    );
    Authority::new().give(folder.path(), "other", HERE);
    let said = refused(&text.replace("key = \"shop-key.pem\"", "key = \"other-key.pem\""));
    assert!(said.contains("is that of another certificate"), "{said}");
    let said = refused(&secure(", clients = \"none.pem\""));
    assert!(said.contains("tls: clients: authorities "), "{said}");
    let said = refused(&text.replace("key = \"shop-key.pem\"", "kee = \"shop-key.pem\""));
    assert!(said.contains("kee"), "{said}");
    // A check says the same.
    super::manifest(folder.path(), &missing);
    let check = crate::weft::weft()
        .current_dir(folder.path())
        .args(["check", "weft.toml"])
        .assert()
        .code(2);
    assert!(stderr(&check).contains(wanted), "{}", stderr(&check));
}
