//! What a process may hold of the host through channels: each bound, reached.

use crate::support::{block_on, host, outcome, scenario};
use weft_host::{Capabilities, ExitStatus, limits::LimitRequest};

/// How a scenario returns under these limits.
async fn run(name: &str, argument: &str, limits: LimitRequest) -> String {
    let host = host(&["scenarios"]).await;
    let options = scenario(name, argument, Capabilities::channels()).limits(limits);
    match outcome(&host, options).await {
        ExitStatus::Returned(text) | ExitStatus::Failed(text) => {
            text.trim_matches('"').replace('\\', "")
        }
        other => panic!("{other:?}"),
    }
}

fn check(name: &str, argument: &str, limits: LimitRequest, expected: &str) {
    assert_eq!(block_on(run(name, argument, limits)), expected, "{name}");
}

#[test]
fn no_more_channels_are_made_than_allowed_and_dropped_ones_do_not_count() {
    let limits = LimitRequest::default().channels(3);
    let refused = "held 3, then Exhausted(\"the limit `channels` of 3 is reached\")";
    check("hold-handles", "4", limits, refused);
    check("hold-handles", "3", limits, "held 3");
    check("churn", "100", limits, "churned");
}

#[test]
fn capacities_count_together() {
    let limits = LimitRequest::default().channel_bytes(1_000);
    let refused = "Exhausted(\"the limit `channel-bytes` of 1000 is reached\")";
    check("create-channel", "1001", limits, refused);
    let refused = format!("held 1000, then {refused}");
    check("hold-handles", "1001", limits, &refused);
}

#[test]
fn frames_that_wait_for_room_are_paid_for() {
    // The channel's own 1,000 bytes, and ten frames.
    let limits = LimitRequest::default().channel_bytes(11_000);
    let refused = "Err(Exhausted(\"the limit `channel-bytes` of 11000 is reached\"))";
    check("write-unread", "11", limits, refused);
}

#[test]
fn no_frame_is_larger_than_allowed_alone_or_in_a_batch() {
    let limits = LimitRequest::default().frame_bytes(100);
    check("write-sized", "100", limits, "Ok(Kept), Ok(2), Ok(Kept)");
    let refused = ["Err(TooLarge { most: 100, channel: None })"; 3].join(", ");
    check("write-sized", "101", limits, &refused);
}

#[test]
fn no_frame_brings_more_handles_than_allowed() {
    let limits = LimitRequest::default().handles_per_frame(3);
    check("send-handles", "3", limits, "Ok(Kept), Ok(3)");
    let refused = "Err(TooManyHandles(3)), Err(WouldBlock)";
    check("send-handles", "4", limits, refused);
}

#[test]
fn handles_nobody_reads_count_against_those_who_sent_them() {
    let limits = LimitRequest::default().handles(50);
    let refused =
        "sent 50, then Exhausted(\"the limit `handles` of 50 is reached\"), once read Ok(Kept)";
    check("send-unread-handles", "60", limits, refused);
}

#[test]
fn channels_that_hold_their_own_handles_are_freed() {
    let limits = LimitRequest::default().channels(2).handles(20);
    check("cycles", "1000", limits, "made");
}
