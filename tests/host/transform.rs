//! Processes that are transforms: the host moves their frames.

use crate::support::{HUNG, assert_empty, block_on, channel, end, host, log, options, text};
use weft_channel::{Backpressure, Batch, Channel, Options};
use weft_host::{
    Argument, Arguments, ExitStatus, Host, Process, StartOptions, component::TRANSFORM,
};

fn between(input: &Channel, output: &Channel) -> StartOptions {
    let ends = vec![
        Argument::Reader(input.strong_reader().into()),
        Argument::Writer(output.strong_writer().unwrap().into()),
    ];
    options("transform", ends).entry_point(TRANSFORM)
}

struct Transform {
    host: Host,
    input: Channel,
    output: Channel,
}

impl Transform {
    async fn new(capacity: u64) -> Self {
        Self {
            host: host(&["transform", "parked"]).await,
            input: channel(capacity),
            output: channel(capacity),
        }
    }

    fn start(&self) -> Process {
        let options = between(&self.input, &self.output);
        self.host.start(options).unwrap()
    }

    /// Sends these frames and no more, and returns what came of them.
    async fn run(&self, frames: &[&str]) -> (Vec<String>, ExitStatus) {
        let process = self.start();
        let (status, read) = self.feed(&process, frames).await;
        (read, status)
    }

    async fn feed(&self, process: &Process, frames: &[&str]) -> (ExitStatus, Vec<String>) {
        let read = self.output.strong_reader();
        let writer = self.input.strong_writer().unwrap();
        let send = async {
            for frame in frames {
                // A transform that has failed reads no more.
                let _ = writer.try_write((*frame).to_owned().into());
            }
            drop(writer);
        };
        let take = async {
            let mut taken = Vec::new();
            while let Some(frame) = read.read().await.unwrap() {
                taken.push(String::from_utf8_lossy(&frame.payload).into_owned());
            }
            taken
        };
        let all = async { tokio::join!(send, take) };
        let ((), taken) = tokio::time::timeout(HUNG, all).await.unwrap();
        (end(process).await, taken)
    }
}

#[test]
fn a_transform_changes_leaves_out_and_adds_frames_in_order_and_is_told_of_the_end() {
    block_on(async {
        let transform = Transform::new(1 << 20).await;
        let (read, status) = transform.run(&["a", "none", "twice", "b"]).await;
        assert_eq!(read, ["A", "once", "again", "B", "end of 4, 1"]);
        assert_eq!(status, ExitStatus::Returned("{read: 4, written: 5}".into()));
        assert_empty(&transform.host);
    });
}

#[test]
fn what_came_of_the_frames_before_an_error_is_sent_however_they_came_together() {
    block_on(async {
        for together in [true, false] {
            let transform = Transform::new(1 << 20).await;
            let read = transform.output.strong_reader();
            let writer = transform.input.strong_writer().unwrap();
            let process = transform.start();
            let mut taken = Vec::new();
            let mut take = async || {
                let frame = tokio::time::timeout(HUNG, read.read()).await.unwrap();
                let frame = frame.unwrap();
                taken.extend(frame.map(|it| String::from_utf8_lossy(&it.payload).into_owned()));
            };
            if together {
                let batch = Batch::new(vec![1, 6, 10, 11], "atwicefailc".into()).unwrap();
                writer.write_batch(batch).await.unwrap();
                take().await;
            } else {
                // One is through before the next comes.
                writer.try_write("a".into()).unwrap();
                take().await;
                for frame in ["twice", "fail", "c"] {
                    let _ = writer.try_write(frame.into());
                }
            }
            take().await;
            take().await;
            assert_eq!(end(&process).await, ExitStatus::Failed("told to".into()));
            take().await;
            assert_eq!(taken, ["A", "once", "again"], "together: {together}");
        }
    });
}

#[test]
fn an_error_of_a_transform_ends_it_as_failed_and_a_panic_as_trapped() {
    block_on(async {
        let transform = Transform::new(1 << 20).await;
        let (read, status) = transform.run(&["fail"]).await;
        assert_eq!(
            (read, status),
            (vec![], ExitStatus::Failed("told to".into()))
        );
        let transform = Transform::new(1 << 20).await;
        let (_, status) = transform.run(&["panic"]).await;
        assert!(
            matches!(&status, ExitStatus::Trapped(trap) if trap.message.contains("told to")),
            "{status}"
        );
        assert_eq!(transform.input.stats().strong_readers, 0);
    });
}

#[test]
fn what_a_transform_prints_is_in_its_log() {
    block_on(async {
        let transform = Transform::new(1 << 20).await;
        let process = transform.start();
        transform.feed(&process, &["say"]).await;
        let entries = log(&process).await;
        assert!(
            entries.iter().any(|entry| entry.body == "said"),
            "{entries:?}"
        );
    });
}

