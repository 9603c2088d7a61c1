//! Every limit is reached by a guest that goes beyond it.

use crate::support::{block_on, config, end, host, host_with, options, outcome, scenario};
use std::time::Duration;
use weft_host::{Capabilities, ExitStatus, HostConfig, LimitRequest, Right, StartError, StartOptions};

fn limited(name: &str, argument: &str, limits: LimitRequest) -> StartOptions {
    StartOptions { limits, ..scenario(name, argument, Capabilities::none()) }
}

#[test]
fn memory_is_bounded() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest { memory: Some(16 << 20), ..Default::default() };
        let fits = outcome(&host, limited("allocate", "4", limits)).await;
        assert_eq!(fits, ExitStatus::Returned("\"4 MiB\"".into()));
        let beyond = outcome(&host, limited("allocate", "64", limits)).await;
        assert_eq!(beyond, ExitStatus::Limit("memory".into()));
    });
}

#[test]
fn wall_time_is_bounded_for_spinners_and_for_sleepers() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let wall_time = Some(Duration::from_millis(50));
        let limits = LimitRequest { wall_time, ..Default::default() };
        for name in ["spin", "wait-stop"] {
            let status = outcome(&host, limited(name, "", limits)).await;
            assert_eq!(status, ExitStatus::Limit("wall-time".into()), "{name}");
        }
    });
}

#[test]
fn handles_are_bounded_with_a_typed_error() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest { handles: Some(50), ..Default::default() };
        let options = StartOptions {
            limits,
            ..scenario("hold-handles", "1000", Capabilities::none().with([Right::ChannelLifecycle]))
        };
        let ExitStatus::Returned(text) = outcome(&host, options).await else { panic!() };
        assert!(text.contains("exhausted"), "{text}");
    });
}

#[test]
fn a_channel_beyond_the_host_s_bound_is_refused() {
    block_on(async {
        let config = HostConfig { max_channel_capacity: 1000, ..config() };
        let host = host_with(config, &["scenarios"]).await;
        let granted = Capabilities::none().with([Right::ChannelLifecycle]);
        for (capacity, wanted) in [("1000", "created"), ("1001", "invalid-argument"), ("0", "invalid-argument")] {
            let status = outcome(&host, scenario("create-channel", capacity, granted.clone())).await;
            let ExitStatus::Returned(text) = status else { panic!("{status:?}") };
            assert!(text.contains(wanted), "{capacity}: {text}");
        }
    });
}

#[test]
fn a_limit_above_the_granter_s_own_is_refused() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest { memory: Some(u64::MAX), ..Default::default() };
        let error = host.start(limited("echo", "", limits)).unwrap_err();
        assert!(matches!(error, StartError::Limit(_)), "{error}");
    });
}

#[test]
fn processes_beyond_the_host_s_room_are_refused() {
    block_on(async {
        let host = host_with(HostConfig { max_processes: 2, ..config() }, &["scenarios"]).await;
        let wait = || scenario("wait-stop", "", Capabilities::none());
        let first = host.start(wait()).unwrap();
        let _second = host.start(wait()).unwrap();
        let error = host.start(wait()).unwrap_err();
        assert!(matches!(error, StartError::Exhausted { most: 2 }), "{error}");
        first.kill();
        end(&first).await;
        host.start(wait()).expect("a place is free again");
        host.shutdown(Duration::ZERO).await;
    });
}

#[test]
fn a_start_that_fails_leaves_no_place_taken() {
    block_on(async {
        let host = host_with(HostConfig { max_processes: 1, ..config() }, &["scenarios"]).await;
        for _ in 0..5 {
            host.start(options("scenarios", vec![])).unwrap_err();
        }
        let status = outcome(&host, scenario("echo", "x", Capabilities::none())).await;
        assert_eq!(status, ExitStatus::Returned("\"x\"".into()));
    });
}
