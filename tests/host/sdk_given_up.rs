//! Waits of the guest SDK that are given up, a thousand times each: nothing is lost by it, and nothing is done.

use crate::sdk_buffered::Play;
use crate::support::{block_on, channel, end, host, options, text, with_channels};
use weft_channel::ReadError;
use weft_host::{Argument, Capabilities, ExitStatus, capability::Right};

/// Small, so that writers wait.
const SMALL: u64 = 16;

/// A guest alone, with these rights besides.
async fn alone(scenario: &str, rights: &[Right], names: &[&str]) -> ExitStatus {
    let host = host(&["sdk"]).await;
    let arguments = vec![
        text(scenario),
        Argument::Reader(channel(1).strong_reader().into()),
        Argument::Writer(channel(1).strong_writer().unwrap().into()),
        Argument::Wave("0".into()),
    ];
    let options = with_channels(options("sdk", arguments));
    let mut capabilities: Capabilities = options.capabilities.clone().with(rights.iter().copied());
    capabilities.publish = names.iter().map(ToString::to_string).collect();
    capabilities.lookup = capabilities.publish.clone();
    let process = host.start(options.capabilities(capabilities)).unwrap();
    end(&process).await
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

#[test]
fn reads_that_are_given_up_lose_no_frame() {
    block_on(async {
        for scenario in ["given-up/reads", "given-up/batches"] {
            let mut play = Play::start("sdk", scenario, 0, SMALL).await;
            let writer = play.writer.take().expect("a writer");
            let mut written = 0u32;
            // Frames that come now and then, so that most reads wait in vain, until so many have.
            while matches!(play.reader.try_read(), Err(ReadError::WouldBlock)) {
                writer
                    .write(written.to_le_bytes().to_vec().into())
                    .await
                    .unwrap();
                written += 1;
                tokio::time::sleep(std::time::Duration::from_micros(500)).await;
            }
            drop(writer);
            play.returns(&format!("{written} true")).await;
        }
    });
}

#[test]
fn writes_that_are_given_up_have_sent_nothing() {
    block_on(async {
        for how in 0..4u32 {
            let mut play = Play::start("sdk", "given-up/writes", how, SMALL).await;
            play.hang_up();
            let mut next = 0u32;
            while let Some(frame) = play.reader.read().await.unwrap() {
                // What was written again was not written before, and nothing was left out.
                let number = match how {
                    3 => postcard_u32(&frame.payload),
                    _ => u32::from_le_bytes(frame.payload[..].try_into().unwrap()),
                };
                assert_eq!(number, next, "kind {how}");
                next += 1;
                if number.is_multiple_of(3) {
                    tokio::time::sleep(std::time::Duration::from_micros(200)).await;
                }
            }
            play.returns(&next.to_string()).await;
        }
    });
}

/// A number as postcard writes it: seven bits a byte, the lowest first.
fn postcard_u32(bytes: &[u8]) -> u32 {
    let parts = bytes.iter().enumerate();
    parts.fold(0, |all, (at, byte)| {
        all | u32::from(byte & 0x7f) << (7 * at)
    })
}

#[test]
fn ends_are_told_once_to_waits_that_are_given_up() {
    block_on(async {
        let status = alone("given-up/ends", &[Right::ProcessLifecycle], &[]).await;
        assert_eq!(status, returned("true true"));
    });
}

#[test]
fn names_that_are_waited_for_in_vain_are_found_later() {
    block_on(async {
        let status = alone("given-up/names", &[], &["test/"]).await;
        assert_eq!(status, returned("true true"));
    });
}

#[test]
fn requests_that_are_waited_for_in_vain_are_answered_later() {
    block_on(async {
        let status = alone("given-up/requests", &[], &[]).await;
        assert_eq!(status, returned("1000 true"));
    });
}

#[test]
fn an_end_that_is_watched_for_again_is_told_once() {
    block_on(async {
        let status = alone("given-up/watched-again", &[Right::ProcessLifecycle], &[]).await;
        assert_eq!(status, returned("[3, 7] 2"));
    });
}

#[test]
fn ends_that_are_handed_on_take_along_what_they_hold() {
    block_on(async {
        let one_to_nine = "1 2 3 4 5 6 7 8 9";
        let all = format!("0 {one_to_nine}");
        let child = |text: &str| format!("returned {text:?}");
        for (how, wanted) in [
            ("given-up", child(&all)),
            ("given-up-framed", all.clone()),
            ("weakened", one_to_nine.to_owned()),
            ("buffered", child(one_to_nine)),
            ("typed", child(one_to_nine)),
            ("framed", one_to_nine.to_owned()),
            ("raw", one_to_nine.to_owned()),
            ("blocking", one_to_nine.to_owned()),
            ("twice", "2 3 4 5 6 7 8 9".to_owned()),
            // With its handles to a child; in a frame the handles are dropped.
            ("handles", format!("{} | two", child("two +2"))),
        ] {
            let scenario = format!("handed-on/{how}");
            let status = alone(&scenario, &[Right::ProcessLifecycle], &[]).await;
            assert_eq!(status, returned(&wanted), "{how}");
        }
    });
}

#[test]
fn what_a_sink_has_accepted_leaves_before_what_is_written_later() {
    block_on(async {
        for how in [
            "write", "batch", "carrying", "try", "buffered", "bytes", "sink",
        ] {
            let status = alone(&format!("handed-on/fed-{how}"), &[], &[]).await;
            assert_eq!(status, returned("0AB"), "{how}");
        }
    });
}

#[test]
fn a_frame_that_nests_too_deep_is_an_error_and_the_next_is_read() {
    block_on(async {
        let status = alone("values/deep", &[], &[]).await;
        assert_eq!(status, returned("0 100 no 2 3"));
    });
}

#[test]
fn numbers_that_have_no_json_are_refused_by_who_writes_them() {
    block_on(async {
        let status = alone("values/no-numbers", &[], &[]).await;
        assert_eq!(status, returned("3 [(1.5, None), (2.5, Some(1.0))]"));
    });
}
