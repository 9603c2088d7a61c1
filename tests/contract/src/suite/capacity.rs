//! "Capacity is in bytes and never exceeded by what it retains; a frame larger than it is
//! `too-large`." And frames of every size are delivered whole.

use bytes::Bytes;

use crate::{Backpressure, Channel, Engine, Reader, WriteError, Writer, support::*};

/// A little more than the largest of [`SIZES`], so that those fit and are not special.
const CAPACITY: usize = 3 << 20;

const KIB_64: usize = 64 << 10;
const MIB: usize = 1 << 20;

/// Sizes at which one encoding, buffer or message limit or another ends.
const SIZES: [usize; 10] = [
    0,
    1,
    KIB_64 - 1,
    KIB_64,
    KIB_64 + 1,
    MIB - 1,
    MIB,
    MIB + 1,
    CAPACITY - 1,
    CAPACITY,
];

/// Bytes of a pattern that shows when some of them are missing or elsewhere.
fn payload(len: usize, seed: usize) -> Bytes {
    (0..len).map(|at| ((at + seed) % 251) as u8).collect()
}

/// Compares without printing megabytes.
fn same(read: &Bytes, sent: &Bytes) {
    assert_eq!(read.len(), sent.len());
    assert!(read == sent, "{} bytes, but others", sent.len());
}

/// A frame of the capacity fits, one byte more never does, alone or in a batch.
pub async fn a_frame_larger_than_the_capacity_is_too_large<E: Engine>(engine: E) {
    for backpressure in [Backpressure::Block, Backpressure::Drop] {
        for capacity in [1, 8, CAPACITY] {
            let channel = engine.create(capacity as u64, backpressure).await;
            let writer = channel.strong_writer().await.unwrap();
            let reader = channel.strong_reader().await;
            let larger = payload(capacity + 1, 0);
            let too_large = WriteError::TooLarge(capacity as u64);
            assert_eq!(writer.try_write(larger.clone()).await, Err(too_large));
            assert_eq!(writer.write(larger.clone()).await, Err(too_large));
            let batch = vec![payload(1, 0), larger];
            assert_eq!(writer.try_write_batch(batch.clone()).await, Err(too_large));
            assert_eq!(writer.write_batch(batch).await, Err(too_large));
            assert_eq!(rest(&reader).await, ["would block"], "nothing was sent");
            let fits = payload(capacity, 1);
            assert_eq!(writer.write(fits.clone()).await, Ok(true));
            same(&reader.read().await.unwrap().unwrap().payload, &fits);
        }
    }
}

/// Whatever is written, and whether anybody reads or not.
pub async fn the_capacity_is_never_exceeded<E: Engine>(engine: E) {
    for backpressure in [Backpressure::Block, Backpressure::Drop] {
        let channel = engine.create(100, backpressure).await;
        let writer = channel.strong_writer().await.unwrap();
        let strong = channel.strong_reader().await;
        for len in (0..=100).chain((0..=100).rev()) {
            let _ = writer.try_write(payload(len, 0)).await;
            let _ = writer.try_write_batch(vec![payload(len / 3, 0); 3]).await;
            assert!(channel.stats().await.bytes_held <= 100);
            if len % 7 == 0 {
                let _ = strong.try_read().await;
            }
        }
        strong.close().await;
        for len in 0..=100 {
            assert_eq!(writer.try_write(payload(len, 0)).await, Ok(true));
            assert!(channel.stats().await.bytes_held <= 100);
        }
    }
}

/// One by one.
pub async fn frames_of_every_size_arrive_as_they_were_sent<E: Engine>(engine: E) {
    for backpressure in [Backpressure::Block, Backpressure::Drop] {
        let channel = engine.create(CAPACITY as u64, backpressure).await;
        let writer = channel.strong_writer().await.unwrap();
        let (strong, weak) = (channel.strong_reader().await, channel.weak_reader().await);
        for len in SIZES {
            let sent = payload(len, len);
            assert_eq!(writer.write(sent.clone()).await, Ok(true));
            same(&strong.read().await.unwrap().unwrap().payload, &sent);
            let batch = weak.read_batch(9, 9).await.unwrap();
            assert_eq!(batch.len(), 1);
            same(&batch[0].payload, &sent);
        }
    }
}

/// In the middle of small ones, as far as the capacity goes.
pub async fn batches_of_frames_of_every_size_arrive_as_they_were_sent<E: Engine>(engine: E) {
    let channel = block(&engine, CAPACITY as u64).await;
    let writer = channel.strong_writer().await.unwrap();
    let (one, many) = (channel.strong_reader().await, channel.strong_reader().await);
    for len in SIZES {
        let frames: Vec<_> = [1, 0, len, 0, 1].map(|len| payload(len, len)).into();
        let fits = len + 2 <= CAPACITY;
        let frames = match fits {
            true => frames,
            false => {
                let too_large = WriteError::TooLarge(CAPACITY as u64);
                assert_eq!(writer.write_batch(frames).await, Err(too_large));
                vec![Bytes::new(), payload(len, len), Bytes::new()]
            }
        };
        let sent = frames.len() as u64;
        assert_eq!(writer.write_batch(frames.clone()).await, Ok(sent));
        let read = many.read_batch(u32::MAX, u64::MAX).await.unwrap();
        assert_eq!(read.len(), frames.len(), "a batch is there as a whole");
        for (read, sent) in read.iter().zip(&frames) {
            same(&read.payload, sent);
            same(&one.read().await.unwrap().unwrap().payload, sent);
        }
    }
}
