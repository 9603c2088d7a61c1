//! Waits of the guest SDK: on the fiber where nothing else can run, and never
//! where something else can.

use crate::sdk_buffered::Play;
use crate::support::{block_on, end};
use std::time::Duration;
use weft_host::ExitStatus;

const CAPACITY: u64 = 1000;

/// The guest says `said` before it is told `told`, which it then returns.
async fn goes_on(scenario: &str, number: u32, said: &[&str], told: &str, wanted: &str) {
    let mut play = Play::start("sdk", scenario, number, CAPACITY).await;
    for said in said {
        assert_eq!(play.hear().await, *said, "{scenario}");
    }
    play.say(told).await;
    play.hang_up();
    play.returns(wanted).await;
}

#[test]
fn a_timer_wins_against_a_read() {
    block_on(goes_on("waits/timer", 0, &["timer"], "late", "late"));
}

#[test]
fn a_stop_request_wins_against_a_read() {
    block_on(async {
        let play = Play::start("sdk", "waits/stop", 0, CAPACITY).await;
        let status = play.process.stop(Duration::from_secs(60)).await;
        assert_eq!(status, ExitStatus::Stopped);
        assert_eq!(end(&play.process).await, ExitStatus::Stopped);
    });
}

#[test]
fn a_branch_beside_a_read_goes_on() {
    block_on(goes_on("waits/join-timer", 0, &["slept"], "read", "read"));
}

#[test]
fn a_task_goes_on_while_the_main_future_reads() {
    block_on(async {
        let play = Play::start("sdk", "waits/ticking-task", 20, CAPACITY).await;
        for tick in 0..20u32 {
            let frame = play.reader.read().await.unwrap().expect("a tick");
            assert_eq!(frame.payload, tick.to_le_bytes()[..]);
        }
        play.say("enough").await;
        play.returns("enough").await;
    });
}

#[test]
fn futures_in_a_set_go_on() {
    let wanted = "slept read";
    block_on(goes_on("waits/unordered", 0, &["slept"], "read", wanted));
}

#[test]
fn a_branch_that_yields_goes_on() {
    block_on(goes_on("waits/yielding", 50, &["yielded"], "read", "read"));
}

#[test]
fn a_sleep_of_no_time_lets_others_run() {
    block_on(async {
        let play = Play::start("sdk", "waits/no-time", 0, CAPACITY).await;
        play.returns("true").await;
    });
}

#[test]
fn two_reads_wait_at_once() {
    let wanted = "outer inner";
    block_on(goes_on(
        "waits/two-readers",
        0,
        &["reading"],
        "outer",
        wanted,
    ));
}

#[test]
fn a_write_waits_beside_the_read_that_makes_room() {
    let wanted = "told 1234 5678";
    block_on(goes_on(
        "waits/full-and-read",
        0,
        &["waiting"],
        "told",
        wanted,
    ));
}

#[test]
fn a_read_that_was_given_up_loses_no_frame() {
    block_on(async {
        let play = Play::start("sdk", "waits/given-up", 0, CAPACITY).await;
        assert_eq!(play.hear().await, "first given up");
        play.say("one").await;
        assert_eq!(play.hear().await, "second given up");
        play.say("two").await;
        play.returns("one two").await;
    });
}

#[test]
fn a_bounded_read_ends_in_time_or_with_a_frame() {
    block_on(async {
        for (guest, scenario) in [
            ("sdk", "waits/within"),
            ("sdk", "waits/within-beside"),
            ("sdk-blocking", "within"),
        ] {
            let play = Play::start(guest, scenario, 0, CAPACITY).await;
            assert_eq!(play.hear().await, "nothing", "{scenario}");
            play.say("something").await;
            play.returns("something").await;
        }
    });
}

#[test]
fn a_stream_with_a_time_limit_is_cut_off_and_goes_on() {
    let wanted = "after";
    block_on(goes_on("waits/stream", 0, &["cut off"], "after", wanted));
}

#[test]
fn tasks_that_talk_with_each_other_go_on() {
    block_on(async {
        let mut play = Play::start("sdk", "waits/messages", 0, CAPACITY).await;
        for number in 0..50 {
            play.say(&number.to_string()).await;
            // The task answers while the main future waits for the next frame.
            assert_eq!(play.hear().await, number.to_string());
        }
        play.hang_up();
        play.returns("50").await;
    });
}
