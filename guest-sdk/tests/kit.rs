//! What the test kit imitates, through the SDK, as a test of a guest would use it.
//!
//! The rules of channels themselves have a suite of their own (`src/testing/engine/tests.rs`); here is that guests meet them.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::cell::RefCell;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::time::Duration;
use weft_guest::channel::Access;
use weft_guest::futures::{FutureExt, StreamExt, join, select};
use weft_guest::rpc::{Client, RpcError, Server};
use weft_guest::testing::{self, At};
use weft_guest::{
    CallError, Channel, ExitStatus, Handle, Monitor, ReadError, Reader, Result, StartOptions,
    TypedReader, TypedWriter, WriteError, Writer, blocking, log, metrics, process, registry, spawn,
    time,
};

const SECOND: Duration = Duration::from_secs(1);

/// Sends on what it reads.
async fn copy(mut input: Reader, output: Writer) -> Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?;
        frames += 1;
    }
    Ok(frames)
}

/// The same, many frames at a time.
async fn copy_buffered(input: Reader, output: Writer) -> Result<u64> {
    let (mut input, mut output) = (input.buffered(), output.buffered());
    while let Some(frame) = input.read().await? {
        output.write(frame.payload).await?;
    }
    output.flush().await?;
    Ok(output.frames_sent())
}

async fn send(writer: &Writer, frames: &[&str]) -> Result {
    for frame in frames {
        writer.write(*frame).await?;
    }
    Ok(())
}

#[test]
fn a_stage_is_run_from_its_first_frame_to_its_result() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, copies) = testing::channel(64);
        let guest = testing::start(copy(input, output));
        send(&frames, &["one", "two"]).await?;
        drop(frames);
        assert_eq!(testing::texts(copies).await?, ["one", "two"]);
        assert_eq!(guest.wait().await, ExitStatus::Returned("2".into()));
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn a_full_channel_makes_its_writer_wait() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(2);
        send(&writer, &["ab"]).await?;
        assert_eq!(writer.try_write(b"c"), Err(WriteError::WouldBlock));
        let (written, read) = join!(writer.write("c"), async {
            time::sleep(SECOND).await;
            reader.read().await
        });
        assert!(written?);
        assert_eq!(read?.unwrap().payload, b"ab");
        assert_eq!(testing::elapsed(), SECOND);
        let too_large = Err(WriteError::TooLarge(2));
        assert_eq!(writer.try_write(b"def"), too_large);
        Ok(())
    })
}

#[test]
fn a_dropping_channel_drops_and_counts() -> Result {
    testing::run(async {
        let channel = Channel::dropping(2)?;
        let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
        assert!(writer.write("ab").await?);
        assert!(!writer.write("c").await?);
        assert_eq!(reader.read().await?.unwrap().payload, b"ab");
        assert_eq!(channel.stats().frames_dropped, 1);
        Ok(())
    })
}

#[test]
fn a_weak_reader_is_overtaken_and_told_so() -> Result {
    testing::run(async {
        let channel = Channel::bounded(2)?;
        let (writer, mut weak) = (channel.strong_writer()?, channel.weak_reader()?);
        send(&writer, &["a", "b", "c"]).await?;
        assert_eq!(weak.read().await.unwrap_err(), ReadError::Lagged(1));
        assert_eq!(weak.read().await?.unwrap().payload, b"b");
        let mut late = channel.strong_reader()?;
        assert_eq!(late.read().await?.unwrap().payload, b"b");
        Ok(())
    })
}

#[test]
fn only_strong_writers_keep_a_channel_open() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (strong, weak) = (channel.strong_writer()?, channel.weak_writer()?);
        let mut reader = channel.strong_reader()?;
        send(&weak, &["a"]).await?;
        let demoted = strong.downgrade();
        assert_eq!(reader.read().await?.unwrap().payload, b"a");
        assert!(reader.read().await?.is_none());
        assert_eq!(weak.write("b").await, Err(WriteError::Drained));
        assert_eq!(demoted.write("b").await, Err(WriteError::Drained));
        assert!(matches!(channel.strong_writer(), Err(CallError::Closed)));
        Ok(())
    })
}

