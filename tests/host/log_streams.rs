//! Logs as they are followed, and the embedder's channels by name.

use crate::support::{HUNG, block_on, channel, end, host, scenario};
use bytes::Bytes;
use weft_channel::Frame;
use weft_host::{
    Capabilities,
    capability::Right,
    log::{LogEntry, LogPiece, LogStream},
};

/// Reads a stream to its end: the bodies of entries, and how many were missed.
async fn all(mut stream: LogStream) -> (Vec<String>, u64) {
    let (mut bodies, mut missed) = (Vec::new(), 0);
    let reading = async {
        while let Some(piece) = stream.next().await {
            match piece {
                LogPiece::Entry(frame) => bodies.push(body(&frame)),
                LogPiece::Missed(entries) => missed += entries,
            }
        }
    };
    tokio::time::timeout(HUNG, reading).await.expect("it ends");
    (bodies, missed)
}

fn body(frame: &Frame) -> String {
    let entry: LogEntry = serde_json::from_slice(&frame.payload).unwrap();
    entry.body
}

#[test]
fn a_stream_that_is_there_first_gives_every_entry_or_counts_it() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let prepared = host.prepare(scenario("log-many", "5000", Capabilities::none()));
        let prepared = prepared.unwrap();
        let streams = [(); 2].map(|()| prepared.process().log_stream());
        let [whole, until_exit] = streams;
        let until_exit = until_exit.until_exit();
        end(&prepared.launch()).await;
        for stream in [whole, until_exit] {
            let (bodies, missed) = all(stream).await;
            assert!(missed > 0);
            assert_eq!(bodies.len() as u64 + missed, 5000);
        }
    });
}

#[test]
fn what_is_seen_elsewhere_is_not_missed() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let prepared = host.prepare(scenario("log-many", "5000", Capabilities::none()));
        let prepared = prepared.unwrap();
        // The host counts as copies only lines of streams that are connected; there are none, so all that is missed is a loss.
        let stream = prepared.process().log_stream().with_copies(|_| false);
        end(&prepared.launch()).await;
        let (bodies, missed) = all(stream).await;
        assert_eq!(bodies.len() as u64 + missed, 5000);
    });
}

#[test]
fn a_stream_of_what_there_is_now_ends_while_the_process_goes_on() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let start = scenario("log-many-and-stay", "3", Capabilities::none());
        let process = host.start(start).unwrap();
        let mut following = process.log_stream();
        for _ in 0..3 {
            let next = tokio::time::timeout(HUNG, following.next()).await;
            assert!(matches!(next, Ok(Some(LogPiece::Entry(_)))));
        }
        assert_eq!(all(process.log_stream().now()).await.0.len(), 3);
        assert_eq!(process.log_stream().now().more(2, 1 << 20).len(), 2);
        assert!(process.status().is_none());
        process.request_stop();
        assert!(following.next().await.is_none());
    });
}

#[test]
fn a_stream_goes_with_the_log_to_another_channel() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let capabilities =
            Capabilities::channels().with([Right::ProcessLifecycle, Right::LogReader]);
        let start = scenario("register-and-end", "drain", capabilities);
        let prepared = host.prepare(start).unwrap();
        let stream = prepared.process().log_stream();
        end(&prepared.launch()).await;
        let (bodies, _) = all(stream).await;
        assert_eq!(&bodies[bodies.len() - 2..], ["after", "and on"]);
    });
}

#[test]
fn channels_of_the_embedder_are_listed_by_name_in_their_order_and_not_kept() {
    block_on(async {
        let host = host(&[]).await;
        let (first, second, third) = (channel(100), channel(100), channel(100));
        for (name, channel) in [("b", &first), ("a", &second), ("b", &third)] {
            host.name_channel(name, channel);
        }
        let writer = third.strong_writer().unwrap();
        writer.write(Bytes::from_static(b"frame")).await.unwrap();
        let seen = || {
            let named = host.named_channels().into_iter();
            let named = named.map(|it| {
                let seen = it.observer.observe();
                (it.name, seen.map(|seen| seen.stats.frames_written))
            });
            named.collect::<Vec<_>>()
        };
        assert_eq!(seen(), [("b".into(), Some(1)), ("a".into(), Some(0))]);
        assert!(host.lookup("b").is_none());
        drop((first, second, third, writer));
        assert_eq!(seen(), [("b".into(), None), ("a".into(), None)]);
    });
}
