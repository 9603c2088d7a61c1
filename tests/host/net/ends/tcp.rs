//! What goes through TCP, how it ends, and what a right allows.

use super::{host_of, line, play, play_blocking, played, said_by_host, told};
use crate::net::{Told, echo, listening, until};
use crate::support::{block_on, end};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weft_host::Host;
use weft_host::usage::Usage;

const ANY: &str = "connect=tcp://127.0.0.1:*";
const LISTEN: &str = "listen=tcp://127.0.0.1:0";

/// Bytes of a test's own, to tell what comes back from anything else.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 7 % 253) as u8).collect()
}

#[test]
fn a_guest_connects_to_whom_its_right_names() {
    block_on(async {
        let host = host_of(&Told::of(&[("db.example", &[&["127.0.0.1"]])])).await;
        let echo = echo().await;
        let port = echo.address.port();
        for (address, right) in [
            (format!("tcp://127.0.0.1:{port}"), ANY.to_owned()),
            (
                format!("tcp://localhost:{port}"),
                format!("connect=tcp://localhost:{port}"),
            ),
        ] {
            let heard = played(&host, play("say", &address, "", &[&right])).await;
            let wanted = format!("hello from tcp://{} []", echo.address);
            assert_eq!(heard, Ok(wanted), "{right}");
        }
        // A name that has an address inside needs that address, too.
        let address = format!("tcp://db.example:{port}");
        let name = format!("connect=tcp://db.example:{port}");
        let heard = played(&host, play("say", &address, "", &[&name, ANY])).await;
        assert!(heard.unwrap().starts_with("hello"));
    });
}

#[test]
fn every_byte_arrives_in_order_whatever_its_amount() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = format!("tcp://{}", echo.address);
        for count in ["0", "1", "64", "65537", "1048576", "33554432"] {
            let heard = played(&host, play("transfer", &address, count, &[ANY])).await;
            assert_eq!(heard, Ok(format!("transferred {count}")));
        }
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn clients_are_served_beside_each_other_by_both_kinds_of_guests() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let all = bytes(1 << 20);
        for options in [
            play("echo", "tcp://127.0.0.1:0", "3", &[LISTEN]),
            play_blocking("tcp://127.0.0.1:0", 3, &[LISTEN]),
        ] {
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            let mut clients = tokio::task::JoinSet::new();
            for _ in 0..3 {
                let all = all.clone();
                clients.spawn(async move {
                    let stream = TcpStream::connect(address).await.unwrap();
                    let (mut read, mut write) = stream.into_split();
                    let sent = all.clone();
                    let sending = tokio::spawn(async move {
                        write.write_all(&sent).await.unwrap();
                        write.shutdown().await.unwrap();
                        write
                    });
                    let mut heard = Vec::new();
                    read.read_to_end(&mut heard).await.unwrap();
                    assert!(heard == all, "{} bytes came back", heard.len());
                    sending.await.unwrap();
                });
            }
            clients.join_all().await;
            let heard = told(&process).await.unwrap();
            assert!(heard.contains("3145728"), "{heard}");
        }
    });
}

#[test]
fn the_end_of_one_direction_leaves_the_other_open() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let process = host
            .start(play("read-then-answer", &address, "", &[ANY]))
            .unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(&bytes(1000)).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "1000 bytes");
        assert_eq!(told(&process).await.as_deref(), Ok("heard 1000"));
    });
}

#[test]
fn a_connection_that_is_reset_is_terminated_for_both_ends() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let options = play("read-to-the-end", "tcp://127.0.0.1:0", "", &[LISTEN]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"something").await.unwrap();
        line(&process, "accepted").await;
        client.set_zero_linger().unwrap();
        drop(client);
        let heard = told(&process).await.unwrap();
        assert_eq!(heard, "Err(Terminated) Err(Terminated)");

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let options = play("write-until-it-fails", &address, "", &[ANY]);
        let process = host.start(options).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        // Once it is connected, and not before.
        stream.read_exact(&mut [0; 1]).await.unwrap();
        stream.set_zero_linger().unwrap();
        drop(stream);
        let heard = told(&process).await.unwrap();
        assert_eq!(heard, "Terminated Err(Terminated)");
    });
}

#[test]
fn what_a_guest_has_written_is_sent_after_its_end() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let options = play("leave-behind", &address, "100000", &[ANY]);
        let process = host.start(options).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        // It sends something that nobody reads, which must not cost what is sent back.
        stream.write_all(&bytes(1000)).await.unwrap();
        assert_eq!(told(&process).await.as_deref(), Ok("100000"));
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 100_000);
        until(|| host.usage().extensions == 0).await;
    });
}

