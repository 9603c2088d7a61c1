//! Committed readers: what a restarted process had read and not finished comes again.

use crate::supervised::at_once;
use crate::support::{HUNG, block_on, channel, host, options, text, with_channels};
use std::sync::Arc;
use weft_channel::{Channel, Reader};
use weft_host::channel::{ReaderHandle, Redelivery};
use weft_host::component::TRANSFORM;
use weft_host::supervise::{Cause, ChildSpec, Outcome, Restart, Supervision, Supervisor};
use weft_host::{Argument, StartOptions};

/// A child between an input that has these frames and then ends, and an output that has room for all it writes.
struct Between {
    input: Reader,
    output: Channel,
    rejected: Channel,
    restart: Restart,
}

impl Between {
    fn new(frames: &[&str]) -> Self {
        let input = channel(1 << 20);
        let writer = input.strong_writer().unwrap();
        let reader = input.strong_reader();
        for frame in frames {
            writer.try_write((*frame).to_owned().into()).unwrap();
        }
        Self {
            input: reader,
            output: channel(1 << 20),
            rejected: channel(1 << 20),
            restart: Restart::OnFailure,
        }
    }

    /// Runs it to its end; gives how it went, and the frames of both channels.
    async fn run(
        self,
        guest: &str,
        committed: bool,
        settings: Supervision,
        start: impl FnOnce(Argument, Argument) -> StartOptions,
    ) -> (Outcome, Vec<String>, Vec<String>) {
        let Self {
            input,
            output,
            rejected,
            restart,
        } = self;
        let readers = [output.strong_reader(), rejected.strong_reader()];
        let reject = Arc::new(rejected.strong_writer().unwrap());
        let input = match committed {
            true => ReaderHandle::committed(input, Redelivery::default().rejected(reject)),
            false => input.into(),
        };
        let writer = output.strong_writer().unwrap();
        let start = start(Argument::Reader(input), writer.into());
        let host = host(&[guest]).await;
        let child = ChildSpec::new("it", start).restart(restart);
        let supervisor = Supervisor::prepare(&host, settings, vec![child]).unwrap();
        let outcome = tokio::time::timeout(HUNG, supervisor.launch(|_| ()).wait()).await;
        host.shutdown(HUNG).await;
        let [output, rejected] = readers.map(frames);
        (outcome.expect("it ends"), output, rejected)
    }
}

/// What a reader finds at once.
fn frames(reader: Reader) -> Vec<String> {
    let next = || reader.try_read().ok().flatten();
    let text = |payload: &[u8]| String::from_utf8(payload.to_vec()).unwrap();
    std::iter::from_fn(next)
        .map(|frame| text(&frame.payload))
        .collect()
}

fn diary(orders: Argument, diary: Argument) -> StartOptions {
    with_channels(options("supervised", vec![text("it"), orders, diary]))
}

fn count(entries: &[String], of: &str) -> usize {
    entries.iter().filter(|entry| *entry == of).count()
}

#[test]
fn a_frame_that_ends_its_process_comes_again_and_is_rejected_at_last_and_no_other_is_lost() {
    block_on(async {
        for order in ["trap", "fail"] {
            let between = Between::new(&["a", order, "b", "c"]);
            let (outcome, diary, rejected) =
                between.run("supervised", true, at_once(), diary).await;
            assert!(matches!(outcome.cause, Cause::Done), "{outcome:?}");
            assert_eq!(rejected, [order]);
            assert_eq!(count(&diary, &format!("it {order}")), 3, "{diary:?}");
            for once in ["a", "b", "c"] {
                let entry = format!("it version-1 {once}");
                assert_eq!(count(&diary, &entry), 1, "{diary:?}");
            }
        }
    });
}

#[test]
fn a_frame_of_another_reader_does_not_come_again() {
    block_on(async {
        let between = Between::new(&["a", "trap", "b"]);
        let (_, diary, rejected) = between.run("supervised", false, at_once(), diary).await;
        assert!(rejected.is_empty());
        assert_eq!(count(&diary, "it trap"), 1, "{diary:?}");
    });
}

#[test]
fn a_process_that_breaks_down_again_and_again_gets_to_the_end() {
    block_on(async {
        let between = Between::new(&["1", "2", "3", "4", "5"]);
        // It ends with each second frame in hand.
        let settings = at_once().max_restarts(10);
        let start = |input, output| {
            let after = Argument::Wave("2".into());
            with_channels(options("fail-midway", vec![input, output, after]))
        };
        let (_, mut output, rejected) = between.run("fail-midway", true, settings, start).await;
        assert!(rejected.is_empty());
        assert!(output.len() > 5, "some come twice: {output:?}");
        output.dedup();
        assert_eq!(output, ["1", "2", "3", "4", "5"]);
    });
}

