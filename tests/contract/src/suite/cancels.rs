//! "Reads and writes are cancel-safe: a cancelled read loses no frame, a cancelled write sends
//! none."

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::{Channel, Engine, Reader, Writer, support::*};

/// Whether it never began, waited, or could have gone on.
pub async fn a_cancelled_read_loses_no_frame<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    drop(reader.read());
    drop(Begun::new(reader.read()).await);
    drop(Begun::new(reader.read_batch(9, 9)).await);
    let (one, many) = (
        Begun::new(reader.read()).await,
        Begun::new(reader.read_batch(9, 9)).await,
    );
    send(&writer, &["a", "b"]).await;
    drop((one, many));
    assert_eq!(rest(&reader).await, ["a", "b", "would block"]);
}

/// Whether it never began, or waited.
pub async fn a_cancelled_write_sends_nothing<E: Engine>(engine: E) {
    let channel = block(&engine, 1).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    drop(writer.write("n".into()));
    send(&writer, &["a"]).await;
    drop(Begun::new(writer.write("b".into())).await);
    drop(Begun::new(writer.write_batch(batch(&["c"]))).await);
    assert_eq!(rest(&reader).await, ["a", "would block"]);
    // And leaves nobody in front.
    assert_eq!(writer.write("d".into()).await, Ok(true));
    assert_eq!(rest(&reader).await, ["d", "would block"]);
    assert_eq!(channel.stats().await.frames_written, 2);
}

/// Also when that one fits and the cancelled one would not have.
pub async fn a_cancelled_write_lets_the_next_one_go<E: Engine>(engine: E) {
    let channel = block(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    let other = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["a", "b"]).await;
    let front = Begun::new(writer.write("cc".into())).await;
    let behind = Begun::new(other.write("d".into())).await;
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "a");
    drop(front);
    assert_eq!(behind.finish().await, Ok(true));
    assert_eq!(rest(&reader).await, ["b", "d", "would block"]);
}

/// Exactly the writes that said so were sent, and every reader read exactly those.
pub async fn cancelling_at_random_loses_nothing_and_hangs_nobody<E: Engine>(engine: E) {
    let (sent, read) = cancel_at_random(&engine).await;
    for mut read in read {
        read.sort_unstable();
        assert!(read == sent, "read is what was sent, no more and no less");
    }
}

/// For an engine whose writes may land after they were given up: each that said so was sent, none was sent twice, every reader read the same,
/// and each writer's in its order.
pub async fn cancelling_at_random_loses_nothing_that_was_promised<E: Engine>(engine: E) {
    let (sent, read) = cancel_at_random(&engine).await;
    for other in &read {
        assert!(*other == read[0], "one order for all");
    }
    let mut all = read[0].clone();
    let ids: BTreeSet<_> = all.iter().map(|(writer, _)| *writer).collect();
    for id in ids {
        let of_one = all.iter().filter(|(writer, _)| *writer == id);
        assert!(of_one.is_sorted(), "each writer's own order");
    }
    all.sort_unstable();
    assert!(all.windows(2).all(|two| two[0] != two[1]), "none twice");
    let promised = sent.iter().all(|frame| all.binary_search(frame).is_ok());
    assert!(promised, "what was promised is there");
}

type Numbers = Vec<(u64, u32)>;

/// What was said to be sent, in order of the writers and numbers, and what each reader read.
async fn cancel_at_random<E: Engine>(engine: &E) -> (Numbers, Vec<Numbers>) {
    const FRAMES: u32 = 5_000;
    let channel = block(engine, 12).await;
    let mut writers = Vec::new();
    let mut reading = Vec::new();
    for _ in 0..3 {
        writers.push(channel.strong_writer().await.unwrap());
        let reader = channel.strong_reader().await;
        reading.push(tokio::spawn(read_impatiently(reader)));
    }
    let writing: Vec<_> = writers
        .into_iter()
        .map(|writer| {
            tokio::spawn(async move {
                let mut sent = Vec::new();
                for n in 0..FRAMES {
                    let frame = Bytes::copy_from_slice(&n.to_le_bytes());
                    if let Some(written) = impatient(writer.write(frame), n).await {
                        assert_eq!(written, Ok(true));
                        sent.push((writer.id(), n));
                    }
                }
                writer.close().await;
                sent
            })
        })
        .collect();
    let mut sent = Vec::new();
    for task in writing {
        sent.extend(task.await.unwrap());
    }
    sent.sort_unstable();
    let mut read = Vec::new();
    for task in reading {
        read.push(task.await.unwrap());
    }
    (sent, read)
}

async fn read_impatiently(reader: impl Reader) -> Vec<(u64, u32)> {
    let mut read = Vec::new();
    for patience in 0.. {
        match impatient(reader.read(), patience).await {
            Some(Ok(Some(frame))) => {
                let n = u32::from_le_bytes(frame.payload[..].try_into().unwrap());
                read.push((frame.writer, n));
            }
            Some(end) => {
                assert_eq!(end, Ok(None));
                break;
            }
            None => {}
        }
    }
    read
}
