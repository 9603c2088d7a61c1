//! Order and wholeness of what is delivered, with tasks on two threads.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{bounded, park};
use weft_channel::{Batch, Channel, Frame, ReadError, Reader, Writer};

/// A frame that shows whether it is whole: its number, as often as its number says.
fn payload(n: u64) -> Bytes {
    n.to_le_bytes().repeat(1 + n as usize % 5).into()
}

fn number(frame: &Frame) -> u64 {
    let mut words = frame.payload.chunks(8);
    let first = words.next().unwrap();
    assert!(words.all(|word| word == first), "torn frame");
    let n = u64::from_le_bytes(first.try_into().unwrap());
    assert_eq!(frame.payload.len(), 8 * (1 + n as usize % 5));
    n
}

/// Frames as single writes and as batches of up to 7, by turns.
async fn write_all(writer: Writer, frames: u64) {
    let mut n = 0;
    while n < frames {
        if n % 3 == 0 {
            assert_eq!(writer.write(payload(n)).await, Ok(true));
            n += 1;
        } else {
            let to = frames.min(n + 1 + n % 7);
            let (mut ends, mut bytes) = (Vec::new(), Vec::new());
            for n in n..to {
                bytes.extend_from_slice(&payload(n));
                ends.push(bytes.len() as u32);
            }
            let batch = Batch::new(ends, bytes.into()).unwrap();
            assert_eq!(writer.write_batch(batch).await, Ok((to - n) as u32));
            n = to;
        }
    }
}

/// Everything until the end; losses as `None`.
async fn read_all(reader: Reader, batches: bool) -> Vec<Option<(u32, u64)>> {
    let mut read = Vec::new();
    loop {
        let frames = if batches {
            let frames = reader.read_batch(5, 200).await;
            frames.map(|frames| frames.iter().collect::<Vec<_>>())
        } else {
            reader.read().await.map(|frame| frame.into_iter().collect())
        };
        match frames {
            Ok(frames) if frames.is_empty() => return read,
            Ok(frames) => read.extend(frames.iter().map(|f| Some((f.writer, number(f))))),
            Err(ReadError::Lagged(lost)) => read.extend((0..lost).map(|_| None)),
            Err(error) => unreachable!("{error}"),
        }
    }
}

async fn many_to_many(channel: Channel, writers: u32, readers: u32, frames: u64) {
    let mut strong = Vec::new();
    let mut weak = Vec::new();
    for n in 0..readers {
        strong.push(tokio::spawn(read_all(channel.strong_reader(), n % 2 == 0)));
        weak.push(tokio::spawn(read_all(channel.weak_reader(), n % 2 == 0)));
    }
    let ends: Vec<_> = (0..writers)
        .map(|_| channel.strong_writer().unwrap())
        .collect();
    for writer in ends {
        tokio::spawn(write_all(writer, frames));
    }
    let mut orders = Vec::new();
    for task in strong {
        orders.push(bounded(task).await.unwrap());
    }
    let order = orders.first().unwrap();
    assert!(
        orders.iter().all(|other| other == order),
        "one order for all"
    );
    for id in 1..=writers {
        let of_one = order.iter().flatten().filter(|(writer, _)| *writer == id);
        assert!(
            of_one.map(|(_, n)| *n).eq(0..frames),
            "each writer's own order"
        );
    }
    assert_eq!(order.len() as u64, u64::from(writers) * frames);
    for task in weak {
        let seen = bounded(task).await.unwrap();
        assert_eq!(seen.len(), order.len(), "losses counted exactly");
        let same = |(seen, all): (&Option<_>, _)| seen.is_none() || seen == all;
        assert!(seen.iter().zip(order).all(same), "in the same order");
    }
    let stats = channel.stats();
    assert_eq!(stats.frames_written, order.len() as u64);
    assert_eq!(stats.strong_readers + stats.weak_readers, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_readers_see_one_order_under_contention() {
    many_to_many(park(300), 8, 8, 3_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_readers_see_one_order_with_room_to_spare() {
    many_to_many(park(1 << 20), 4, 4, 20_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_and_readers() {
    many_to_many(park(4096), 64, 64, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_reader_gives_each_frame_once() {
    let channel = park(300);
    let writer = channel.strong_writer().unwrap();
    let reader = Arc::new(channel.strong_reader());
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let reader = Arc::clone(&reader);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while let Some(frame) = reader.read().await.unwrap() {
                    seen.push(number(&frame));
                }
                seen
            })
        })
        .collect();
    tokio::spawn(write_all(writer, 10_000));
    let mut seen = Vec::new();
    for task in tasks {
        let part = bounded(task).await.unwrap();
        assert!(part.is_sorted());
        seen.extend(part);
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..10_000));
}
