//! Waiting for the end of a process, in several guests at once.

use crate::support::{HUNG, assert_empty, block_on, end, host, options, outcome, scenario, text};
use std::time::Duration;
use weft_host::{Argument, Capabilities, ExitStatus, Process, StartOptions};

fn waiter(component: &str, what: &str, process: &Process) -> StartOptions {
    options(component, vec![text(what), Argument::from(process.clone())])
}

#[test]
fn waiters_in_several_guests_see_the_same_end_before_and_after_it() {
    block_on(async {
        let host = host(&["scenarios", "waiter", "blocking-waiter"]).await;
        let process = host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        let start = |component: &str, what: &str| {
            let waiter = host.start(waiter(component, what, &process));
            waiter.expect("a waiter starts")
        };
        let mut waiters = Vec::new();
        for _ in 0..8 {
            waiters.push(start("waiter", "wait"));
            waiters.push(start("blocking-waiter", "wait"));
        }
        let twice = start("waiter", "wait-twice");
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        waiters.push(start("waiter", "wait"));
        waiters.push(start("blocking-waiter", "wait"));
        for waiter in &waiters {
            assert_eq!(
                end(waiter).await,
                ExitStatus::Returned("\"stopped\"".into())
            );
        }
        // A wait that was given up takes nothing from the next.
        let ExitStatus::Returned(text) = end(&twice).await else {
            panic!()
        };
        assert!(text.ends_with(" stopped\""), "{text}");
        assert_empty(&host);
    });
}

#[test]
fn a_waiter_that_is_killed_takes_nothing_from_the_others() {
    block_on(async {
        let host = host(&["scenarios", "waiter", "blocking-waiter"]).await;
        let process = host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        for component in ["waiter", "blocking-waiter"] {
            let killed = host.start(waiter(component, "wait", &process)).unwrap();
            let other = host.start(waiter(component, "wait", &process)).unwrap();
            killed.kill();
            assert_eq!(end(&killed).await, ExitStatus::Killed);
            assert_eq!(other.status(), None);
            other.kill();
            end(&other).await;
        }
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        assert_empty(&host);
    });
}

#[test]
fn a_handle_of_a_process_keeps_it_from_nothing() {
    block_on(async {
        let host = host(&["scenarios", "waiter"]).await;
        let process = host
            .start(scenario("return-error", "x", Capabilities::none()))
            .unwrap();
        let holder = host.start(waiter("waiter", "hold", &process)).unwrap();
        assert_eq!(end(&process).await, ExitStatus::Failed("x".into()));
        assert_eq!(holder.stop(HUNG).await, ExitStatus::Stopped);
        // Held for as long as somebody likes, it says how it ended.
        let status = outcome(&host, waiter("waiter", "wait", &process)).await;
        assert_eq!(status, ExitStatus::Returned("\"failed: x\"".into()));
        assert_empty(&host);
    });
}
