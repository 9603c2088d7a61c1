//! Clients that mean no good: the guest serves the others, and hears nothing of them.

use super::certificates::Authority;
use super::{host_with, play, said_by_host, told};
use crate::net::{listening, until};
use crate::support::block_on;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weft_host::usage::Usage;

const RIGHTS: [&str; 2] = ["listen=tls://127.0.0.1:0", "certificate=www"];
const ADDRESS: &str = "tls://127.0.0.1:0";

#[test]
fn whoever_speaks_no_tls_is_turned_away_and_the_log_says_so_once() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(authority.network(false)).await;
        let options = play("who", ADDRESS, "certificate=www", &RIGHTS);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        for garbage in [
            &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
            &[0xff; 5000],
            // A record that is longer than any may be.
            &[0x16, 0x03, 0x01, 0xff, 0xff, 0, 0],
            // An alert, and an end in the middle of a hello.
            &[0x15, 0x03, 0x03, 0, 2, 2, 40],
            &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00],
        ] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(garbage).await.unwrap();
            client.shutdown().await.unwrap();
            // An alert, an end or a reset.
            let _ = client.read_to_end(&mut Vec::new()).await;
        }
        let config = authority.client(None, &[]);
        let mut client = authority.connect(address, config).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(told(&process).await.as_deref(), Ok("[] None"));
        let said = said_by_host(&process).await;
        let away = said
            .iter()
            .filter(|it| it.body.starts_with("a client was turned away"));
        assert_eq!(away.count(), 1, "{said:?}");
        drop(process);
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn handshakes_that_never_end_keep_nobody_out_for_long() {
    block_on(async {
        let authority = Authority::new();
        let host = host_with(
            authority
                .network(false)
                .connect_time(Duration::from_secs(1)),
        )
        .await;
        let options = play("who", ADDRESS, "certificate=www", &RIGHTS);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut slow = Vec::new();
        for _ in 0..200 {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
            slow.push(client);
        }
        // The listener, and as many as may be under way.
        assert!(host.usage().open_files <= 65, "{:?}", host.usage());
        let config = authority.client(None, &[]);
        let mut client = authority.connect(address, config).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(told(&process).await.as_deref(), Ok("[] None"));
        for client in &mut slow {
            let _ = client.read(&mut [0; 1]).await;
        }
    });
}
