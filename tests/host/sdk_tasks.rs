//! Tasks that a guest has spawned, and the end of its entry point.

use crate::sdk_buffered::Play;
use crate::support::{block_on, end};
use std::time::Duration;
use weft_host::ExitStatus;

const CAPACITY: u64 = 1000;

#[test]
fn tasks_go_on_when_the_entry_point_has_returned_and_its_result_comes_with_their_end() {
    block_on(async {
        let mut play = Play::start("sdk", "tasks/go-on", 0, CAPACITY).await;
        assert_eq!(play.hear().await, "late");
        play.hang_up();
        play.returns("returned").await;
    });
}

#[test]
fn tasks_that_would_go_on_for_ever_end_when_the_process_is_asked_to_stop() {
    block_on(async {
        let play = Play::start("sdk", "tasks/for-ever", 0, CAPACITY).await;
        assert_eq!(play.hear().await, "begun");
        let status = play.process.stop(Duration::from_secs(60)).await;
        assert_eq!(status, ExitStatus::Stopped);
    });
}

#[test]
fn tasks_end_with_an_entry_point_that_fails() {
    block_on(async {
        let play = Play::start("sdk", "tasks/fail", 0, CAPACITY).await;
        assert_eq!(end(&play.process).await, ExitStatus::Failed("no".into()));
    });
}
