//! Stopping and killing.

use crate::support::{
    HUNG, assert_empty, block_on, channel, end, host, options, outcome, scenario, text,
};
use std::time::Duration;
use weft_host::{Argument, Capabilities, ExitStatus};

#[test]
fn a_guest_that_heeds_the_request_is_stopped() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
    });
}

#[test]
fn a_spinning_guest_is_killed_after_its_grace() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        // As many spinners as workers: only the ticker can get through.
        let spinners: Vec<_> = (0..3)
            .map(|_| {
                host.start(scenario("spin", "", Capabilities::none()))
                    .unwrap()
            })
            .collect();
        for process in &spinners {
            let status = tokio::time::timeout(HUNG, process.stop(Duration::from_millis(20))).await;
            assert_eq!(status.expect("it is killed"), ExitStatus::Killed);
        }
        assert_empty(&host);
    });
}

#[test]
fn a_stop_after_the_end_says_how_it_ended() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("return-error", "x", Capabilities::none()))
            .unwrap();
        end(&process).await;
        assert_eq!(
            process.stop(Duration::ZERO).await,
            ExitStatus::Failed("x".into())
        );
    });
}

#[test]
fn what_a_killed_process_held_is_released_before_its_end_is_seen() {
    block_on(async {
        let host = host(&["parked"]).await;
        let channel = channel(1024);
        let reader = Argument::Reader(channel.strong_reader().into());
        let process = host
            .start(crate::support::with_channels(options(
                "parked",
                vec![reader],
            )))
            .unwrap();
        assert_eq!(channel.stats().strong_readers, 1);
        process.kill();
        assert_eq!(end(&process).await, ExitStatus::Killed);
        assert_eq!(channel.stats().strong_readers, 0);
    });
}

#[test]
fn a_host_that_shuts_down_takes_no_more_processes() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("spin", "", Capabilities::none()))
            .unwrap();
        host.shutdown(Duration::from_millis(10)).await;
        assert_eq!(process.status(), Some(ExitStatus::Killed));
        let refused = host
            .start(scenario("echo", "", Capabilities::none()))
            .unwrap_err();
        assert_eq!(refused.to_string(), "the host is shutting down");
    });
}

#[test]
fn a_start_that_is_given_up_ends_as_killed_and_releases_its_arguments() {
    block_on(async {
        let host = host(&["parked"]).await;
        let channel = channel(64);
        let reader = Argument::Reader(channel.strong_reader().into());
        let prepared = host
            .prepare(crate::support::with_channels(options(
                "parked",
                vec![reader],
            )))
            .unwrap();
        let process = prepared.process().clone();
        drop(prepared);
        assert_eq!(end(&process).await, ExitStatus::Killed);
        assert_eq!(channel.stats().strong_readers, 0);
        assert_empty(&host);
    });
}

#[test]
fn a_process_prepared_before_the_shutdown_and_launched_after_it_is_killed() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let prepared = host
            .prepare(scenario("spin", "", Capabilities::none()))
            .unwrap();
        host.shutdown(Duration::ZERO).await;
        assert_eq!(end(&prepared.launch()).await, ExitStatus::Killed);
        assert_empty(&host);
    });
}

#[test]
fn a_guest_of_the_sync_flavour_hears_of_the_request_by_asking_and_by_waiting() {
    block_on(async {
        let host = host(&["blocking-stop"]).await;
        for what in ["await", "await-twice", "poll", "poll-without-rest"] {
            let process = host
                .start(options("blocking-stop", vec![text(what)]))
                .unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert_eq!(process.status(), None, "{what}");
            assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped, "{what}");
            // One that is asked before it waits hears of it too.
            let prepared = host
                .prepare(options("blocking-stop", vec![text(what)]))
                .unwrap();
            prepared.process().request_stop();
            assert_eq!(end(&prepared.launch()).await, ExitStatus::Stopped, "{what}");
        }
        let process = host
            .start(options("blocking-stop", vec![text("ignore")]))
            .unwrap();
        let status = process.stop(Duration::from_millis(20)).await;
        assert_eq!(status, ExitStatus::Killed);
        assert_empty(&host);
    });
}

#[test]
fn of_several_stops_the_shortest_grace_holds_and_all_see_the_same_end() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let (long, short) = (Duration::from_secs(3600), Duration::from_millis(10));
        for graces in [[long, short, long], [short, long, long]] {
            for what in ["spin", "ignore-stop"] {
                let process = host
                    .start(scenario(what, "", Capabilities::none()))
                    .unwrap();
                let stops = graces.map(|grace| process.stop(grace));
                let ends = tokio::time::timeout(HUNG, futures::future::join_all(stops));
                assert_eq!(ends.await.unwrap(), [const { ExitStatus::Killed }; 3]);
            }
        }
        assert_empty(&host);
    });
}

#[test]
fn a_stop_that_nobody_waits_for_any_more_is_carried_out() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("ignore-stop", "", Capabilities::none()))
            .unwrap();
        let stop = process.stop(Duration::from_millis(20));
        let given_up = tokio::time::timeout(Duration::ZERO, stop).await;
        assert!(given_up.is_err());
        assert_eq!(end(&process).await, ExitStatus::Killed);
    });
}

#[test]
fn a_guest_stops_and_kills_a_process_that_it_was_handed_if_it_has_the_right() {
    block_on(async {
        let host = host(&["scenarios", "waiter", "blocking-waiter"]).await;
        let hand = |to: &str, what: &str, process: &weft_host::Process, rights: Capabilities| {
            let arguments = vec![text(what), Argument::from(process.clone())];
            options(to, arguments).capabilities(rights)
        };
        let right = Capabilities::none().with([weft_host::capability::Right::ProcessLifecycle]);
        for to in ["waiter", "blocking-waiter"] {
            for (what, answer) in [("stop", "Ok(Killed)"), ("kill", "Ok(())")] {
                let process = host
                    .start(scenario("spin", "", Capabilities::none()))
                    .unwrap();
                let denied = "Err(PermissionDenied(\\\"process-lifecycle\\\"))";
                for (rights, answer) in [(Capabilities::none(), denied), (right.clone(), answer)] {
                    let status = outcome(&host, hand(to, what, &process, rights)).await;
                    assert_eq!(
                        status,
                        ExitStatus::Returned(format!("\"{answer}\"")),
                        "{to}"
                    );
                }
                assert_eq!(end(&process).await, ExitStatus::Killed);
                // Of one that has ended it says how.
                let status = outcome(&host, hand(to, what, &process, right.clone())).await;
                assert_eq!(
                    status,
                    ExitStatus::Returned(format!("\"{answer}\"")),
                    "{to}"
                );
            }
        }
        let process = host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        let patient = hand("waiter", "stop-patiently", &process, right);
        let status = outcome(&host, patient).await;
        assert_eq!(status, ExitStatus::Returned("\"Ok(Stopped)\"".into()));
        assert_empty(&host);
    });
}
