//! Buffered ends of the guest SDK: what leaves when, in which order, and who is
//! told when it does not.

use crate::support::{block_on, channel, end, host, log, options, text, with_channels};
use weft_channel::{Channel, Reader, Writer};
use weft_host::{Argument, ExitStatus, Host, Process};

/// Small, so that both sides have to wait again and again.
const SMALL: u64 = 100;

/// A guest of the SDK with a channel each way.
pub struct Play {
    pub host: Host,
    pub process: Process,
    /// To the guest.
    pub there: Channel,
    /// From the guest.
    pub back: Channel,
    pub writer: Option<Writer>,
    pub reader: Reader,
}

impl Play {
    /// Starts a scenario; both channels have this capacity.
    pub async fn start(guest: &str, scenario: &str, number: u32, capacity: u64) -> Self {
        Self::prepared(guest, scenario, number, capacity, |_, _| ()).await
    }

    /// The same, with something done to both channels before.
    pub async fn prepared(
        guest: &str,
        scenario: &str,
        number: u32,
        capacity: u64,
        prepare: impl FnOnce(&Channel, &Channel),
    ) -> Self {
        let host = host(&[guest]).await;
        let (there, back) = (channel(capacity), channel(capacity));
        let (writer, reader) = (there.strong_writer().unwrap(), back.strong_reader());
        let arguments = vec![
            text(scenario),
            Argument::Reader(there.strong_reader().into()),
            Argument::Writer(back.strong_writer().unwrap().into()),
            Argument::Wave(number.to_string()),
        ];
        prepare(&there, &back);
        let process = host
            .start(with_channels(options(guest, arguments)))
            .unwrap();
        Play {
            host,
            process,
            there,
            back,
            writer: Some(writer),
            reader,
        }
    }

    /// Sends the guest a frame.
    pub async fn say(&self, text: &str) {
        let writer = self.writer.as_ref().expect("a writer");
        writer.write(text.to_owned().into()).await.unwrap();
    }

    /// The next frame the guest sent, as text.
    pub async fn hear(&self) -> String {
        let read = tokio::time::timeout(crate::support::HUNG, self.reader.read()).await;
        match read.expect("the guest says something").unwrap() {
            Some(frame) => String::from_utf8_lossy(&frame.payload).into_owned(),
            None => "end".to_owned(),
        }
    }

    /// Ends the guest's input.
    pub fn hang_up(&mut self) {
        self.writer = None;
    }

    /// Asserts that the guest returns this text.
    pub async fn returns(&self, wanted: &str) {
        let wanted = ExitStatus::Returned(format!("{wanted:?}"));
        assert_eq!(end(&self.process).await, wanted);
    }
}

/// Answers every frame with itself until the guest has ended.
async fn answer(play: &Play) {
    while let Some(frame) = play.reader.read().await.unwrap() {
        let writer = play.writer.as_ref().expect("a writer");
        // A guest that has what it wanted may be gone.
        if writer.write(frame.payload).await.is_err() {
            break;
        }
    }
}

async fn converse(guest: &str, scenario: &str) {
    let play = Play::start(guest, scenario, 300, SMALL).await;
    answer(&play).await;
    play.returns("300").await;
}

#[test]
fn a_frame_leaves_when_the_guest_waits_for_its_answer() {
    block_on(converse("sdk", "buffered/converse"));
}

#[test]
fn a_frame_leaves_when_a_blocking_guest_waits_for_its_answer() {
    block_on(converse("sdk-blocking", "converse"));
}

async fn asks(scenario: &str, wanted: &str) {
    let play = Play::start("sdk", scenario, 0, SMALL).await;
    assert_eq!(play.hear().await, "ask");
    play.say("answer").await;
    play.returns(wanted).await;
}

#[test]
fn a_frame_leaves_when_one_branch_of_a_join_waits_for_the_other() {
    block_on(asks("buffered/join", "answer"));
}

#[test]
fn a_frame_leaves_when_a_timer_runs_beside() {
    block_on(asks("buffered/select", "answer"));
}

#[test]
fn a_frame_leaves_when_the_task_that_sent_it_waits_for_another() {
    block_on(async {
        let play = Play::start("sdk", "buffered/spawned", 0, SMALL).await;
        assert_eq!(play.hear().await, "ask");
        play.say("answer").await;
        assert_eq!(play.hear().await, "thanks");
        assert_eq!(play.hear().await, "end");
        play.returns("answer true true").await;
    });
}

async fn copies(guest: &str, scenario: &str) {
    for capacity in [SMALL, 1 << 20] {
        let play = Play::start(guest, scenario, 0, capacity).await;
        let Play {
            there,
            writer,
            reader,
            process,
            ..
        } = play;
        let feed = tokio::spawn(async move {
            for number in 0..3000u32 {
                let frame = number.to_le_bytes().to_vec();
                writer.as_ref().unwrap().write(frame.into()).await.unwrap();
            }
        });
        for number in 0..3000u32 {
            let frame = reader.read().await.unwrap().expect("a frame");
            assert_eq!(frame.payload, number.to_le_bytes()[..]);
        }
        assert!(reader.read().await.unwrap().is_none());
        feed.await.unwrap();
        drop(there);
        let wanted = ExitStatus::Returned("\"3000\"".into());
        assert_eq!(end(&process).await, wanted);
    }
}

#[test]
fn frames_go_through_buffered_ends_in_order() {
    block_on(copies("sdk", "buffered/copy"));
}

#[test]
fn frames_go_through_blocking_buffered_ends_in_order() {
    block_on(copies("sdk-blocking", "copy"));
}

