//! What the host keeps for a process counts against its limit `host-bytes`, and against its parents'.

use crate::support::{block_on, host, options, outcome, text};
use weft_host::{
    Capabilities, ExitStatus, Host, StartOptions, capability::Right, limits::LimitRequest,
    process::StartError,
};

const MIB: u64 = 1 << 20;

fn within(host_bytes: u64, what: &str, argument: &str) -> StartOptions {
    options("limits", vec![text(what), text(argument)])
        .limits(LimitRequest::default().host_bytes(host_bytes))
        .capabilities(Capabilities::none().with([Right::ProcessLifecycle]))
}

async fn returned(host: &Host, options: StartOptions) -> String {
    match outcome(host, options).await {
        ExitStatus::Returned(text) => text.replace("\\\"", "\""),
        status => panic!("{status}"),
    }
}

#[test]
fn what_ended_children_leave_counts_until_their_handles_are_dropped() {
    block_on(async {
        let host = host(&["limits"]).await;
        let text = returned(&host, within(3 * MIB, "keep-ended", "100")).await;
        // Half a megabyte each, and what every process takes.
        let kept: u32 = text
            .trim_matches('"')
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!((3..=5).contains(&kept), "{text}");
        assert!(text.contains("`host-bytes`"), "{text}");
        assert!(text.contains("let go: returned \"x\""), "{text}");
    });
}

#[test]
fn a_result_that_cannot_be_kept_is_the_limit_of_the_child() {
    block_on(async {
        let host = host(&["limits"]).await;
        for (most, wanted) in [
            ("300000", "reached its limit `host-bytes`"),
            ("700000", "returned \"xxx"),
        ] {
            let text = returned(&host, within(3 * MIB, "poor-child", most)).await;
            assert!(
                text.contains(wanted),
                "{most}: {}",
                text.get(..80).unwrap_or(&text)
            );
        }
    });
}

#[test]
fn a_process_whose_own_record_cannot_be_kept_does_not_start() {
    block_on(async {
        let host = host(&["limits"]).await;
        let error = host.start(within(1, "return", "x")).unwrap_err();
        assert!(matches!(error, StartError::Parent(_)), "{error:?}");
        assert_eq!(error.to_string(), "the limit `host-bytes` of 1 is reached");
    });
}

#[test]
fn arguments_count_while_the_call_goes_on() {
    block_on(async {
        let host = host(&["limits"]).await;
        let long = "x".repeat(900_000);
        let error = host.start(within(MIB / 2, "return", &long)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the limit `host-bytes` of 524288 is reached"
        );
        let text = returned(&host, within(3 * MIB, "return", &long)).await;
        assert_eq!(text.len(), long.len() + 2);
    });
}

#[test]
fn spans_are_paid_for_and_keep_what_they_have_room_for() {
    block_on(async {
        let host = host(&["limits"]).await;
        let text = returned(&host, within(64 * MIB, "keep-spans", "9999")).await;
        assert_eq!(text, "\"1024 spans\"");
        let text = returned(&host, within(MIB, "keep-spans", "9999")).await;
        let spans: u32 = text
            .trim_matches('"')
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!((50..102).contains(&spans), "{text}");
    });
}
