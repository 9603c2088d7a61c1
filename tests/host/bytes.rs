//! Channels as streams of bytes.

use crate::support::{block_on, host, outcome, scenario};
use weft_host::{Capabilities, ExitStatus};

fn check(name: &str, argument: &str, expected: &str) {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let options = scenario(name, argument, Capabilities::channels());
        let expected = ExitStatus::Returned(format!("{expected:?}"));
        assert_eq!(outcome(&host, options).await, expected);
    });
}

#[test]
fn bytes_come_as_they_went_in_through_a_channel_smaller_than_a_frame_of_theirs() {
    for count in [0, 1, 9_999, 10_000, 10_001, 1_000_000] {
        let expected = format!("sent Ok({count}), read {count}, same true");
        check("stream-bytes", &count.to_string(), &expected);
    }
}

#[test]
fn a_stream_that_lagged_or_was_terminated_says_so() {
    // "one" and "two" were overwritten.
    check("stream-errors", "", "Err(Lagged(2)), Err(Terminated)");
}

#[test]
fn reads_given_up_lose_no_frame() {
    check("give-reads-up", "20", "20 kept");
}
