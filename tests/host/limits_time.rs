//! CPU time and log entries: limits of rates and not of amounts.

use crate::support::{block_on, end, host, log, options, outcome, text};
use std::time::Duration;
use weft_host::{Capabilities, ExitStatus, StartOptions, capability::Right, limits::LimitRequest};

fn limited(what: &str, arg: &str, limits: LimitRequest) -> StartOptions {
    options("limits", vec![text(what), text(arg)])
        .limits(limits)
        .capabilities(Capabilities::none().with([Right::ProcessLifecycle]))
}

fn cpu_time(millis: u64) -> LimitRequest {
    LimitRequest::default().cpu_time(Duration::from_millis(millis))
}

fn limit(name: &str) -> ExitStatus {
    ExitStatus::Limit(name.into())
}

#[test]
fn cpu_time_ends_who_spins_and_not_who_waits() {
    block_on(async {
        let host = host(&["limits"]).await;
        let spins = outcome(&host, limited("spin", "", cpu_time(50))).await;
        assert_eq!(spins, limit("cpu-time"));
        // Ten times as long as it may hold a processor.
        let waits = outcome(&host, limited("sleep", "2000", cpu_time(200))).await;
        assert_eq!(waits, ExitStatus::Returned("\"slept\"".into()));
    });
}

#[test]
fn cpu_time_of_a_child_is_its_parent_s_too() {
    block_on(async {
        let host = host(&["limits"]).await;
        // The child has used up the time of both, so that the parent cannot even say so.
        let status = outcome(&host, limited("spinning-child", "", cpu_time(100))).await;
        assert_eq!(status, limit("cpu-time"));
        host.shutdown(Duration::ZERO).await;
    });
}

#[test]
fn a_log_beyond_its_rate_loses_entries_and_says_how_many() {
    block_on(async {
        let host = host(&["limits"]).await;
        let limits = LimitRequest::default().log_rate(10_000);
        let process = host.start(limited("flood", "5000", limits)).unwrap();
        assert_eq!(
            end(&process).await,
            ExitStatus::Returned("\"written\"".into())
        );
        let entries = log(&process).await;
        let kept = entries
            .iter()
            .filter(|entry| entry.body.starts_with("entry "))
            .count() as u64;
        let dropped: u64 = entries
            .iter()
            .filter_map(|entry| entry.attributes.get("weft.log.dropped"))
            .map(|dropped| dropped.parse::<u64>().unwrap())
            .sum();
        assert_eq!(kept + dropped, 5000, "{kept} kept");
        assert!(dropped > 0);
        assert_eq!(entries[0].body, "entry 0");
    });
}
