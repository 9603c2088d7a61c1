//! TLS in both directions: what goes through, who is believed, and which certificate is shown.

use super::certificates::Authority;
use super::{Told, host_of, host_with, line, play, played, said_by_host, told};
use crate::net::{listening, until};
use crate::support::block_on;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use weft_host::usage::Usage;

const ANY: &str = "connect=tls://localhost:*";
const LISTEN: &str = "listen=tls://127.0.0.1:0";
const WWW: &str = "certificate=www";
const ADDRESS: &str = "tls://127.0.0.1:0";

/// Echoes what each client sends over TLS, until it is dropped.
struct Echo(SocketAddr, tokio::task::JoinHandle<()>);

impl Drop for Echo {
    fn drop(&mut self) {
        self.1.abort();
    }
}

async fn echo(authority: &Authority, name: &str) -> Echo {
    let acceptor = authority.acceptor(name, &["echo"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut clients = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            clients.spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let (mut read, mut write) = tokio::io::split(stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    Echo(address, task)
}

#[test]
fn a_guest_connects_to_a_server_whose_certificate_is_believed() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let echo = echo(&authority, "www").await;
        let address = format!("tls://localhost:{}", echo.0.port());
        let heard = played(&host, play("say", &address, "alpn echo", &[ANY])).await;
        let wanted = format!("hello from tls://{} [\"localhost\"] by echo", echo.0);
        assert_eq!(heard, Ok(wanted));
        for count in ["0", "64", "16777216"] {
            let heard = played(&host, play("transfer", &address, count, &[ANY])).await;
            assert_eq!(heard, Ok(format!("transferred {count}")));
        }
        // `tcp` is not `tls`.
        let options = play("say", &address, "", &["connect=tcp://localhost:*"]);
        let error = played(&host, options).await.unwrap_err();
        assert!(error.contains("lacks the right `connect(tls://"), "{error}");
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn a_server_that_is_not_believed_is_told_from_others() {
    block_on(async {
        let (authority, other) = (Authority::new(), Authority::new());
        let host = host_with(authority.network(false)).await;
        let believes_nobody = host_of(&Told::default()).await;
        other.sign("www", &["localhost"]);
        authority.sign("elsewhere", &["elsewhere.example"]);
        let (right, wrong) = (echo(&authority, "www").await, echo(&other, "www").await);
        let elsewhere = echo(&authority, "elsewhere").await;
        let plain = crate::net::echo().await;
        for (host, port, wanted) in [
            // Its authority has the name of one that is believed.
            (&host, wrong.0.port(), "BadSignature"),
            (&believes_nobody, right.0.port(), "UnknownIssuer"),
            (&host, elsewhere.0.port(), "certificate not valid for name"),
            (&host, plain.address.port(), "TLS: "),
        ] {
            let address = format!("tls://localhost:{port}");
            let error = played(host, play("say", &address, "", &[ANY])).await;
            let error = error.unwrap_err();
            assert!(
                error.starts_with("TLS: ") && error.contains(wanted),
                "{error}"
            );
        }
    });
}

#[test]
fn a_guest_shows_a_certificate_that_the_host_has() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let options = play(
            "echo",
            ADDRESS,
            "3 certificate=www alpn=echo",
            &[LISTEN, WWW],
        );
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        for count in [0, 64, 2 << 20] {
            let config = authority.client(None, &["other", "echo"]);
            let stream = authority.connect(address, config).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"echo"[..]));
            let (mut read, mut write) = tokio::io::split(stream);
            let all: Vec<u8> = (0..count).map(|at| (at % 251) as u8).collect();
            let sent = all.clone();
            let sending = tokio::spawn(async move {
                write.write_all(&sent).await.unwrap();
                // The end of one direction, in which the other goes on.
                write.shutdown().await.unwrap();
            });
            let mut heard = Vec::new();
            read.read_to_end(&mut heard).await.unwrap();
            sending.await.unwrap();
            assert!(heard == all, "{} bytes came back", heard.len());
        }
        assert_eq!(told(&process).await.as_deref(), Ok("echoed 2097216"));
    });
}

