//! What a process may hold, how long a connection may take, and that its neighbours, its children and its end are as they should be.

use super::{
    Told, echo, extensions, guest_03, host_like, host_of, listening, program, rights, said,
    told_03, until,
};
use crate::support::{block_on, config, end, host_with, log, options, outcome, text};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use weft_host::usage::Usage;
use weft_host::{ExitStatus, StartOptions};
use weft_net::sockets::NetworkConfig;

fn with_files(mut options: StartOptions, most: u32) -> StartOptions {
    options.limits.open_files = Some(most);
    options
}

#[test]
fn a_process_has_as_many_sockets_as_its_limit_allows_and_its_log_says_so_once() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = echo.address.to_string();
        let right = [format!("connect=tcp://{address}")];
        let right = [right[0].as_str()];
        let (lines, entries) = said(
            &host,
            with_files(program(&["hold", &address, "100"], &right), 8),
        )
        .await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in &lines {
            // What is closed can be had again.
            assert!(line.starts_with("8 open, then "), "{lines:?}");
            assert_ne!(line, "8 open, then ", "{lines:?}");
        }
        let limits: Vec<_> = entries
            .iter()
            .filter_map(|entry| entry.attributes.get("weft.limit"))
            .collect();
        assert_eq!(limits, ["open-files"]);
        for what in ["hold", "hold-streams"] {
            let told = told_03(&host, with_files(guest_03(what, &address, 100, &right), 8))
                .await
                .unwrap();
            let once = "8 open, then ErrorCode::Other(Some(\\\"the limit `open-files` of 8 is reached\\\"))";
            assert_eq!(told, format!("{once}; {once}"), "{what}");
        }
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn bytes_that_may_be_in_flight_are_paid_for() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = echo.address.to_string();
        let right = format!("connect=tcp://{address}");
        let mut options = program(&["hold", &address, "100"], &[&right]);
        options.limits.host_bytes = Some(4 << 20);
        let (lines, entries) = said(&host, options).await;
        assert!(!lines[0].starts_with("100 open"), "{lines:?}");
        let limits: Vec<_> = entries
            .iter()
            .filter_map(|entry| entry.attributes.get("weft.limit"))
            .collect();
        assert_eq!(limits, ["host-bytes"]);
    });
}

#[test]
fn clients_beyond_the_limit_are_turned_away_and_the_others_served() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let words = ["hold-accepted", "127.0.0.1:0", "3"];
        let options = with_files(program(&words, &["listen=tcp://127.0.0.1:0"]), 3);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut clients = Vec::new();
        for _ in 0..5 {
            // One that is turned away may see it already.
            clients.push(tokio::net::TcpStream::connect(address).await.ok());
        }
        // One of the three is the listener.
        let reader = process.log();
        let mut accepted = 0;
        let mut refused = false;
        while accepted < 2 || !refused {
            let frame = reader.read().await.unwrap().expect("more");
            let line = String::from_utf8_lossy(&frame.payload).into_owned();
            accepted += usize::from(line.contains(" accepted"));
            refused |= line.contains("`open-files` of 3");
        }
        assert_eq!(host.usage().open_files, 3);
        process.kill();
        end(&process).await;
    });
}

#[test]
fn a_connection_that_does_not_come_about_is_given_up_in_time() {
    block_on(async {
        // An address of the documentation's block goes nowhere, or is refused by the way there; either is an end.
        let told = Told::default();
        let host = host_like(
            NetworkConfig::default()
                .resolver(Arc::new(told.clone()))
                .connect_time(Duration::from_millis(50)),
        )
        .await;
        let full = full().await;
        let address = full.address.to_string();
        let right = format!("connect=tcp://{address}");
        let (lines, _) = said(&host, program(&["say", &address, "x"], &[&right])).await;
        assert_eq!(lines, ["failed: TimedOut"]);
        let told = told_03(&host, guest_03("say", &address, 0, &[&right])).await;
        assert_eq!(told, Err("ErrorCode::Timeout".to_owned()));
    });
}