#[test]
fn a_drained_channel_can_be_read_to_its_end() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
        send(&writer, &["a"]).await?;
        channel.drain()?;
        assert_eq!(writer.try_write(b"b"), Err(WriteError::Drained));
        assert_eq!(reader.read().await?.unwrap().payload, b"a");
        assert!(reader.read().await?.is_none());
        Ok(())
    })
}

#[test]
fn a_terminated_channel_fails_what_waits_at_once() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (writer, input) = (channel.strong_writer()?, channel.strong_reader()?);
        let (output, _copies) = testing::channel(8);
        let guest = testing::start(copy(input, output));
        time::sleep(SECOND).await;
        channel.terminate()?;
        let failed = ExitStatus::Failed(ReadError::Terminated.to_string());
        assert_eq!(guest.wait().await, failed);
        assert_eq!(writer.try_write(b"b"), Err(WriteError::Terminated));
        Ok(())
    })
}

#[test]
fn handles_travel_with_a_frame_to_its_first_reader() -> Result {
    testing::run(async {
        let channel = Channel::bounded(64)?;
        let (writer, mut first) = (channel.strong_writer()?, channel.strong_reader()?);
        let mut second = channel.strong_reader()?;
        let (news, mut mine) = testing::channel(64);
        writer.write_with("send news", [news.into()]).await?;
        let mut frame = first.read().await?.unwrap();
        let Some(Handle::Writer(reply)) = frame.handles.pop() else {
            panic!("a writer came with it");
        };
        reply.write("news").await?;
        assert_eq!(mine.read().await?.unwrap().payload, b"news");
        assert!(second.read().await?.unwrap().handles.is_empty());
        Ok(())
    })
}

#[test]
fn frames_that_a_reader_had_taken_go_with_it() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(64);
        send(&writer, &["one", "two", "three"]).await?;
        drop(writer);
        let waited = reader.read_packed(2, 64).await?;
        assert_eq!(waited.iter().count(), 2);
        let (carrier, mut carried) = testing::channel(64);
        carrier.write_with("the rest", [reader.into()]).await?;
        let rest = carried.read().await?.unwrap().handles.pop();
        let rest = rest.and_then(Handle::reader).unwrap();
        assert_eq!(testing::texts(rest).await?, ["three"]);
        Ok(())
    })
}

#[test]
fn access_that_was_narrowed_is_refused() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let inbox = channel.narrow(Access::WRITERS)?;
        inbox.weak_writer()?;
        let denied = CallError::PermissionDenied("channel-reader(handle)".into());
        assert_eq!(inbox.strong_reader().unwrap_err(), denied);
        let token = channel.share()?;
        assert_eq!(Channel::attach(&token)?.access(), Access::ALL);
        channel.revoke()?;
        assert!(matches!(
            Channel::attach(&token),
            Err(CallError::NotFound(_))
        ));
        Ok(())
    })
}

#[test]
fn a_name_is_awaited_until_it_is_published() -> Result {
    testing::run(async {
        let guest = testing::start(async {
            let channel = registry::await_name("jobs").await?;
            channel.weak_writer()?.write("ready").await?;
            Ok::<(), weft_guest::Error>(())
        });
        let channel = Channel::bounded(64)?;
        let mut reader = channel.strong_reader()?;
        let name = registry::publish("jobs", &channel)?;
        assert_eq!(reader.read().await?.unwrap().payload, b"ready");
        guest.returned().await?;
        drop(name);
        assert!(matches!(
            registry::lookup("jobs"),
            Err(CallError::NotFound(_))
        ));
        Ok(())
    })
}

#[test]
fn time_passes_only_when_nobody_can_go_on() -> Result {
    testing::run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        for seconds in [3, 1, 2] {
            let order = Rc::clone(&order);
            spawn(async move {
                time::sleep(SECOND * seconds).await;
                order.borrow_mut().push(seconds);
            });
        }
        time::sleep(SECOND * 10).await;
        assert_eq!(*order.borrow(), [1, 2, 3]);
        assert_eq!(testing::elapsed(), SECOND * 10);
        let (_writer, mut reader) = testing::channel(8);
        let nothing = reader.read_within(SECOND).await;
        assert_eq!(nothing.unwrap_err(), ReadError::WouldBlock);
        assert_eq!(testing::elapsed(), SECOND * 11);
        Ok(())
    })
}

