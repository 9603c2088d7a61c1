//! Wake-ups under load: nothing may hang, however tasks interleave.
//!
//! `WEFT_STRESS_ROUND_TRIPS` sets the length of the ping-pong.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{block, bounded, plain};
use weft_channel::{ReadError, WriteError};

fn round_trips() -> u32 {
    let set = std::env::var("WEFT_STRESS_ROUND_TRIPS").ok();
    set.map_or(200_000, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ping_pong_never_hangs() {
    let (there, back) = (block(8), block(8));
    let (ping, pong) = (
        there.strong_writer().unwrap(),
        back.strong_writer().unwrap(),
    );
    let (pings, pongs) = (there.strong_reader(), back.strong_reader());
    let echo = tokio::spawn(async move {
        while let Some(frame) = pings.read().await.unwrap() {
            pong.write(frame.payload).await.unwrap();
        }
    });
    let total = round_trips();
    let count = tokio::spawn(async move {
        for n in 0..total {
            let sent = Bytes::copy_from_slice(&n.to_le_bytes());
            ping.write(sent.clone()).await.unwrap();
            let got = pongs.read().await.unwrap().unwrap();
            assert_eq!(got.payload, sent);
        }
    });
    // Longer than `bounded`, as the length can be set.
    let limit = std::time::Duration::from_secs(120 + u64::from(total) / 10_000);
    tokio::time::timeout(limit, count).await.unwrap().unwrap();
    bounded(echo).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_through_one_frame_of_room_never_hangs() {
    let channel = block(4);
    let writers: Vec<_> = (0..4).map(|_| channel.strong_writer().unwrap()).collect();
    let reader = channel.strong_reader();
    for writer in writers {
        tokio::spawn(async move {
            for n in 0..25_000_u32 {
                let sent = writer.write(Bytes::copy_from_slice(&n.to_le_bytes())).await;
                assert_eq!(sent, Ok(true));
            }
        });
    }
    let mut read = 0;
    while let Some(frame) = bounded(reader.read()).await.unwrap() {
        assert_eq!(frame.payload.len(), 4);
        read += 1;
    }
    assert_eq!(read, 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_reader_gives_each_frame_once() {
    let channel = block(300);
    let writer = channel.strong_writer().unwrap();
    let reader = Arc::new(channel.strong_reader());
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let reader = Arc::clone(&reader);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while let Some(frame) = reader.read().await.unwrap() {
                    seen.push(u64::from_le_bytes(frame.payload[..].try_into().unwrap()));
                }
                seen
            })
        })
        .collect();
    tokio::spawn(async move {
        for n in 0..10_000_u64 {
            let sent = writer.write(Bytes::copy_from_slice(&n.to_le_bytes())).await;
            assert_eq!(sent, Ok(true));
        }
    });
    let mut seen = Vec::new();
    for task in tasks {
        let part = bounded(task).await.unwrap();
        assert!(part.is_sorted());
        seen.extend(part);
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..10_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_that_come_and_go_leave_nobody_waiting() {
    let channel = block(16);
    let keep = channel.strong_writer().unwrap();
    let writing: Vec<_> = (0..4)
        .map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move {
                for n in 0..5_000_u32 {
                    let writer = channel.weak_writer().unwrap();
                    let frame = Bytes::copy_from_slice(&n.to_le_bytes());
                    assert_eq!(writer.write(frame).await, Ok(true));
                }
            })
        })
        .collect();
    let reading: Vec<_> = (0..4)
        .map(|n| {
            let channel = channel.clone();
            tokio::spawn(async move {
                // Each stays for a few frames and goes, holding up writers meanwhile.
                for round in 0.. {
                    let reader = channel.strong_reader();
                    for _ in 0..(round + n) % 5 {
                        match reader.read().await {
                            Ok(Some(_)) => {}
                            Ok(None) | Err(ReadError::Terminated) => return,
                            Err(error) => unreachable!("strong: {error}"),
                        }
                    }
                    if round % 3 == 0 {
                        reader.set_weak();
                        match reader.read().await {
                            Ok(Some(_)) | Err(ReadError::Lagged(_)) => {}
                            Ok(None) | Err(_) => return,
                        }
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in writing {
        bounded(task).await.unwrap();
    }
    drop(keep);
    // Readers that start over and over at what is left would never see the end.
    channel.terminate();
    for task in reading {
        bounded(task).await.unwrap();
    }
    assert_eq!(channel.stats().strong_readers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminating_wakes_thousands() {
    let channel = block(1);
    let writer = Arc::new(channel.strong_writer().unwrap());
    let (slow, fast) = (channel.strong_reader(), Arc::new(channel.strong_reader()));
    writer.write("x".into()).await.unwrap();
    fast.read().await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..2_000 {
        let (writer, fast) = (Arc::clone(&writer), Arc::clone(&fast));
        tasks.push(tokio::spawn(async move {
            let (wrote, read) = futures::join!(writer.write("y".into()), fast.read());
            assert_eq!(wrote, Err(WriteError::Terminated));
            assert_eq!(plain(read), Err(ReadError::Terminated));
        }));
    }
    tokio::task::yield_now().await;
    channel.terminate();
    for task in tasks {
        bounded(task).await.unwrap();
    }
    drop(slow);
}