#[test]
fn more_than_its_output_holds_at_once_is_sent_in_parts_and_a_frame_too_large_fails() {
    block_on(async {
        let transform = Transform::new(4096).await;
        let (read, status) = transform.run(&["many"]).await;
        assert_eq!(read.len(), 10_001);
        assert!(read[..10_000].iter().all(|frame| frame == "12345678"));
        assert_eq!(
            status,
            ExitStatus::Returned("{read: 1, written: 10001}".into())
        );
        let transform = Transform::new(4096).await;
        let (_, status) = transform.run(&["huge"]).await;
        let text = "the transform gave a frame of 1048576 bytes, 4096 is the most here";
        assert_eq!(status, ExitStatus::Failed(text.into()));
        let transform = Transform::new(4096).await;
        transform.host.name_channel("words", &transform.output);
        let (_, status) = transform.run(&["huge"]).await;
        let text = "the transform gave a frame of 1048576 bytes, 4096 is the most that the channel `words` takes";
        assert_eq!(status, ExitStatus::Failed(text.into()));
    });
}

#[test]
fn what_a_transform_gave_is_paid_for_while_it_waits_for_room() {
    block_on(async {
        // 10,000 frames of 8 bytes, and as many ends.
        for (most, wanted) in [
            (100_000, ExitStatus::Limit("channel-bytes".into())),
            (
                200_000,
                ExitStatus::Returned("{read: 1, written: 10001}".into()),
            ),
        ] {
            let transform = Transform::new(4096).await;
            let mut options = between(&transform.input, &transform.output);
            options.limits.channel_bytes = Some(most);
            let process = transform.host.start(options).unwrap();
            // Nobody reads through it. So the output fills, and a transform that is to reach the limit has to wait.
            let limited = matches!(wanted, ExitStatus::Limit(_));
            let _held = limited.then(|| transform.output.strong_reader());
            let (status, _) = transform.feed(&process, &["many"]).await;
            assert_eq!(status, wanted);
            assert_eq!(process.usage().channel_bytes, 0);
        }
    });
}

#[test]
fn a_transform_that_waits_for_frames_or_for_room_can_be_stopped_and_killed() {
    block_on(async {
        let transform = Transform::new(64).await;
        let _open = transform.input.strong_writer().unwrap();
        let waits = transform.start();
        assert_eq!(waits.stop(HUNG).await, ExitStatus::Stopped);

        // Its output is full, and nobody reads.
        let transform = Transform::new(64).await;
        let held = transform.output.strong_reader();
        let stuck = transform.start();
        let writer = transform.input.strong_writer().unwrap();
        let filled = async {
            loop {
                let _ = writer.try_write(vec![b'x'; 32].into());
                if transform.output.stats().bytes_held >= 64 {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(HUNG, filled).await.unwrap();
        stuck.kill();
        assert_eq!(end(&stuck).await, ExitStatus::Killed);
        drop(held);
        assert_empty(&transform.host);
    });
}

#[test]
fn a_transform_is_held_to_its_limits() {
    block_on(async {
        let transform = Transform::new(1 << 20).await;
        let mut options = between(&transform.input, &transform.output);
        options.limits.cpu_time = Some(std::time::Duration::from_millis(20));
        let process = transform.host.start(options).unwrap();
        let (status, _) = transform.feed(&process, &["spin"]).await;
        assert_eq!(status, ExitStatus::Limit("cpu-time".into()));
    });
}

#[test]
fn frames_lost_to_a_lapped_transform_are_counted() {
    block_on(async {
        let transform = Transform::new(1 << 20).await;
        let dropping = Channel::new(Options::new(3).backpressure(Backpressure::Drop));
        let input = dropping.unwrap();
        let late = input.weak_reader();
        let writer = input.strong_writer().unwrap();
        for frame in ["a", "b", "c", "d", "e"] {
            writer.try_write(frame.into()).unwrap();
        }
        drop(writer);
        let ends = vec![
            Argument::Reader(late.into()),
            Argument::Writer(transform.output.strong_writer().unwrap().into()),
        ];
        let options = options("transform", ends).entry_point(TRANSFORM);
        let process = transform.host.start(options).unwrap();
        assert_eq!(
            end(&process).await,
            ExitStatus::Returned("{read: 3, written: 4, lost: 2}".into())
        );
    });
}

#[test]
fn what_does_not_fit_a_transform_is_said_and_nothing_is_started() {
    block_on(async {
        let transform = Transform::new(64).await;
        let error = |options: StartOptions| transform.host.start(options).unwrap_err().to_string();
        let with = |component: &str, arguments: Arguments| {
            options(component, vec![])
                .entry_point(TRANSFORM)
                .arguments(arguments)
        };
        let none = error(with("parked", Arguments::default()));
        assert!(
            none.starts_with("component `parked` has no entry point `transform`"),
            "{none}"
        );
        let run = error(options("transform", vec![]));
        assert!(
            run.contains("transform: func(input: reader, output: writer)"),
            "{run}"
        );
        assert_eq!(
            error(with("transform", Arguments::default())),
            "`transform` takes 2 argument(s), 0 given; its signature is transform: func(input: reader, output: writer)"
        );
        let named = |name: &str| Arguments::Named(vec![(name.to_owned(), text("x"))]);
        assert_eq!(
            error(with("transform", named("input"))),
            "parameter `input` wants reader, given a text"
        );
        assert!(error(with("transform", named("other"))).contains("no parameter `other`"));
        assert_empty(&transform.host);
    });
}