/// Adds up numbers for whoever asks.
async fn sums(requests: Reader) -> Result<u64> {
    let mut server = Server::new(requests);
    let mut answered = 0;
    while let Some(request) = server.next().await? {
        let question = String::from_utf8_lossy(request.payload()).into_owned();
        if let Some((left, right)) = question.split_once('+') {
            let sum = left.parse::<u64>()? + right.parse::<u64>()?;
            request.reply(sum.to_string()).await?;
            answered += 1;
        }
    }
    Ok(answered)
}

#[test]
fn requests_are_answered_by_a_server_under_test() -> Result {
    testing::run(async {
        let (requests, input) = testing::channel(1024);
        let guest = testing::start(sums(input));
        let client = Client::new(requests);
        let (one, other) = join!(client.call("2+3"), client.call("40+2"));
        assert_eq!((one?, other?), (b"5".to_vec(), b"42".to_vec()));
        let none = client.call("two and three").await;
        assert!(matches!(none, Err(RpcError::NoReply)), "{none:?}");
        drop(client);
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn a_call_runs_out_of_time_by_the_clock_of_the_test() -> Result {
    testing::run(async {
        let (requests, mut input) = testing::channel(1024);
        let client = Client::new(requests);
        let late = client.call_within(SECOND, "hello").await;
        assert!(matches!(late, Err(RpcError::TimedOut)), "{late:?}");
        assert_eq!(testing::elapsed(), SECOND);
        assert!(input.read().await?.is_some());
        Ok(())
    })
}

#[test]
fn a_guest_is_killed_before_it_sees_a_chosen_frame() -> Result {
    for buffered in [false, true] {
        testing::run(async move {
            let (frames, input) = testing::channel(64);
            let (output, copies) = testing::channel(64);
            send(&frames, &["one", "two", "three", "four"]).await?;
            let guest = match buffered {
                true => testing::start(copy_buffered(input, output)),
                false => testing::start(copy(input, output)),
            };
            guest.kill_at(At::Read(3));
            assert_eq!(guest.wait().await, ExitStatus::Killed);
            let copies = testing::texts(copies).await?;
            let expected: &[&str] = match buffered {
                // What was collected is lost with the guest.
                true => &[],
                false => &["one", "two"],
            };
            assert_eq!(copies, expected);
            Ok::<(), weft_guest::Error>(())
        })?;
    }
    Ok(())
}

#[test]
fn a_guest_is_killed_after_a_chosen_frame_was_sent() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, copies) = testing::channel(64);
        send(&frames, &["one", "two", "three"]).await?;
        let guest = testing::start(copy(input, output));
        guest.kill_at(At::Written(2));
        assert_eq!(testing::texts(copies).await?, ["one", "two"]);
        assert_eq!(guest.wait().await, ExitStatus::Killed);
        Ok(())
    })
}

/// Reads until it is asked to stop.
async fn patient(mut input: Reader) -> Result<u64> {
    let mut read = 0;
    let stop = process::stop_request().fuse();
    let mut stop = std::pin::pin!(stop);
    loop {
        select! {
            () = stop => return Ok(read),
            frame = input.next() => match frame {
                Some(frame) => drop(frame?),
                None => return Ok(read),
            },
        }
        read += 1;
    }
}

#[test]
fn a_guest_is_asked_to_stop_at_a_chosen_frame() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let guest = testing::start(patient(input));
        guest.stop_at(At::Read(2));
        send(&frames, &["one", "two"]).await?;
        assert_eq!(guest.wait().await, ExitStatus::Stopped);
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn reads_end_when_a_guest_is_asked_to_stop_and_a_monitor_tells_it_as_a_stream() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        let guest = testing::start(copy(input, output));
        let monitor = Monitor::new()?;
        monitor.watch(&guest.process(), 1)?;
        frames.write("one").await?;
        assert_eq!(copies.read().await?.unwrap().payload, b"one");
        assert_eq!(guest.process().stop(SECOND).await?, ExitStatus::Stopped);
        assert_eq!(testing::elapsed(), Duration::ZERO);
        let ends: Vec<u64> = monitor.stream().map(|exit| exit.tag).collect().await;
        assert_eq!(ends, [1]);
        Ok(())
    })
}

