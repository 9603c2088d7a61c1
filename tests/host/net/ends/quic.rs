//! QUIC between guests, and with a client and a server of the test's own.

use super::certificates::Authority;
use super::{host_with, play, played, said_by_host, told};
use crate::net::{listening, until};
use crate::support::{block_on, end};
use quinn::crypto::rustls::QuicClientConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use weft_host::Process;
use weft_host::usage::Usage;

const ANY: &str = "connect=quic://localhost:*";
const RIGHTS: [&str; 2] = ["listen=quic://127.0.0.1:0", "certificate=www"];

async fn echo(host: &weft_host::Host, sessions: u32) -> (Process, String, SocketAddr) {
    let options = play(
        "quic-echo",
        "quic://127.0.0.1:0",
        &sessions.to_string(),
        &RIGHTS,
    );
    let process = host.start(options).unwrap();
    let address = listening(&process).await;
    (
        process,
        format!("quic://localhost:{}", address.port()),
        address,
    )
}

#[test]
fn guests_talk_on_many_streams_of_one_connection() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let (server, address, at) = echo(&host, 1).await;
        let heard = played(&host, play("quic-say", &address, "50", &[ANY])).await;
        let wanted = format!("heard 50 from quic://{at} [\"localhost\"] Some(\"echo\")");
        assert_eq!(heard, Ok(wanted));
        assert_eq!(told(&server).await.as_deref(), Ok("echoed 50 streams"));
        drop(server);
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn every_byte_of_a_stream_arrives_in_order() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let (server, address, _) = echo(&host, 3).await;
        for count in [0, 64, 4 << 20] {
            let options = play("quic-transfer", &address, &count.to_string(), &[ANY]);
            let heard = played(&host, options).await;
            assert_eq!(heard, Ok(format!("transferred {count} true")));
        }
        told(&server).await.unwrap();
    });
}

#[test]
fn datagrams_are_frames_and_those_that_are_too_large_are_told_of() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let (server, address, _) = echo(&host, 1).await;
        let client = host
            .start(play("quic-datagrams", &address, "", &[ANY]))
            .unwrap();
        let heard = told(&client).await;
        assert_eq!(heard.as_deref(), Ok("here I am Some(Closed)"));
        let said = said_by_host(&client).await;
        let large = said
            .iter()
            .filter(|it| it.body.starts_with("a frame of 60000 bytes"));
        assert_eq!(large.count(), 1, "{said:?}");
        told(&server).await.unwrap();
    });
}

#[test]
fn streams_are_bounded_by_the_limits_of_both_sides() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let (server, address, _) = echo(&host, 1).await;
        let mut options = play("quic-open-many", &address, "100", &[ANY]);
        options.limits.channels = Some(20);
        let heard = played(&host, options).await.unwrap();
        assert!(heard.starts_with("10 open, then Exhausted"), "{heard}");
        told(&server).await.unwrap();
    });
}

#[test]
fn what_no_right_allows_is_denied() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        for (what, address, rights, wanted) in [
            (
                "quic-say",
                "quic://localhost:1",
                vec!["connect=tls://localhost:1"],
                "connect(quic://localhost:1)",
            ),
            (
                "quic-echo",
                "quic://127.0.0.1:0",
                vec!["listen=tls://127.0.0.1:0"],
                "listen(quic://127.0.0.1:0)",
            ),
            (
                "quic-echo",
                "quic://127.0.0.1:0",
                vec![RIGHTS[0]],
                "certificate(www)",
            ),
        ] {
            let error = played(&host, play(what, address, "1", &rights))
                .await
                .unwrap_err();
            assert!(error.contains(wanted), "{error}");
        }
    });
}

/// A client of quinn's own.
fn client(authority: &Authority, shown: Option<&str>) -> quinn::Endpoint {
    let tls = authority.client(shown, &["echo"]);
    let tls = QuicClientConfig::try_from(tls).unwrap();
    let mut endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(tls)));
    endpoint
}

#[test]
fn a_client_that_goes_and_one_that_is_refused_leave_nothing() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(true)).await;
        authority.sign("ada", &["ada.example"]);
        let (server, _, address) = echo(&host, 1).await;
        // Without a certificate.
        let endpoint = client(&authority, None);
        let refused = match endpoint.connect(address, "localhost").unwrap().await {
            Ok(connection) => connection.closed().await,
            Err(error) => error,
        };
        assert!(refused.to_string().contains("ertificate"), "{refused}");
        // With one, and gone in the middle of a stream.
        let known = client(&authority, Some("ada"));
        let connection = known.connect(address, "localhost").unwrap().await.unwrap();
        let (mut send, mut receive) = connection.open_bi().await.unwrap();
        send.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        receive.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        connection.close(3u32.into(), b"enough");
        assert_eq!(told(&server).await.as_deref(), Ok("echoed 1 streams"));
        endpoint.wait_idle().await;
        known.wait_idle().await;
        drop(server);
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn a_killed_process_closes_its_sessions() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let (server, _, address) = echo(&host, 9).await;
        let endpoint = client(&authority, None);
        let connection = endpoint
            .connect(address, "localhost")
            .unwrap()
            .await
            .unwrap();
        let (mut send, mut receive) = connection.open_bi().await.unwrap();
        send.write_all(b"x").await.unwrap();
        receive.read_exact(&mut [0; 1]).await.unwrap();
        server.kill();
        end(&server).await;
        connection.closed().await;
        drop(server);
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn nobody_there_ends_in_time() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(
            authority
                .network(false)
                .connect_time(Duration::from_millis(200)),
        )
        .await;
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = format!("quic://localhost:{}", socket.local_addr().unwrap().port());
        let error = played(&host, play("quic-say", &address, "1", &[ANY])).await;
        assert!(error.unwrap_err().contains("did not come about in time"));
        until(|| host.usage() == Usage::default()).await;
    });
}