#[test]
fn a_killed_process_lets_go_of_its_sockets_at_once() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let process = host.start(play("keep", &address, "", &[ANY])).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        line(&process, "connected").await;
        process.kill();
        end(&process).await;
        assert_eq!(stream.read(&mut [0; 10]).await.unwrap(), 0);
        drop(process);

        let options = play("echo", "tcp://127.0.0.1:0", "9", &[LISTEN]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"x").await.unwrap();
        assert_eq!(client.read(&mut [0; 10]).await.unwrap(), 1);
        process.kill();
        end(&process).await;
        assert_eq!(client.read(&mut [0; 10]).await.unwrap(), 0);
        drop(process);
        until(|| host.usage() == Usage::default()).await;
        assert!(TcpStream::connect(address).await.is_err());
    });
}

#[test]
fn a_wait_for_clients_that_is_given_up_loses_none() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let options = play("select", "tcp://127.0.0.1:0", "", &[LISTEN]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"hello").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "hello");
        assert_eq!(told(&process).await.as_deref(), Ok("given up: true"));
    });
}

#[test]
fn what_no_right_allows_is_denied_and_the_log_says_what_to_grant() {
    block_on(async {
        let names = Told::of(&[("inside.example", &[&["127.0.0.1", "10.0.0.1"]])]);
        let host = host_of(&names).await;
        let echo = echo().await;
        let address = format!("tcp://{}", echo.address);
        let port = echo.address.port();
        let inside = format!("tcp://inside.example:{port}");
        for (what, address, rights, missing) in [
            ("say", &address, vec![], format!("connect={address}")),
            (
                "say",
                &address,
                vec!["connect=tls://127.0.0.1:*", "listen=tcp://127.0.0.1:*"],
                format!("connect={address}"),
            ),
            (
                "say",
                &inside,
                vec!["connect=tcp://other.example:*"],
                format!("connect={inside}"),
            ),
            (
                "say",
                &inside,
                vec!["connect=tcp://inside.example:*"],
                format!("connect=tcp://10.0.0.1:{port}"),
            ),
            (
                "echo",
                &"tcp://127.0.0.1:0".to_owned(),
                vec!["connect=tcp://127.0.0.1:*", "listen=tcp://127.0.0.2:*"],
                "listen=tcp://127.0.0.1:0".to_owned(),
            ),
        ] {
            let process = host.start(play(what, address, "", &rights)).unwrap();
            let error = told(&process).await.unwrap_err();
            let (right, pattern) = missing.split_once('=').unwrap();
            let denied = format!("this process lacks the right `{right}({pattern})`");
            assert!(error.contains(&denied), "{error} {missing}");
            let entries = said_by_host(&process).await;
            let told = format!("a call was denied: it needs `{missing}`");
            let mut bodies = entries.iter().map(|entry| &entry.body);
            assert!(bodies.any(|body| body.starts_with(&told)), "{entries:?}");
        }
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
    });
}

/// Checks what a guest that connects or listens so is told.
async fn refused(host: &Host, what: &str, right: &str, rows: &[(&str, &str, &str)]) {
    for (address, with, wanted) in rows {
        let error = played(host, play(what, address, with, &[right])).await;
        let error = error.unwrap_err();
        assert!(error.contains(wanted), "{address} {with}: {error}");
    }
}

#[test]
fn what_is_wrong_with_a_connection_is_told_by_a_typed_error() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let used = format!("tcp://{}", free.local_addr().unwrap());
        let gone = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            format!("tcp://{}", listener.local_addr().unwrap())
        };
        let rows = [
            (gone.as_str(), "", "refused: nobody listens at"),
            ("127.0.0.1:1", "", "write a scheme in front"),
            ("udp://127.0.0.1:1", "", "write tcp or tls"),
            (&used, "alpn x", "protocols: `tcp` offers none"),
        ];
        refused(&host, "say", ANY, &rows).await;
        let nowhere = "tcp://nowhere.example:1";
        let wanted = "name not found: `nowhere.example` has no address";
        let right = format!("connect={nowhere}");
        refused(&host, "say", &right, &[(nowhere, "", wanted)]).await;
    });
}

#[test]
fn what_is_wrong_with_a_listener_is_told_by_a_typed_error() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let used = format!("tcp://{}", taken.local_addr().unwrap());
        let rows = [
            (used.as_str(), "", "the address is in use"),
            (&used, "certificate=www", "listen on `tls`"),
            (&used, "capacity=0", "1 is the least"),
            ("tcp://a.example:1", "", "a listener has an address"),
        ];
        refused(&host, "echo", &format!("listen={used}"), &rows).await;
    });
}
