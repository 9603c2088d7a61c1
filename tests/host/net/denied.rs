//! What no right allows is denied with the error that the interface has for it, and the log says what to grant.

use super::{Told, echo, echo_udp, guest_03, host_of, listening, program, said, told_03};
use crate::support::{block_on, end, host_with, log};
use std::sync::atomic::Ordering;
use weft_host::log::LogEntry;
use weft_host::{Host, StartOptions};

/// What the host's entries say is missing.
fn missing(entries: &[LogEntry]) -> Vec<&str> {
    let told = entries
        .iter()
        .filter(|entry| entry.attributes.contains_key("weft.capability"));
    told.map(|entry| entry.body.as_str()).collect()
}

/// Plays a start that must be denied, and gives what the log says is missing.
async fn denied(host: &Host, options: StartOptions) -> String {
    let (lines, entries) = said(host, options).await;
    assert_eq!(lines, ["failed: PermissionDenied"], "{entries:?}");
    let told = missing(&entries);
    assert_eq!(told.len(), 1, "{entries:?}");
    told[0].to_owned()
}

#[test]
fn a_process_without_a_right_gets_no_socket() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let told = denied(&host, program(&["say", "127.0.0.1:9", "x"], &[])).await;
        assert_eq!(told, "a call was denied: it needs `connect=PATTERN`");
        let told = told_03(&host, guest_03("say", "127.0.0.1:9", 0, &[])).await;
        assert_eq!(told, Err("ErrorCode::AccessDenied".to_owned()));
        // A host without the extension has no network for anybody.
        let without = host_with(crate::support::config(), &["net-03"]).await;
        let told = told_03(&without, guest_03("say", "127.0.0.1:9", 0, &[])).await;
        assert_eq!(told, Err("ErrorCode::AccessDenied".to_owned()));
    });
}

#[test]
fn an_address_that_no_pattern_names_is_denied_before_anybody_hears_of_it() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = echo.address.to_string();
        let other = echo.address.port() ^ 1;
        for right in [
            format!("connect=tcp://127.0.0.1:{other}"),
            "connect=tcp://127.0.0.2:*".to_owned(),
            "connect=tcp://0.0.0.0/0:*".to_owned(),
            "connect=tcp://example.com:*".to_owned(),
            "connect=https://127.0.0.1:*".to_owned(),
            "listen=tcp://127.0.0.1:*".to_owned(),
        ] {
            let told = denied(&host, program(&["say", &address, "x"], &[&right])).await;
            let wanted = format!("a call was denied: it needs `connect=tcp://{address}`");
            assert_eq!(told, wanted, "{right}");
            let told = told_03(&host, guest_03("say", &address, 0, &[&right])).await;
            assert_eq!(told, Err("ErrorCode::AccessDenied".to_owned()), "{right}");
        }
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn datagrams_to_others_are_denied_and_from_others_unheard() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let (echo, other) = (echo_udp().await, echo_udp().await);
        let right = format!("connect=udp://{}", other.address);
        let address = echo.address.to_string();
        let told = denied(&host, program(&["ask", &address, "x"], &[&right])).await;
        assert_eq!(
            told,
            format!("a call was denied: it needs `connect=udp://{address}`")
        );
        let told = told_03(&host, guest_03("ask", &address, 0, &[&right])).await;
        assert_eq!(told, Err("ErrorCode::AccessDenied".to_owned()));

        // A client that bound any port hears only those it may dial.
        let friend = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let right = format!("connect=udp://{}", friend.local_addr().unwrap());
        let process = host
            .start(program(&["hear", "127.0.0.1:0"], &[&right]))
            .unwrap();
        let address = listening(&process).await;
        let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        stranger.send_to(b"stranger", address).await.unwrap();
        friend.send_to(b"friend", address).await.unwrap();
        end(&process).await;
        let heard = log(&process).await;
        assert!(
            heard.iter().any(|entry| entry.body == "heard friend"),
            "{heard:?}"
        );
    });
}

#[test]
fn a_listener_binds_only_what_its_right_names() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        for (what, held, asked, needed) in [
            (
                "bind-tcp",
                "listen=tcp://127.0.0.1:1024-2000",
                "127.0.0.1:2001",
                "listen=tcp://127.0.0.1:2001",
            ),
            // Any free port, which is not any port.
            (
                "bind-tcp",
                "listen=tcp://127.0.0.1:0",
                "127.0.0.1:20001",
                "listen=tcp://127.0.0.1:20001",
            ),
            (
                "bind-tcp",
                "listen=tcp://127.0.0.1:*",
                "0.0.0.0:20001",
                "listen=tcp://0.0.0.0:20001",
            ),
            (
                "bind-tcp",
                "listen=tcp://0.0.0.0/0:*",
                "0.0.0.0:20001",
                "listen=tcp://0.0.0.0:20001",
            ),
            (
                "bind-tcp",
                "listen=udp://127.0.0.1:*",
                "127.0.0.1:20001",
                "listen=tcp://127.0.0.1:20001",
            ),
            (
                "bind-udp",
                "connect=udp://127.0.0.1:*",
                "127.0.0.1:20001",
                "listen=udp://127.0.0.1:20001",
            ),
        ] {
            let told = denied(&host, program(&[what, asked], &[held])).await;
            let wanted = format!("a call was denied: it needs `{needed}`");
            assert_eq!(told, wanted, "{held}");
        }
        // A client's socket may have any port, but never listens.
        let told = denied(
            &host,
            program(&["bind-tcp", "127.0.0.1:0"], &["connect=tcp://127.0.0.1:*"]),
        )
        .await;
        assert!(told.contains("`listen=tcp://127.0.0.1:"), "{told}");
        let (lines, _) = said(
            &host,
            program(&["bind-tcp", "127.0.0.1:0"], &["listen=tcp://127.0.0.1:0"]),
        )
        .await;
        assert_eq!(lines, ["bound"]);
    });
}

#[test]
fn each_address_that_is_missing_is_told_once_and_no_more_than_a_few() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let held = ["connect=tcp://example.com:1"];
        let options = program(&["hold", "127.0.0.1:9", "100"], &held);
        let (lines, entries) = said(&host, options).await;
        assert_eq!(lines, ["0 open, then PermissionDenied"; 2]);
        assert_eq!(missing(&entries).len(), 1, "{entries:?}");
    });
}
