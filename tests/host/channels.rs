//! Frames between guests and native ends, in both flavours of waiting.

use crate::support::{HUNG, block_on, channel, end, host, options, with_channels};
use bytes::Bytes;
use weft_channel::Channel;
use weft_host::{Argument, ExitStatus, Host, Process};

/// Small, so that both sides have to wait again and again.
const CAPACITY: u64 = 100;

fn copy(
    host: &Host,
    component: &str,
    from: &Channel,
    to: &Channel,
    more: Vec<Argument>,
) -> Process {
    let mut arguments = vec![
        Argument::Reader(from.strong_reader().into()),
        Argument::Writer(to.strong_writer().unwrap().into()),
    ];
    arguments.extend(more);
    host.start(with_channels(options(component, arguments)))
        .unwrap()
}

async fn feed(channel: &Channel, frames: u32) {
    let writer = channel.strong_writer().unwrap();
    for number in 0..frames {
        writer
            .write(Bytes::copy_from_slice(&number.to_le_bytes()))
            .await
            .unwrap();
    }
}

async fn echoes(component: &str) {
    let host = host(&[component]).await;
    let (there, back) = (channel(CAPACITY), channel(CAPACITY));
    let reader = back.strong_reader();
    let process = copy(&host, component, &there, &back, vec![]);
    let feed = tokio::spawn(async move { feed(&there, 1000).await });
    for number in 0..1000u32 {
        let frame = reader.read().await.unwrap().expect("a frame");
        assert_eq!(frame.payload, number.to_le_bytes()[..]);
    }
    assert!(matches!(reader.read().await, Ok(None)));
    feed.await.unwrap();
    assert_eq!(end(&process).await, ExitStatus::Returned("1000".into()));
}

#[test]
fn frames_go_through_a_guest_that_waits_in_async_calls() {
    block_on(echoes("echo"));
}

#[test]
fn frames_go_through_a_guest_that_waits_on_its_stack() {
    block_on(echoes("blocking-echo"));
}

#[test]
fn frames_of_every_size_go_through() {
    block_on(async {
        let host = host(&["echo"]).await;
        let capacity = 4 << 20;
        let (there, back) = (channel(capacity), channel(capacity));
        let (writer, reader) = (there.strong_writer().unwrap(), back.strong_reader());
        let process = copy(&host, "echo", &there, &back, vec![]);
        let sizes = [
            0,
            1,
            65535,
            65536,
            65537,
            (1 << 20) - 1,
            1 << 20,
            (1 << 20) + 1,
            capacity,
        ];
        for size in sizes {
            let frame: Bytes = (0..size)
                .map(|n| (n % 251) as u8)
                .collect::<Vec<_>>()
                .into();
            writer.write(frame.clone()).await.unwrap();
            assert!(
                reader.read().await.unwrap().unwrap().payload == frame,
                "{size}"
            );
        }
        drop(writer);
        assert_eq!(
            end(&process).await,
            ExitStatus::Returned(sizes.len().to_string())
        );
    });
}

#[test]
fn a_guest_that_traps_releases_its_ends_and_nobody_hangs() {
    block_on(async {
        let host = host(&["fail-midway", "parked"]).await;
        let (there, back) = (channel(CAPACITY), channel(CAPACITY));
        let after = Argument::Wave("10".into());
        let failing = copy(&host, "fail-midway", &there, &back, vec![after]);
        let reader = Argument::Reader(back.strong_reader().into());
        let sink = host
            .start(with_channels(options("parked", vec![reader])))
            .unwrap();
        // The writer before it goes on and ends, though its reader is gone.
        tokio::time::timeout(HUNG, feed(&there, 1000))
            .await
            .expect("the writer ends");
        assert!(matches!(end(&failing).await, ExitStatus::Trapped(_)));
        // The reader after it reads what was sent and then the end.
        assert_eq!(end(&sink).await, ExitStatus::Returned("10".into()));
        assert_eq!(
            (there.stats().strong_readers, back.stats().strong_writers),
            (0, 0)
        );
    });
}

#[test]
fn a_terminated_channel_ends_those_who_wait_on_it() {
    block_on(async {
        let host = host(&["parked"]).await;
        let channel = channel(CAPACITY);
        let reader = Argument::Reader(channel.strong_reader().into());
        let process = host
            .start(with_channels(options("parked", vec![reader])))
            .unwrap();
        channel.terminate();
        let ExitStatus::Failed(text) = end(&process).await else {
            panic!()
        };
        assert!(text.contains("terminated"), "{text}");
    });
}

#[test]
fn ends_are_streams_and_sinks_beside_timers_and_tasks() {
    block_on(async {
        let host = host(&["combinators"]).await;
        let (there, back) = (channel(CAPACITY), channel(CAPACITY));
        let (writer, reader) = (there.strong_writer().unwrap(), back.strong_reader());
        let process = copy(&host, "combinators", &there, &back, vec![]);
        let waiting = reader.read().await.unwrap().expect("a frame");
        assert_eq!(waiting.payload, "waiting");
        let feed = tokio::spawn(async move {
            for number in 0..100 {
                writer.write(format!("{number}").into()).await.unwrap();
            }
        });
        for number in 1..100 {
            let frame = reader.read().await.unwrap().expect("a frame");
            assert_eq!(frame.payload, format!("{number}{number}"));
        }
        assert!(matches!(reader.read().await, Ok(None)));
        feed.await.unwrap();
        let wanted = "\"0; spawned\"";
        assert_eq!(end(&process).await, ExitStatus::Returned(wanted.into()));
    });
}
