//! What the guest SDK carries besides frames: handles, bytes and names.

use crate::sdk_buffered::Play;
use crate::support::{block_on, channel, end, host, options, text};
use weft_host::{Argument, Capabilities, ExitStatus};

const CAPACITY: u64 = 1000;

#[test]
fn handles_stay_with_their_frames() {
    block_on(async {
        let play = Play::start("sdk", "carried/packed-handles", 0, CAPACITY).await;
        play.returns("[0, 1, 2] [0, 1, 2]").await;
    });
}

#[test]
fn a_narrowed_channel_stays_narrow_when_it_travels() {
    block_on(async {
        let play = Play::start("sdk", "carried/narrowed", 0, CAPACITY).await;
        play.returns("true true true true").await;
    });
}

#[test]
fn bytes_go_through_as_they_are_whatever_the_frames() {
    block_on(async {
        for (capacity, room) in [(100, 0), (100, 7), (1 << 20, 0), (1 << 20, 1 << 17)] {
            let mut play = Play::start("sdk", "carried/bytes", room, capacity).await;
            play.say("first").await;
            let writer = play.writer.take().expect("a writer");
            let sizes = (0..400).map(|n| n * 7 % 97).collect::<Vec<usize>>();
            let total: usize = sizes.iter().sum();
            let feed = tokio::spawn(async move {
                let mut next = 0u32..;
                for size in sizes {
                    let frame: Vec<u8> = next.by_ref().take(size).map(|n| n as u8).collect();
                    writer.write(frame.into()).await.unwrap();
                }
            });
            let mut bytes = Vec::new();
            while let Some(frame) = play.reader.read().await.unwrap() {
                bytes.extend_from_slice(&frame.payload);
            }
            feed.await.unwrap();
            assert!(bytes.iter().zip(0u32..).all(|(byte, n)| *byte == n as u8));
            assert_eq!(bytes.len(), total);
            play.returns(&format!("first {total}")).await;
        }
    });
}

#[test]
fn a_read_of_bytes_that_was_given_up_loses_none() {
    block_on(async {
        let mut play = Play::start("sdk", "carried/bytes-given-up", 0, CAPACITY).await;
        assert_eq!(play.hear().await, "given up");
        for part in ["one ", "two ", "three"] {
            play.say(part).await;
        }
        play.hang_up();
        play.returns("one two three").await;
    });
}

#[test]
fn bytes_that_nobody_takes_any_more_are_an_error() {
    block_on(async {
        let play = Play::start("sdk", "carried/bytes-to-nowhere", 0, 10_000).await;
        play.reader.read().await.unwrap().expect("bytes");
        play.back.terminate();
        play.returns("true").await;
    });
}

#[test]
fn bytes_before_an_error_are_read_before_it() {
    block_on(async {
        let play = Play::start("sdk", "carried/bytes-terminated", 0, CAPACITY).await;
        play.returns("4 Err(Terminated)").await;
    });
}

#[test]
fn a_published_name_is_found_by_who_waits_for_it() {
    block_on(async {
        let host = host(&["sdk"]).await;
        let (there, back) = (channel(CAPACITY), channel(CAPACITY));
        let arguments = vec![
            text("carried/names"),
            Argument::Reader(there.strong_reader().into()),
            Argument::Writer(back.strong_writer().unwrap().into()),
            Argument::Wave("0".into()),
        ];
        let names = || ["test/".to_owned()].into();
        let options = options("sdk", arguments).capabilities(Capabilities {
            publish: names(),
            lookup: names(),
            ..Capabilities::channels()
        });
        let process = host.start(options).unwrap();
        let wanted = "\"test/inbox true true true hello\"";
        assert_eq!(end(&process).await, ExitStatus::Returned(wanted.into()));
    });
}
