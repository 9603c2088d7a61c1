//! Addresses with two forms, and IPv6: whichever way an address is written or found, it is that address.

use super::ends::{host_of as host_of_ends, play};
use super::{Told, echo, guest_03, host_of, listening, program, said, told_03};
use crate::support::{block_on, end};
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weft_host::{ExitStatus, Host, StartOptions};

/// How a guest of `weft:fabric/net` ended.
async fn played(host: &Host, options: StartOptions) -> Result<String, String> {
    match end(&host.start(options).unwrap()).await {
        ExitStatus::Returned(text) => Ok(text),
        ExitStatus::Failed(text) => Err(text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ipv4_address_within_ipv6_is_dialled_by_no_guest_without_its_right() {
    block_on(async {
        let host = host_of_ends(&Told::default()).await;
        let echo = echo().await;
        let port = echo.address.port();
        for address in ["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"] {
            let address = format!("{address}:{port}");
            for right in ["connect=tcp://example.com:*", "connect=tcp://0.0.0.0/0:*"] {
                let (lines, _) = said(&host, program(&["say", &address, "x"], &[right])).await;
                // A socket of IPv6 has no IPv4 addresses, by WASI: such a one is not even asked about.
                let denied = ["failed: PermissionDenied", "failed: InvalidInput"];
                assert!(denied.contains(&lines[0].as_str()), "{address}: {lines:?}");
                let told = told_03(&host, guest_03("say", &address, 0, &[right])).await;
                let told = told.unwrap_err();
                let denied = ["ErrorCode::AccessDenied", "ErrorCode::InvalidArgument"];
                assert!(denied.contains(&told.as_str()), "{address}: {told}");
                let start = play("say", &format!("tcp://{address}"), "", &[right]);
                let told = played(&host, start).await.unwrap_err();
                assert!(told.contains("permission denied"), "{address}: {told}");
            }
        }
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
        // It is the IPv4 address, which a pattern may name in either form.
        let address = format!("tcp://[::ffff:127.0.0.1]:{port}");
        for right in [
            format!("connect=tcp://127.0.0.1:{port}"),
            format!("connect={address}"),
        ] {
            let heard = played(&host, play("say", &address, "", &[&right])).await;
            assert!(heard.unwrap().contains("hello from"), "{right}");
        }
    });
}

#[test]
fn an_answer_with_an_ipv4_address_within_ipv6_reaches_nothing_inside() {
    block_on(async {
        let told = Told::of(&[
            ("mapped.example", &[&["::ffff:127.0.0.1"]]),
            ("compatible.example", &[&["::127.0.0.1"]]),
        ]);
        let host = host_of_ends(&told).await;
        let echo = echo().await;
        let port = echo.address.port();
        for (name, found) in [
            ("mapped.example", "127.0.0.1"),
            ("compatible.example", "::127.0.0.1"),
        ] {
            let right = format!("connect=tcp://{name}:{port}");
            let target = format!("{name}:{port}");
            let (lines, _) = said(&host, program(&["say", &target, "x"], &[&right])).await;
            // A socket of IPv6 has no such address, by WASI: it is refused before anybody asks whether it is allowed.
            let wanted = match name {
                "mapped.example" => "failed: PermissionDenied",
                _ => "failed: InvalidInput",
            };
            assert_eq!(lines, [wanted], "{name}");
            let resolved = told_03(&host, guest_03("resolve", name, 0, &[&right])).await;
            let resolved: std::net::IpAddr = resolved.unwrap().parse().unwrap();
            assert_eq!(resolved, found.parse::<std::net::IpAddr>().unwrap());
            let start = play("say", &format!("tcp://{target}"), "", &[&right]);
            let told = played(&host, start).await.unwrap_err();
            assert!(told.contains("permission denied"), "{name}: {told}");
        }
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
    });
}

/// Whether this machine has IPv6 on its loopback; says so if not.
async fn has_ipv6() -> bool {
    let has = tokio::net::TcpListener::bind("[::1]:0").await.is_ok();
    if !has {
        eprintln!("this machine has no IPv6 loopback, so nothing is tried on it");
    }
    has
}

#[test]
fn ipv6_is_spoken_by_those_who_may() {
    block_on(async {
        if !has_ipv6().await {
            return;
        }
        let host = host_of(&Told::default()).await;
        let right = ["listen=tcp://[::1]:0"];
        let std = program(&["serve", "[::1]:0", "1"], &right);
        let newer = guest_03("serve", "[::1]:0", 1, &right);
        for options in [std, newer] {
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            assert!(address.is_ipv6(), "{address}");
            let right = format!("connect=tcp://{address}");
            let words = ["say", &address.to_string(), "hello"];
            let (lines, _) = said(&host, program(&words, &["connect=tcp://[::1]:1"])).await;
            assert_eq!(lines, ["failed: PermissionDenied"]);
            let (lines, _) = said(&host, program(&words, &[&right])).await;
            assert_eq!(lines, ["heard hello"]);
            end(&process).await;
        }
        // `localhost` is this address too.
        let listener = tokio::net::TcpListener::bind("[::1]:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let right = format!("connect=tcp://localhost:{}", address.port());
        let start = guest_03("say", &address.to_string(), 0, &[&right]);
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).await.unwrap();
            stream.write_all(&heard).await.unwrap();
        };
        let (told, ()) = tokio::join!(told_03(&host, start), serving);
        assert_eq!(told.as_deref(), Ok("hello"));
    });
}

#[test]
fn connections_that_are_ends_of_channels_speak_ipv6() {
    block_on(async {
        if !has_ipv6().await {
            return;
        }
        let host = host_of_ends(&Told::default()).await;
        let options = play("echo", "tcp://[::1]:0", "1", &["listen=tcp://[::1]:0"]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        assert!(address.is_ipv6(), "{address}");
        let url = format!("tcp://{address}");
        let right = format!("connect={url}");
        let denied = played(&host, play("say", &url, "", &["connect=tcp://[::1]:1"])).await;
        assert!(denied.unwrap_err().contains("permission denied"));
        let heard = played(&host, play("say", &url, "", &[&right]))
            .await
            .unwrap();
        assert!(heard.contains(&format!("hello from {url}")), "{heard}");
        end(&process).await;
    });
}