#[test]
fn what_is_left_in_a_channel_that_has_ended_is_read_though_a_guest_is_asked_to_stop() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        send(&frames, &["one", "two"]).await?;
        drop(frames);
        let guest = testing::start(copy(input, output));
        guest.stop_at(At::Read(1));
        assert_eq!(guest.wait().await, ExitStatus::Stopped);
        for text in ["one", "two"] {
            assert_eq!(copies.read().await?.unwrap().payload, text.as_bytes());
        }
        Ok(())
    })
}

#[test]
fn a_guest_that_does_not_stop_is_killed_after_its_grace() -> Result {
    testing::run(async {
        let (_frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        let guest = testing::start(copy(input.past_stop(), output)).named("stubborn");
        let monitor = Monitor::new()?;
        monitor.watch(&guest.process(), 7)?;
        assert_eq!(guest.process().stop(SECOND).await?, ExitStatus::Killed);
        assert_eq!(testing::elapsed(), SECOND);
        // Its writer is closed.
        assert!(copies.read().await?.is_none());
        let exit = monitor.next().await.unwrap();
        assert_eq!((&*exit.name, exit.tag), ("stubborn", 7));
        assert_eq!(monitor.next().await, None);
        Ok(())
    })
}

/// A plain `fn main`.
fn echo(mut input: blocking::Reader, output: blocking::Writer) -> Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read()? {
        blocking::sleep(SECOND);
        output.write(&frame.payload)?;
        frames += 1;
    }
    Ok(frames)
}

#[test]
fn a_guest_that_waits_on_its_own_stack_runs_beside_the_test() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(3);
        let (output, copies) = testing::channel(3);
        let guest = testing::start_blocking(|| echo(input.into(), output.into()));
        spawn(async move {
            for frame in ["one", "two"] {
                frames.write(frame).await.unwrap();
            }
        });
        assert_eq!(testing::texts(copies).await?, ["one", "two"]);
        assert_eq!(guest.returned().await?, 2);
        assert_eq!(testing::elapsed(), SECOND * 2);
        Ok(())
    })
}

#[test]
fn tasks_go_on_after_the_entry_point_and_end_with_an_error() -> Result {
    testing::run(async {
        let (output, said) = testing::channel(64);
        let guest = testing::start(async move {
            spawn(async move {
                time::sleep(SECOND).await;
                output.write("late").await.unwrap();
            });
        });
        assert_eq!(testing::texts(said).await?, ["late"]);
        guest.wait().await;

        let (output, said) = testing::channel(64);
        let guest = testing::start(async move {
            spawn(async move {
                time::sleep(SECOND).await;
                output.write("late").await.unwrap();
            });
            Result::<()>::Err(weft_guest::Error::msg("no"))
        });
        assert_eq!(guest.wait().await, ExitStatus::Failed("no".into()));
        assert!(testing::texts(said).await?.is_empty());
        Ok(())
    })
}

#[test]
fn a_buffered_writer_sends_when_its_guest_waits() -> Result {
    testing::run(async {
        let (output, mut said) = testing::channel(64);
        let _guest = testing::start(async move {
            let mut output = output.buffered();
            output.write("kept").await?;
            time::sleep(SECOND).await;
            Ok::<(), weft_guest::Error>(())
        });
        assert_eq!(said.read().await?.unwrap().payload, b"kept");
        assert_eq!(testing::elapsed(), Duration::ZERO);
        Ok(())
    })
}

#[test]
fn typed_ends_and_streams_of_bytes_work() -> Result {
    testing::run(async {
        let (writer, reader) = testing::channel(1 << 20);
        let numbers = TypedWriter::<u32>::from(writer);
        let mut read = TypedReader::<u32>::from(reader);
        numbers.write(&7).await?;
        assert_eq!(read.read().await?, Some(7));

        let (writer, reader) = testing::channel(1 << 20);
        let mut bytes = writer.into_bytes();
        bytes.write(vec![1; 100_000]).await?;
        assert_eq!(bytes.finish().await?, 100_000);
        let (mut source, mut buffer, mut all) = (reader.into_bytes(), Vec::new(), 0);
        while source.read(&mut buffer).await? > 0 {
            all += buffer.len();
        }
        assert_eq!(all, 100_000);
        Ok(())
    })
}

