//! Waiting on the guest's own stack, tasks, buffers, typed ends, logs, metrics, and what is no use of the kit.

use crate::{SECOND, copy};
use std::panic::catch_unwind;
use std::time::Duration;
use weft_guest::{
    CallError, Channel, ExitStatus, Result, StartOptions, TypedReader, TypedWriter, blocking, log,
    metrics, spawn, testing, time,
};

/// A plain `fn main`.
fn echo(mut input: blocking::Reader, output: blocking::Writer) -> Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read()? {
        blocking::sleep(SECOND);
        output.write(&frame.payload)?.or_dropped();
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
                frames.write(frame).await.unwrap().or_dropped();
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
                output.write("late").await.unwrap().or_dropped();
            });
        });
        assert_eq!(testing::texts(said).await?, ["late"]);
        guest.wait().await;

        let (output, said) = testing::channel(64);
        let guest = testing::start(async move {
            spawn(async move {
                time::sleep(SECOND).await;
                output.write("late").await.unwrap().or_dropped();
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
        numbers.write(&7).await?.or_dropped();
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
