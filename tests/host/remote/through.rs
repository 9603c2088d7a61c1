//! Remote channels as ends that a guest or a transform is started with, and in the hands of an embedder.

use super::{SMALL, behind, strong_reader, strong_writer};
use crate::remote_engine::{Delay, Line};
use crate::support::{HUNG, block_on, channel, end, host, options, text, with_channels};
use std::time::Duration;
use weft_channel::Strength;
use weft_host::{Argument, ExitStatus, component::TRANSFORM};

#[test]
fn frames_go_through_guests_of_both_flavours_from_and_to_a_remote_channel() {
    block_on(async {
        for component in ["echo", "blocking-echo"] {
            for delay in [
                Delay::None,
                Delay::Turns(2),
                Delay::Time(Duration::from_millis(1)),
            ] {
                let host = host(&[component]).await;
                let line = Line::new(delay);
                let (there, back) = (behind(&line, SMALL), behind(&line, SMALL));
                let ends = vec![strong_reader(&there).await, strong_writer(&back).await];
                let process = host.start(with_channels(options(component, ends))).unwrap();
                let reader = back.open_reader(Strength::Strong).await.unwrap();
                let feed = async {
                    let writer = there.open_writer(Strength::Strong).await.unwrap();
                    for number in 0..100u32 {
                        let frame = number.to_le_bytes().to_vec();
                        writer.write(frame.into()).await.unwrap();
                    }
                };
                let read = async {
                    for number in 0..100u32 {
                        let frame = reader.read().await.unwrap().expect("a frame");
                        assert_eq!(frame.payload, number.to_le_bytes()[..]);
                    }
                    assert!(matches!(reader.read().await, Ok(None)));
                };
                let all = async { tokio::join!(feed, read) };
                tokio::time::timeout(HUNG, all).await.expect("it goes on");
                assert_eq!(end(&process).await, ExitStatus::Returned("100".into()));
            }
        }
    });
}

#[test]
fn a_guest_that_waits_on_its_stack_sees_the_error_too() {
    block_on(async {
        let host = host(&["blocking-echo"]).await;
        let line = Line::new(Delay::Turns(1));
        let (there, back) = (behind(&line, SMALL), behind(&line, SMALL));
        let ends = vec![strong_reader(&there).await, strong_writer(&back).await];
        let calls = line.calls_now();
        let process = host
            .start(with_channels(options("blocking-echo", ends)))
            .unwrap();
        tokio::time::timeout(HUNG, line.calls(calls + 1))
            .await
            .unwrap();
        line.cut();
        let ExitStatus::Failed(error) = end(&process).await else {
            panic!("it fails")
        };
        assert!(error.contains("cannot be reached now"), "{error}");
    });
}

#[test]
fn a_transform_runs_between_remote_channels_and_fails_by_name() {
    block_on(async {
        for reachable in [true, false] {
            let host = host(&["transform"]).await;
            let line = Line::new(Delay::Turns(1));
            let (input, output) = (behind(&line, 1 << 10), behind(&line, 1 << 10));
            let ends = vec![strong_reader(&input).await, strong_writer(&output).await];
            let read = output.open_reader(Strength::Strong).await.unwrap();
            let process = host
                .start(options("transform", ends).entry_point(TRANSFORM))
                .unwrap();
            let writer = input.open_writer(Strength::Strong).await.unwrap();
            writer.write("a".into()).await.unwrap();
            let frame = tokio::time::timeout(HUNG, read.read()).await.unwrap();
            assert_eq!(frame.unwrap().unwrap().payload, "A");
            if reachable {
                drop(writer);
                let counts = ExitStatus::Returned("{read: 1, written: 2}".into());
                assert_eq!(end(&process).await, counts);
            } else {
                line.cut();
                let why = "its input cannot be read: the channel cannot be reached now";
                assert_eq!(end(&process).await, ExitStatus::Failed(why.into()));
            }
        }
    });
}

#[test]
fn reads_that_a_guest_gives_up_lose_no_frame() {
    block_on(async {
        for scenario in ["given-up/reads", "given-up/batches"] {
            let host = host(&["sdk"]).await;
            let line = Line::new(Delay::Turns(1));
            let (there, back) = (behind(&line, SMALL), channel(1 << 10));
            let arguments = vec![
                text(scenario),
                strong_reader(&there).await,
                Argument::Writer(back.strong_writer().unwrap().into()),
                Argument::Wave("0".into()),
            ];
            let process = host
                .start(with_channels(options("sdk", arguments)))
                .unwrap();
            let writer = there.open_writer(Strength::Strong).await.unwrap();
            let reader = back.strong_reader();
            let mut written = 0u32;
            while reader.try_read().is_err() {
                let frame = written.to_le_bytes().to_vec();
                writer.write(frame.into()).await.unwrap();
                written += 1;
                tokio::time::sleep(Duration::from_micros(500)).await;
            }
            drop(writer);
            let all = ExitStatus::Returned(format!("\"{written} true\""));
            assert_eq!(end(&process).await, all, "{scenario}");
        }
    });
}

#[test]
fn an_embedder_shows_and_shares_one_as_any_other() {
    block_on(async {
        let host = host(&[]).await;
        let line = Line::new(Delay::Turns(1));
        let far = behind(&line, SMALL);
        host.name_channel("far", &far);
        let held = host.publish("far", &far.clone().into()).unwrap();
        assert!(host.lookup("far").is_some());
        let writer = far.open_writer(Strength::Strong).await.unwrap();
        writer.write("abc".into()).await.unwrap();
        assert_eq!(far.ask_stats().await.frames_written, 1);
        let shown = host.named_channels();
        let seen = shown[0].observer.observe().expect("it is there");
        assert_eq!((seen.stats.bytes_held, seen.stats.capacity), (3, SMALL));
        drop((writer, far, held));
        assert!(shown[0].observer.observe().is_none());
    });
}
