//! Stopping and killing.

use crate::support::{HUNG, assert_empty, block_on, channel, end, host, options, scenario};
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
