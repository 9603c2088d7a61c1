//! "Each writer's frames arrive in its order, and every reader sees the same order. A frame is
//! visible whole or not at all."

use bytes::Bytes;

use crate::{Channel, Engine, Frame, ReadError, Reader, Writer, support::*};

/// A broadcast.
pub async fn one_writer_and_sixty_four_readers<E: Engine>(engine: E) {
    many_to_many(&engine, 4096, 1, 64, 1000).await;
}

/// A funnel.
pub async fn sixty_four_writers_and_one_reader<E: Engine>(engine: E) {
    many_to_many(&engine, 4096, 64, 1, 100).await;
}

/// Everybody to everybody.
pub async fn sixty_four_writers_and_readers<E: Engine>(engine: E) {
    many_to_many(&engine, 4096, 64, 64, 50).await;
}

/// Room for hardly more than a batch.
pub async fn one_order_under_contention<E: Engine>(engine: E) {
    many_to_many(&engine, 300, 8, 8, 1000).await;
}

/// Room for nearly everything.
pub async fn one_order_with_room_to_spare<E: Engine>(engine: E) {
    many_to_many(&engine, 1 << 20, 4, 4, 10_000).await;
}

/// A frame that shows whether it is whole: its number, as often as its number says.
fn payload(n: u64) -> Bytes {
    n.to_le_bytes().repeat(1 + n as usize % 5).into()
}

fn number(frame: &Frame) -> u64 {
    let mut words = frame.payload.chunks(8);
    let first = words.next().unwrap();
    assert!(words.all(|word| word == first), "torn frame");
    let n = u64::from_le_bytes(first.try_into().unwrap());
    assert_eq!(frame.payload.len(), 8 * (1 + n as usize % 5), "torn frame");
    n
}

/// Frames as single writes and as batches of up to 7, by turns.
async fn write_all(writer: impl Writer, frames: u64) {
    let mut n = 0;
    while n < frames {
        if n % 3 == 0 {
            assert_eq!(writer.write(payload(n)).await, Ok(true));
            n += 1;
        } else {
            let to = frames.min(n + 1 + n % 7);
            let batch = (n..to).map(payload).collect();
            assert_eq!(writer.write_batch(batch).await, Ok(to - n));
            n = to;
        }
    }
    writer.close().await;
}

/// Everything until the end; losses as `None`.
async fn read_all(reader: impl Reader, batches: bool) -> Vec<Option<(u64, u64)>> {
    let mut read = Vec::new();
    loop {
        let frames = if batches {
            reader.read_batch(5, 200).await
        } else {
            reader.read().await.map(|frame| frame.into_iter().collect())
        };
        match frames {
            Ok(frames) if frames.is_empty() => return read,
            Ok(frames) => read.extend(frames.iter().map(|f| Some((f.writer, number(f))))),
            Err(ReadError::Lagged(lost)) => read.extend((0..lost).map(|_| None)),
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// All frames of all writers, to as many strong readers and as many weak ones.
async fn many_to_many<E: Engine>(
    engine: &E,
    capacity: u64,
    writers: u64,
    readers: usize,
    frames: u64,
) {
    let channel = block(engine, capacity).await;
    let (mut strong, mut weak) = (Vec::new(), Vec::new());
    for n in 0..readers {
        let (reader, overtaken) = (channel.strong_reader().await, channel.weak_reader().await);
        strong.push(tokio::spawn(read_all(reader, n % 2 == 0)));
        weak.push(tokio::spawn(read_all(overtaken, n % 2 == 0)));
    }
    // All of them first: the last one to go ends the channel.
    let mut ends = Vec::new();
    for _ in 0..writers {
        ends.push(channel.strong_writer().await.unwrap());
    }
    let ids: Vec<_> = ends.iter().map(Writer::id).collect();
    let writing: Vec<_> = ends
        .into_iter()
        .map(|writer| tokio::spawn(write_all(writer, frames)))
        .collect();
    for task in writing {
        task.await.unwrap();
    }
    let mut orders = Vec::new();
    for task in strong {
        orders.push(task.await.unwrap());
    }
    let order = &orders[0];
    assert!(
        orders.iter().all(|other| other == order),
        "one order for all"
    );
    for id in ids {
        let of_one = order.iter().flatten().filter(|(writer, _)| *writer == id);
        let numbers = of_one.map(|(_, n)| *n);
        assert!(
            numbers.eq(0..frames),
            "each writer's own order, and all of it"
        );
    }
    assert_eq!(order.len() as u64, writers * frames);
    for task in weak {
        let seen = task.await.unwrap();
        assert_eq!(seen.len(), order.len(), "losses counted exactly");
        let same = |(seen, all): (&Option<_>, _)| seen.is_none() || seen == all;
        assert!(seen.iter().zip(order).all(same), "in the same order");
    }
    assert_eq!(channel.stats().await.frames_written, writers * frames);
}