#[test]
fn batches_larger_than_the_channel_are_cut_and_keep_their_order() {
    block_on(async {
        for capacity in [64, SMALL, 5000, 64 * 1024, 1 << 20] {
            let play = Play::start("sdk", "buffered/numbers", 9000, capacity).await;
            for number in 0..9000u32 {
                let frame = play.reader.read().await.unwrap().expect("a frame");
                let mut wanted = number.to_le_bytes().to_vec();
                wanted.resize(4 + number as usize % 60, 7);
                assert_eq!(frame.payload, wanted, "{number} of {capacity}");
            }
            assert_eq!(play.hear().await, "end");
            play.returns("sent").await;
        }
    });
}

#[test]
fn a_dropped_writer_delivers_what_it_holds_and_then_closes() {
    block_on(async {
        let play = Play::start("sdk", "buffered/drop", 0, SMALL).await;
        for wanted in ["one", "two", "three", "end"] {
            assert_eq!(play.hear().await, wanted);
        }
        // Only now may the guest go on.
        play.say("done").await;
        play.returns("done").await;
        let play = Play::start("sdk-blocking", "drop", 0, SMALL).await;
        assert_eq!(
            (play.hear().await, play.hear().await),
            ("one".into(), "end".into())
        );
        play.say("done").await;
        play.returns("done").await;
    });
}

#[test]
fn what_finds_no_room_goes_on_while_the_guest_waits_for_other_things() {
    block_on(async {
        let play = Play::start("sdk", "buffered/blocked", 200, SMALL).await;
        for number in 0..=200u32 {
            let frame = play.reader.read().await.unwrap().expect("a frame");
            assert_eq!(frame.payload, number.to_le_bytes()[..]);
        }
        play.say("thanks").await;
        play.returns("thanks").await;
    });
}

#[test]
fn a_write_that_waits_holds_no_other_branch_up() {
    block_on(async {
        let mut play = Play::start("sdk", "buffered/beside", 500, SMALL).await;
        // The guest's output is full long before it has read these.
        for number in 0..500 {
            play.say(&number.to_string()).await;
        }
        play.hang_up();
        for number in 0..500u32 {
            let frame = play.reader.read().await.unwrap().expect("a frame");
            assert_eq!(frame.payload, number.to_le_bytes()[..]);
        }
        play.returns("500").await;
    });
}

#[test]
fn the_error_of_an_implicit_flush_is_given_by_the_next_send() {
    block_on(async {
        let drained = |_: &Channel, back: &Channel| back.drain();
        let play = Play::prepared("sdk", "buffered/error-next", 0, SMALL, drained).await;
        play.say("go on").await;
        play.returns("Drained Ok(())").await;
    });
}

#[test]
fn an_error_that_nobody_took_fails_the_entry_point() {
    block_on(async {
        for (guest, scenario) in [("sdk", "buffered/error-end"), ("sdk-blocking", "error-end")] {
            let drained = |_: &Channel, back: &Channel| back.drain();
            let play = Play::prepared(guest, scenario, 0, SMALL, drained).await;
            play.say("go on").await;
            let ExitStatus::Failed(error) = end(&play.process).await else {
                panic!("{:?} {:?}", play.process.status(), log(&play.process).await)
            };
            assert!(error.contains("takes no more frames"), "{error}");
        }
    });
}

#[test]
fn of_a_batch_with_a_frame_too_large_the_others_are_sent() {
    block_on(async {
        let play = Play::start("sdk", "buffered/too-large", 200, SMALL).await;
        assert_eq!(play.hear().await, "before");
        assert_eq!(play.hear().await, "after");
        play.returns("Err(TooLarge { most: 100, channel: None })")
            .await;
    });
}

#[test]
fn a_frame_too_large_names_its_channel_if_the_host_has_a_name_for_it() {
    block_on(async {
        let host = host(&["sdk"]).await;
        let (there, back) = (channel(SMALL), channel(SMALL));
        host.name_channel("there", &there);
        host.name_channel("answers", &back);
        let arguments = vec![
            text("buffered/too-large"),
            Argument::Reader(there.strong_reader().into()),
            Argument::Writer(back.strong_writer().unwrap().into()),
            Argument::Wave("200".to_owned()),
        ];
        let options = with_channels(options("sdk", arguments));
        let process = host.start(options).unwrap();
        let text = "Err(TooLarge { most: 100, channel: Some(\"answers\") })";
        assert_eq!(
            end(&process).await,
            ExitStatus::Returned(format!("{text:?}"))
        );
    });
}

#[test]
fn flushing_the_sink_flushes() {
    block_on(async {
        let mut play = Play::start("sdk", "buffered/sink", 0, 1000).await;
        for number in 0..10 {
            play.say(&number.to_string()).await;
        }
        play.hang_up();
        for number in 0..10 {
            assert_eq!(play.hear().await, number.to_string());
        }
        // How many had left before depends on when the guest had to wait.
        let ExitStatus::Returned(text) = end(&play.process).await else {
            panic!()
        };
        assert!(text.ends_with(" 10\""), "{text}");
    });
}

#[test]
fn buffered_values_arrive_in_order_and_the_writer_comes_back() {
    block_on(async {
        let play = Play::start("sdk", "buffered/typed", 50, SMALL).await;
        for number in 0..50 {
            assert_eq!(play.hear().await, number.to_string());
        }
        assert_eq!(play.hear().await, "last");
        play.returns("50").await;
    });
}

#[test]
fn a_guest_that_ends_leaves_nothing_behind() {
    block_on(async {
        let play = Play::start("sdk", "buffered/blocked", 200, SMALL).await;
        play.back.terminate();
        play.say("go on").await;
        let ExitStatus::Failed(error) = end(&play.process).await else {
            panic!("{:?}", play.process.status())
        };
        assert!(error.contains("terminated"), "{error}");
        crate::support::assert_empty(&play.host);
    });
}
