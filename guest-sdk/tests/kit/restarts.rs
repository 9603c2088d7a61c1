//! Guests that are started again with the reader of their predecessor. `tests/host/committed.rs` shows the same of a host, with the
//! same frames and results.

use weft_guest::testing::{self, At, Guest, Kept};
use weft_guest::{Error, ExitStatus, Reader, Result, TypedReader, Writer, blocking};

/// A kept input that has these frames and then ends, and what comes of them.
struct Between {
    input: Kept,
    output: Writer,
    results: Reader,
    rejected: Reader,
}

impl Between {
    async fn new(frames: &[&str]) -> Self {
        let (writer, input) = testing::channel(1 << 20);
        let (output, results) = testing::channel(1 << 20);
        let (dead, rejected) = testing::channel(1 << 20);
        for frame in frames {
            writer.write(*frame).await.unwrap().or_dropped();
        }
        Between {
            input: testing::kept(input).rejected(dead),
            output,
            results,
            rejected,
        }
    }

    /// A writer of the same channel for each guest; its results stay open.
    fn output(&mut self) -> Writer {
        let (next, results) = testing::channel(1 << 20);
        self.results = results;
        std::mem::replace(&mut self.output, next)
    }
}

/// Starts guests until one ends well, at most ten. Gives their results one after the other, and what was rejected.
async fn supervise(
    frames: &[&str],
    start: impl Fn(Reader, Writer) -> Guest<Result>,
) -> (Vec<String>, Vec<String>) {
    let Between {
        input,
        output,
        results,
        rejected,
    } = Between::new(frames).await;
    drop((output, results));
    let mut all = Vec::new();
    for _ in 0..10 {
        let (output, results) = testing::channel(1 << 20);
        let guest = start(input.reader(), output);
        let status = guest.wait().await;
        all.extend(testing::texts(results).await.unwrap());
        if matches!(status, ExitStatus::Returned(_)) {
            drop(input);
            return (all, now(rejected).await);
        }
    }
    panic!("it does not come to its end: {all:?}");
}

/// What a reader finds at once.
async fn now(mut reader: Reader) -> Vec<String> {
    let mut frames = Vec::new();
    while let Ok(Some(frame)) = reader.try_read() {
        frames.push(String::from_utf8(frame.payload).unwrap());
    }
    frames
}

fn fails_at(payload: &[u8]) -> Result {
    match payload {
        b"fail" => Err(Error::msg("told to")),
        _ => Ok(()),
    }
}

/// Says each frame with its delivery, then does what it says.
async fn attempts(mut input: Reader, output: Writer) -> Result {
    while let Some(frame) = input.read().await? {
        let said = String::from_utf8_lossy(&frame.payload).into_owned();
        output
            .write(format!("{said} {}", input.attempt()))
            .await?
            .or_dropped();
        fails_at(&frame.payload)?;
    }
    Ok(())
}

/// The same, and finishes only the first frame it gets.
async fn by_hand(mut input: Reader, output: Writer) -> Result {
    input.commit();
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        fails_at(&frame.payload)?;
        frames += 1;
        let said = String::from_utf8_lossy(&frame.payload).into_owned();
        output
            .write(format!("{said} {}", input.attempt()))
            .await?
            .or_dropped();
        if frames == 1 {
            input.commit();
        }
    }
    Ok(())
}

async fn collected(mut input: Reader, output: Writer) -> Result {
    let mut output = output.buffered();
    while let Some(frame) = input.read().await? {
        fails_at(&frame.payload)?;
        output.write(frame.payload).await?;
    }
    Ok(())
}

async fn batched(input: Reader, output: Writer) -> Result {
    let (mut input, mut output) = (input.buffered(), output.buffered());
    while let Some(frame) = input.read().await? {
        fails_at(&frame)?;
        output.write(&frame).await?;
    }
    Ok(())
}

async fn values(input: Reader, output: Writer) -> Result {
    let mut input = TypedReader::<u32>::from(input);
    while let Some(number) = input.read().await? {
        if number == 0 {
            return Err(Error::msg("told to"));
        }
        output.write(number.to_string()).await?.or_dropped();
    }
    Ok(())
}

fn blocking_batched(input: blocking::Reader, output: blocking::Writer) -> Result {
    let mut input = input.buffered();
    while let Some(frame) = input.read()? {
        fails_at(&frame)?;
        output.write(frame)?.or_dropped();
    }
    Ok(())
}

async fn packed(mut input: Reader, output: Writer) -> Result {
    input.commit();
    loop {
        let frames = input.read_packed(100, 1000).await?;
        if frames.is_empty() {
            return Ok(());
        }
        for frame in frames.iter() {
            fails_at(frame)?;
            output.write(frame).await?.or_dropped();
            input.commit_first(1);
        }
    }
}

#[test]
fn a_guest_is_told_which_delivery_a_frame_is_and_the_bad_one_is_rejected() {
    testing::run(async {
        let started = |input, output| testing::start(attempts(input, output));
        let (output, rejected) = supervise(&["a", "fail", "b"], started).await;
        assert_eq!(output, ["a 1", "fail 1", "fail 2", "fail 3", "b 1"]);
        assert_eq!(rejected, ["fail"]);
    });
}