#[test]
fn a_transform_loses_nothing_but_the_frame_that_ends_it() {
    block_on(async {
        let between = Between::new(&["one", "two", "fail", "three"]);
        let start =
            |input, output| options("transform", vec![input, output]).entry_point(TRANSFORM);
        let (_, output, rejected) = between.run("transform", true, at_once(), start).await;
        assert_eq!(rejected, ["fail"]);
        let got = output.concat().to_lowercase();
        for frame in ["one", "two", "three"] {
            assert!(got.contains(frame), "{output:?}");
        }
    });
}

/// Runs a way of the guest `sdk`.
async fn ways(between: Between, way: &str, number: u32) -> (Outcome, Vec<String>, Vec<String>) {
    let settings = at_once();
    ways_of("sdk", between, settings, way, number).await
}

/// Runs a way of this guest.
async fn ways_of(
    guest: &str,
    between: Between,
    settings: Supervision,
    way: &str,
    number: u32,
) -> (Outcome, Vec<String>, Vec<String>) {
    let start = |input, output| {
        let number = Argument::Wave(number.to_string());
        with_channels(options(guest, vec![text(way), input, output, number]))
    };
    between.run(guest, true, settings, start).await
}

#[test]
fn of_a_batch_only_the_frame_at_which_a_guest_fails_comes_again() {
    block_on(async {
        let frames = |end| ["1", "2", end, "3", "4"];
        for (guest, way, end) in [
            ("sdk", "finished/batched", "fail"),
            ("sdk", "finished/batched", "trap"),
            ("sdk", "finished/batched-collected", "fail"),
            ("sdk", "finished/batched-collected", "trap"),
            ("sdk", "finished/packed", "fail"),
            ("sdk", "finished/packed", "trap"),
            ("sdk", "finished/values", "0"),
            ("sdk-blocking", "batched", "trap"),
        ] {
            let between = Between::new(&frames(end));
            let (_, output, rejected) = ways_of(guest, between, at_once(), way, 0).await;
            assert_eq!(rejected, [end], "{way}: {output:?}");
            assert_eq!(output, ["1", "2", "3", "4"], "{way} {end}");
        }
    });
}

#[test]
fn what_a_guest_that_ends_well_had_taken_and_not_looked_at_is_read_by_its_successor() {
    block_on(async {
        let between = Between {
            restart: Restart::Always,
            ..Between::new(&["1", "2", "3", "4", "5", "6"])
        };
        // Three times two frames, and then nothing is left.
        let settings = at_once().max_restarts(3);
        let (outcome, output, _) = ways_of("sdk", between, settings, "finished/some", 2).await;
        assert!(!matches!(outcome.cause, Cause::Done), "{outcome:?}");
        assert_eq!(output, ["1", "2", "3", "4", "5", "6"]);
    });
}

#[test]
fn what_a_buffered_writer_had_collected_when_its_guest_failed_is_written_again() {
    block_on(async {
        let between = Between::new(&["a", "b", "trap", "c"]);
        let (_, output, rejected) = ways(between, "finished/collected", 0).await;
        assert_eq!(rejected, ["trap"]);
        for frame in ["a", "b", "c"] {
            assert!(count(&output, frame) >= 1, "{output:?}");
        }
    });
}

#[test]
fn a_guest_that_finishes_frames_by_hand_gets_the_others_again_with_their_delivery() {
    block_on(async {
        for way in ["finished/by-hand", "finished/buffered-by-hand"] {
            let between = Between::new(&["a", "b", "fail"]);
            let (_, output, rejected) = ways(between, way, 1).await;
            // `a` is finished at once. Then each incarnation finishes the first frame it gets.
            assert_eq!(rejected, ["fail"], "{way}: {output:?}");
            assert_eq!(output, ["a 1", "b 1", "b 2"], "{way}");
        }
    });
}

#[test]
fn a_guest_is_told_which_delivery_a_frame_is() {
    block_on(async {
        let between = Between::new(&["a", "fail", "b"]);
        let (_, output, _) = ways(between, "finished/attempts", 0).await;
        assert_eq!(output, ["a 1", "fail 1", "fail 2", "fail 3", "b 1"]);
        let between = Between::new(&["a"]);
        let start = |input, output| {
            let number = Argument::Wave("0".into());
            let way = text("finished/attempts");
            with_channels(options("sdk", vec![way, input, output, number]))
        };
        let (_, output, _) = between.run("sdk", false, at_once(), start).await;
        assert_eq!(output, ["a 0"]);
    });
}