/// A listener whose queue is full, so that the system leaves further connections waiting.
struct Full {
    address: std::net::SocketAddr,
    _listener: tokio::net::TcpListener,
    _waiting: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Full {
    fn drop(&mut self) {
        self._waiting
            .iter()
            .for_each(tokio::task::JoinHandle::abort);
    }
}

async fn full() -> Full {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let connect = move || async move {
        if let Ok(stream) = tokio::net::TcpStream::connect(address).await {
            std::future::pending::<()>().await;
            drop(stream);
        }
    };
    let waiting = (0..8).map(|_| tokio::spawn(connect())).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    Full {
        address,
        _listener: listener,
        _waiting: waiting,
    }
}

#[test]
fn a_neighbour_keeps_its_connection_beside_many_that_do_not_answer() {
    block_on(async {
        let told = Told::silent();
        let host = host_of(&told).await;
        let echo = echo().await;
        let full = full().await;
        let stuck = full.address.to_string();
        let right = format!("connect=tcp://{stuck}");
        let looks = ["connect=tcp://db.example:1"];
        let mut others = Vec::new();
        for _ in 0..8 {
            others.push(
                host.start(program(&["say", &stuck, "x"], &[&right]))
                    .unwrap(),
            );
            others.push(
                host.start(program(&["resolve", "db.example"], &looks))
                    .unwrap(),
            );
            others.push(
                host.start(guest_03("resolve", "db.example", 0, &looks))
                    .unwrap(),
            );
        }
        until(|| told.under_way.load(Ordering::Relaxed) == 16).await;
        let address = echo.address.to_string();
        let own = format!("connect=tcp://{address}");
        let (lines, _) = said(&host, program(&["say-often", &address, "300"], &[&own])).await;
        assert_eq!(lines, ["said 300"]);
        for process in others {
            process.kill();
            end(&process).await;
        }
        until(|| told.under_way.load(Ordering::Relaxed) == 0).await;
    });
}

#[test]
fn what_a_process_has_open_goes_with_it() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let right = ["listen=tcp://127.0.0.1:0"];
        for options in [
            program(&["serve", "127.0.0.1:0", "9"], &right),
            guest_03("serve", "127.0.0.1:0", 9, &right),
        ] {
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            let client = tokio::net::TcpStream::connect(address).await.unwrap();
            until(|| host.usage().open_files >= 2).await;
            process.kill();
            end(&process).await;
            drop((client, process));
            until(|| host.usage() == Usage::default()).await;
            assert!(tokio::net::TcpStream::connect(address).await.is_err());
        }
    });
}

#[test]
fn a_child_gets_at_most_what_its_parents_patterns_have_together() {
    block_on(async {
        let all = extensions(NetworkConfig::default()).with(crate::extension::greeter::Greeter {
            word: "Hello".to_owned(),
        });
        let host = host_with(
            config().extensions(all.clone()),
            &["greeted", "blocking-greeted"],
        )
        .await;
        let held = [
            "connect=tcp://db:1-10",
            "connect=tcp://db:11-20",
            "connect=tcp://10.0.0.0/9:80",
            "connect=tcp://10.128.0.0/9:80",
        ];
        for guest in ["greeted", "blocking-greeted"] {
            for (asked, wanted) in [
                ("connect=tcp://DB.:5-15", Ok(())),
                ("connect=tcp://10.0.0.0/8:80", Ok(())),
                (
                    "connect=tcp://db:5-21",
                    Err("PermissionDenied(\"connect(tcp://db:5-21)\")"),
                ),
                (
                    "connect=tcp://10.0.0.0/7:80",
                    Err("PermissionDenied(\"connect(tcp://10.0.0.0/7:80)\")"),
                ),
                (
                    "listen=tcp://127.0.0.1:80",
                    Err("PermissionDenied(\"listen(tcp://127.0.0.1:80)\")"),
                ),
                (
                    "connect=db:80",
                    Err(
                        "InvalidArgument(\"`connect=db:80`: write a scheme in front, such as `tcp://example.com:443`\")",
                    ),
                ),
            ] {
                let mut capabilities = rights(&held);
                all.grant(&mut capabilities, "process-lifecycle").unwrap();
                let child = options(guest, vec![text("child"), text(&format!("{asked} Ada"))]);
                let status = outcome(&host, child.capabilities(capabilities)).await;
                match wanted {
                    // It runs, and is denied what it was not given.
                    Ok(()) => assert!(
                        matches!(&status, ExitStatus::Returned(text) if text.contains("greet(Ada)")),
                        "{guest} {asked}: {status:?}"
                    ),
                    Err(error) => {
                        assert_eq!(status, ExitStatus::Failed(error.into()), "{guest} {asked}")
                    }
                }
            }
        }
    });
}

#[test]
fn a_process_has_a_bounded_number_of_patterns() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let patterns: Vec<_> = (1..=65)
            .map(|port| format!("connect=tcp://db:{port}"))
            .collect();
        let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
        let error = host
            .start(program(&["bind-udp", "0.0.0.0:0"], &patterns))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "connect of one process: 65 given, 64 is the most"
        );
        let process = host
            .start(program(&["resolve", "127.0.0.1"], &patterns[1..]))
            .unwrap();
        end(&process).await;
        assert!(
            log(&process)
                .await
                .iter()
                .any(|entry| entry.body == "found 127.0.0.1")
        );
    });
}

#[test]
fn a_listener_that_is_closed_leaves_no_place_taken() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        // Each time a client waits to be accepted when the listener is closed.
        let words = ["listen-again", "127.0.0.1:0", "20"];
        let options = with_files(
            program(
                &words,
                &["listen=tcp://127.0.0.1:0", "connect=tcp://127.0.0.1:*"],
            ),
            4,
        );
        let (lines, entries) = said(&host, options).await;
        assert_eq!(lines, ["listened 20"], "{entries:?}");
    });
}