#[test]
fn what_is_finished_by_hand_does_not_come_again_and_the_rest_does() {
    testing::run(async {
        let started = |input, output| testing::start(by_hand(input, output));
        let (output, rejected) = supervise(&["a", "b", "fail"], started).await;
        assert_eq!(output, ["a 1", "b 1", "b 2"]);
        assert_eq!(rejected, ["fail"]);
    });
}

#[test]
fn what_a_buffered_writer_had_collected_is_not_lost() {
    testing::run(async {
        let started = |input, output| testing::start(collected(input, output));
        let (output, rejected) = supervise(&["a", "b", "fail", "c"], started).await;
        assert_eq!(rejected, ["fail"]);
        for frame in ["a", "b", "c"] {
            assert!(output.contains(&frame.to_owned()), "{output:?}");
        }
    });
}

#[test]
fn of_a_batch_only_the_frame_at_which_a_guest_fails_comes_again() {
    testing::run(async {
        type Start = fn(Reader, Writer) -> Guest<Result>;
        let all: [(Start, &str); 4] = [
            (
                |input, output| testing::start(batched(input, output)),
                "fail",
            ),
            (
                |input, output| testing::start(packed(input, output)),
                "fail",
            ),
            (|input, output| testing::start(values(input, output)), "0"),
            (
                |input, output| {
                    let ends = (input.into(), output.into());
                    testing::start_blocking(|| blocking_batched(ends.0, ends.1))
                },
                "fail",
            ),
        ];
        for (start, bad) in all {
            let (output, rejected) = supervise(&["1", "2", bad, "3", "4"], start).await;
            assert_eq!(rejected, [bad], "{output:?}");
            assert_eq!(output, ["1", "2", "3", "4"]);
        }
    });
}

#[test]
fn a_guest_that_is_killed_has_not_failed_and_what_it_had_comes_again() {
    testing::run(async {
        let mut between = Between::new(&["1", "2", "3"]).await;
        for _ in 0..5 {
            let output = between.output();
            let guest = testing::start(attempts(between.input.reader(), output));
            guest.kill_at(At::Read(1));
            assert_eq!(guest.wait().await, ExitStatus::Killed);
        }
        let (output, results) = testing::channel(64);
        let guest = testing::start(attempts(between.input.reader(), output));
        guest.kill_at(At::Read(3));
        guest.wait().await;
        assert_eq!(testing::texts(results).await.unwrap(), ["1 1", "2 1"]);
        let (output, results) = testing::channel(64);
        testing::start(attempts(between.input.reader(), output))
            .returned()
            .await
            .unwrap();
        assert_eq!(testing::texts(results).await.unwrap(), ["3 1"]);
        assert!(now(between.rejected).await.is_empty());
    });
}

#[test]
fn what_a_guest_had_taken_and_not_looked_at_is_read_by_its_successor() {
    testing::run(async {
        let between = Between::new(&["1", "2", "3", "4"]).await;
        let two = |input: Reader| async move {
            let mut input = input.buffered();
            let mut frames = Vec::new();
            for _ in 0..2 {
                frames.push(input.read().await?.map(|frame| frame.to_vec()));
            }
            Ok::<_, Error>(frames)
        };
        for wanted in [["1", "2"], ["3", "4"]] {
            let guest = testing::start({
                let read = two(between.input.reader());
                async move { read.await.map(|frames| format!("{frames:?}")) }
            });
            let frames = wanted.map(|frame| Some(frame.as_bytes().to_vec()));
            assert_eq!(guest.returned().await.unwrap(), format!("{frames:?}"));
        }
    });
}

#[test]
fn a_frame_waits_while_there_is_no_room_for_it_among_the_rejected() {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (dead, mut rejected) = testing::channel(5);
        let input = testing::kept(input).max_deliveries(1).rejected(dead);
        for _ in 0..2 {
            frames.write("fail").await.unwrap().or_dropped();
        }
        drop(frames);
        let next = || {
            let (output, _) = testing::channel(64);
            testing::start(attempts(input.reader(), output))
        };
        for _ in 0..3 {
            // The first is rejected at once, and there is no room for the other.
            assert!(matches!(next().wait().await, ExitStatus::Failed(_)));
        }
        assert_eq!(rejected.read().await.unwrap().unwrap().payload, b"fail");
        assert!(matches!(next().wait().await, ExitStatus::Failed(_)));
        next().returned().await.unwrap();
    });
}

#[test]
fn a_frame_of_another_reader_does_not_come_again() {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, results) = testing::channel(64);
        frames.write("fail").await.unwrap().or_dropped();
        testing::start(attempts(input, output)).wait().await;
        assert_eq!(testing::texts(results).await.unwrap(), ["fail 0"]);
    });
}

#[test]
fn of_many_frames_with_a_writer_that_collects_few_come_again_after_a_kill() {
    testing::run(async {
        let (frames, input) = testing::channel(1 << 22);
        let (output, results) = testing::channel(1 << 22);
        for number in 0..10_000 {
            frames
                .write(format!("frame {number}"))
                .await
                .unwrap()
                .or_dropped();
        }
        drop(frames);
        let input = testing::kept(input);
        let first = testing::start(collected(input.reader(), output));
        first.kill_at(At::Read(5000));
        first.wait().await;
        let (output, more) = testing::channel(1 << 22);
        testing::start(collected(input.reader(), output))
            .returned()
            .await
            .unwrap();
        let mut all = testing::texts(results).await.unwrap();
        all.extend(testing::texts(more).await.unwrap());
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 10_000);
        assert!(count < 10_000 + 1100, "{count}");
    });
}
