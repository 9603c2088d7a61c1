//! Names: looked up only if a pattern has them, and each address checked by itself.

use super::{Told, echo, guest_03, host_like, host_of, program, said, told_03, until};
use crate::support::{block_on, end};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use weft_net::sockets::NetworkConfig;

#[test]
fn a_name_is_looked_up_only_if_a_pattern_has_it() {
    block_on(async {
        let told = Told::of(&[("db.example", &[&["9.9.9.9", "8.8.8.8"]])]);
        let host = host_of(&told).await;
        for right in [
            "connect=tcp://db.example:1",
            "connect=udp://*.example:1",
            "connect=tcp://DB.Example.:1",
        ] {
            let (lines, _) = said(&host, program(&["resolve", "db.example"], &[right])).await;
            assert_eq!(lines, ["found 9.9.9.9 8.8.8.8"], "{right}");
            let found = told_03(&host, guest_03("resolve", "DB.example", 0, &[right])).await;
            assert_eq!(found.as_deref(), Ok("9.9.9.9 8.8.8.8"));
        }
        let asked = told.asked.load(Ordering::Relaxed);
        for right in [
            "connect=tcp://example:1",
            "connect=tcp://other.example:1",
            "connect=tcp://0.0.0.0/0:*",
        ] {
            let (lines, entries) = said(&host, program(&["resolve", "db.example"], &[right])).await;
            assert!(lines[0].starts_with("failed: "), "{lines:?}");
            let wanted = "a call was denied: it needs `connect=tcp://db.example:*`";
            assert_eq!(entries[0].body, wanted);
            let found = told_03(&host, guest_03("resolve", "db.example", 0, &[right])).await;
            assert_eq!(found, Err("ErrorCode::AccessDenied".to_owned()));
        }
        assert_eq!(
            told.asked.load(Ordering::Relaxed),
            asked,
            "nobody asked a resolver"
        );
        let right = ["connect=tcp://*.example:1"];
        for (name, error) in [
            ("none.example", "NameUnresolvable"),
            ("127.1", "InvalidArgument"),
            ("a b.example", "InvalidArgument"),
        ] {
            let found = told_03(&host, guest_03("resolve", name, 0, &right)).await;
            assert_eq!(found, Err(format!("ErrorCode::{error}")), "{name}");
        }
    });
}

#[test]
fn a_name_that_is_allowed_reaches_nothing_inside_without_a_pattern_of_the_address() {
    block_on(async {
        let told = Told::of(&[("db.example", &[&["127.0.0.1"]])]);
        let host = host_of(&told).await;
        let echo = echo().await;
        let port = echo.address.port();
        let by_name = format!("connect=tcp://db.example:{port}");
        let target = format!("db.example:{port}");
        let (lines, entries) = said(&host, program(&["say", &target, "x"], &[&by_name])).await;
        assert_eq!(lines, ["failed: PermissionDenied"]);
        let wanted = format!(
            "a call was denied: it needs `connect=tcp://127.0.0.1:{port}`: `db.example` has a loopback address, for which a name is not enough"
        );
        assert_eq!(entries[0].body, wanted);
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
        let by_address = format!("connect=tcp://127.0.0.1:{port}");
        let held = [by_name.as_str(), by_address.as_str()];
        let (lines, _) = said(&host, program(&["say", &target, "hello"], &held)).await;
        assert_eq!(lines, ["heard hello"]);
    });
}

#[test]
fn a_name_that_is_bound_anew_reaches_nothing_inside() {
    block_on(async {
        let told = Told::of(&[("db.example", &[&["9.9.9.9"], &["127.0.0.1"]])]);
        let host = host_of(&told).await;
        let echo = echo().await;
        let port = echo.address.port();
        let right = format!("connect=tcp://db.example:{port}");
        let target = format!("db.example:{port}");
        // The second look-up is that of the connection.
        let words = ["resolve-and-say", "db.example", &target];
        let (lines, entries) = said(&host, program(&words, &[&right])).await;
        assert_eq!(lines, ["found 9.9.9.9", "failed: PermissionDenied"]);
        assert!(
            entries[0].body.contains("a loopback address"),
            "{entries:?}"
        );
        assert_eq!(told.asked.load(Ordering::Relaxed), 2);
        assert_eq!(echo.accepted.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn an_address_is_allowed_by_the_name_it_came_from_and_on_that_port_only() {
    block_on(async {
        // Nothing is there, and the connection is given up at once: what counts is that it is not denied.
        let told = Told::of(&[("db.example", &[&["9.9.9.9"]])]);
        let host = host_like(
            NetworkConfig::default()
                .resolver(Arc::new(told.clone()))
                .connect_time(Duration::ZERO),
        )
        .await;
        let right = ["connect=tcp://db.example:5432"];
        let say = |address| program(&["resolve-and-say", "db.example", address], &right);
        let (lines, _) = said(&host, say("9.9.9.9:5432")).await;
        assert_ne!(lines[1], "failed: PermissionDenied");
        for address in ["9.9.9.9:5433", "9.9.9.8:5432"] {
            let (lines, entries) = said(&host, say(address)).await;
            assert_eq!(lines[1], "failed: PermissionDenied");
            assert!(
                entries[0]
                    .body
                    .contains(&format!("`connect=tcp://{address}`"))
            );
        }
        // What one process has learnt says nothing to another.
        let (lines, _) = said(&host, program(&["say", "9.9.9.9:5432", "x"], &right)).await;
        assert_eq!(lines, ["failed: PermissionDenied"]);
    });
}

#[test]
fn localhost_is_this_machine_and_nobody_is_asked() {
    block_on(async {
        let told = Told::default();
        let host = host_of(&told).await;
        let echo = echo().await;
        let target = format!("localhost:{}", echo.address.port());
        let right = format!("connect=tcp://{target}");
        let (lines, _) = said(&host, program(&["say", &target, "hello"], &[&right])).await;
        assert_eq!(lines, ["heard hello"]);
        assert_eq!(told.asked.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_look_up_that_gets_no_answer_ends_in_time_and_goes_with_its_process() {
    block_on(async {
        let told = Told::silent();
        let host = host_like(
            NetworkConfig::default()
                .resolver(Arc::new(told.clone()))
                .lookup_time(Duration::from_millis(50)),
        )
        .await;
        let right = ["connect=tcp://db.example:1"];
        let (lines, _) = said(&host, program(&["resolve", "db.example"], &right)).await;
        assert!(lines[0].starts_with("failed: "), "{lines:?}");
        let found = told_03(&host, guest_03("resolve", "db.example", 0, &right)).await;
        assert_eq!(found, Err("ErrorCode::TemporaryResolverFailure".to_owned()));

        let slow = host_of(&told).await;
        for options in [
            program(&["resolve", "db.example"], &right),
            guest_03("resolve", "db.example", 0, &right),
        ] {
            let process = slow.start(options).unwrap();
            until(|| told.under_way.load(Ordering::Relaxed) == 1).await;
            process.kill();
            end(&process).await;
            until(|| told.under_way.load(Ordering::Relaxed) == 0).await;
        }
    });
}