#[test]
fn a_certificate_needs_its_right_and_the_host_to_have_it() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        for (with, rights, wanted, logged) in [
            ("", vec![LISTEN, WWW], "certificate: none given", None),
            (
                "certificate=www",
                vec![LISTEN, "certificate=web"],
                "lacks the right `certificate(www)`",
                Some("a call was denied: it needs `certificate=www`"),
            ),
            (
                "certificate=web",
                vec![LISTEN, "certificate=web"],
                "this host has none called `web`",
                None,
            ),
            (
                "certificate=www",
                vec!["listen=tcp://127.0.0.1:0", WWW],
                "lacks the right `listen(tls://127.0.0.1:0)`",
                Some("a call was denied: it needs `listen=tls://127.0.0.1:0`"),
            ),
        ] {
            let process = host.start(play("echo", ADDRESS, with, &rights)).unwrap();
            let error = told(&process).await.unwrap_err();
            assert!(error.contains(wanted), "{error}");
            let said = said_by_host(&process).await;
            let said: Vec<_> = said.iter().map(|entry| entry.body.as_str()).collect();
            assert_eq!(said, logged.into_iter().collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_certificate_is_read_again_when_it_changes() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let options = play("echo", ADDRESS, "99 certificate=www", &[LISTEN, WWW]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let shown = async || {
            let config = authority.client(None, &[]);
            let stream = authority.connect(address, config).await.unwrap();
            let shown = stream.get_ref().1.peer_certificates().unwrap();
            shown[0].as_ref().to_vec()
        };
        let first = shown().await;
        assert!(
            first == shown().await,
            "it is the same as long as the files are"
        );
        authority.sign("www", &["localhost", "new.example"]);
        while first == shown().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

#[test]
fn clients_must_show_a_certificate_where_that_is_demanded() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(true)).await;
        authority.sign("ada", &["ada.example"]);
        let options = play("who", ADDRESS, "certificate=www", &[LISTEN, WWW]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        // Without one, and with one of somebody else.
        let other = Authority::new();
        other.sign("eve", &["ada.example"]);
        let strangers = [authority.client(None, &[]), {
            let mut config = authority.client(None, &[]);
            let eve = other.client(Some("eve"), &[]);
            config.client_auth_cert_resolver = eve.client_auth_cert_resolver;
            config
        }];
        for config in strangers {
            // TLS 1.3 tells a client that it is refused when it reads first.
            let refused = match authority.connect(address, config).await {
                Ok(mut stream) => stream.read(&mut [0; 1]).await.map(drop),
                Err(error) => Err(error),
            };
            assert!(refused.is_err());
        }
        let config = authority.client(Some("ada"), &[]);
        let mut stream = authority.connect(address, config).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "ada.example");
        assert_eq!(
            told(&process).await.as_deref(),
            Ok("[\"ada.example\"] None")
        );
        let said = said_by_host(&process).await;
        let away = said
            .iter()
            .filter(|it| it.body.starts_with("a client was turned away"));
        assert_eq!(away.count(), 1, "{said:?}");
    });
}

#[test]
fn an_end_without_a_word_of_tls_is_no_end() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let options = play(
            "read-to-the-end",
            ADDRESS,
            "certificate=www",
            &[LISTEN, WWW],
        );
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let config = authority.client(None, &[]);
        let mut stream = authority.connect(address, config).await.unwrap();
        stream.write_all(b"half of it").await.unwrap();
        line(&process, "accepted").await;
        let (mut tcp, _) = stream.into_inner();
        tcp.shutdown().await.unwrap();
        let heard = told(&process).await.unwrap();
        assert!(heard.starts_with("Err(Terminated)"), "{heard}");
    });
}

#[test]
fn openssl_talks_to_a_guest() {
    block_on(async {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("there is no openssl here: nothing was tried");
            return;
        }
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let options = play("who", ADDRESS, "certificate=www", &[LISTEN, WWW]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let authorities = authority.file("ca.pem");
        let talk = move || {
            let mut client = Command::new("openssl")
                .args([
                    "s_client",
                    "-verify_return_error",
                    "-servername",
                    "localhost",
                ])
                .args([
                    "-verify_hostname",
                    "localhost",
                    "-connect",
                    &address.to_string(),
                ])
                .arg("-CAfile")
                .arg(authorities)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // `Q` ends it, with a word of TLS.
            client
                .stdin
                .take()
                .unwrap()
                .write_all(b"hello\nQ\n")
                .unwrap();
            client.wait_with_output().unwrap()
        };
        let output = tokio::task::spawn_blocking(talk).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("Verify return code: 0 (ok)"), "{text}");
        told(&process).await.unwrap();
    });
}