#[test]
fn each_guest_has_a_log_of_its_own() -> Result {
    testing::run(async {
        let one = testing::start(async { log::info!(lines = 3; "done") });
        let other = testing::start(async {
            weft_guest::tracing::warn!(line = 7, "odd");
        });
        one.wait().await;
        other.wait().await;
        assert_eq!(one.log().len(), 1);
        assert_eq!(
            (&*one.log()[0].message, one.log()[0].field("lines")),
            ("done", Some("3"))
        );
        assert_eq!(other.log()[0].level, log::Level::Warn);
        assert_eq!(other.log()[0].field("line"), Some("7"));
        Ok(())
    })
}

#[test]
fn a_test_in_which_nobody_can_go_on_says_who_waits() {
    let stuck = catch_unwind(|| {
        testing::run(async {
            let (_frames, input) = testing::channel(64);
            let (output, copies) = testing::channel(64);
            let _guest = testing::start(copy(input, output)).named("copy");
            testing::texts(copies).await.unwrap()
        })
    });
    let text = *stuck.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("the test waits for a frame"), "{text}");
    assert!(
        text.contains("process 1 (copy) waits for a frame"),
        "{text}"
    );
}

#[test]
fn a_panic_of_a_guest_is_the_panic_of_the_test() {
    let panicked = catch_unwind(|| {
        testing::run(async {
            testing::start(async {
                if testing::elapsed().is_zero() {
                    panic!("out of thread");
                }
            })
            .wait()
            .await
        })
    });
    let text = panicked.unwrap_err();
    assert_eq!(text.downcast_ref(), Some(&"out of thread"));
}

#[test]
fn what_the_kit_does_not_imitate_says_so() -> Result {
    testing::run(async {
        let refused = weft_guest::Process::start(StartOptions::new("hello"));
        assert!(matches!(refused, Err(CallError::Unsupported(_))));
        Ok(())
    })
}

#[test]
fn a_call_outside_of_a_test_says_what_to_do() {
    let called = catch_unwind(|| Channel::bounded(1).is_ok());
    let text = *called.unwrap_err().downcast::<&str>().unwrap();
    assert!(text.contains("testing::run"), "{text}");
}

#[test]
fn what_a_guest_counts_can_be_read_and_a_name_has_one_meaning() {
    /// Opens everything twice, and ignores what a host ignores.
    async fn counts() -> Result<u32> {
        let read = metrics::counter("read").unit("bytes");
        let read = read.label("from", "LAX").label("to", "SFO").open()?;
        read.add(3.0);
        let again = metrics::counter("read").unit("bytes");
        let again = again.label("to", "SFO").label("from", "LAX").open()?;
        drop(read);
        for amount in [-1.0, f64::NAN, f64::INFINITY, 4.0] {
            again.add(amount);
        }
        let waiting = metrics::gauge("waiting").open()?;
        waiting.set(2.0);
        waiting.add(-3.0);
        waiting.set(f64::NAN);
        let took = metrics::histogram("took").open()?;
        took.observe_time(Duration::from_millis(500));
        took.observe(f64::NAN);
        let refused = [
            metrics::gauge("read").unit("bytes").open().map(drop),
            metrics::counter("read").open().map(drop),
            metrics::counter("read")
                .unit("bytes")
                .description("x")
                .open()
                .map(drop),
            metrics::histogram("took").bounds(&[1.0]).open().map(drop),
        ];
        let invalid =
            |it: &&Result<(), CallError>| matches!(it, Err(CallError::InvalidArgument(_)));
        Ok(refused.iter().filter(invalid).count() as u32)
    }

    testing::run(async {
        let guest = testing::start(counts());
        let other = testing::start(async {});
        guest.wait().await;
        let labels = [("from", "LAX"), ("to", "SFO")];
        assert_eq!(guest.metric("read", &labels), Some(7.0));
        assert_eq!(guest.metric("read", &labels[..1]), None);
        assert_eq!(guest.metric("waiting", &[]), Some(-1.0));
        assert_eq!(guest.observed("took", &[]), Some(vec![0.5]));
        assert_eq!(guest.metric("took", &[]), None);
        other.wait().await;
        assert_eq!(other.metric("waiting", &[]), None);
        // All four that have another meaning.
        assert_eq!(guest.returned().await.unwrap(), 4);
    });
}
