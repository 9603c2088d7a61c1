//! "Full channel: `block` makes a writer wait; `drop` makes the write return false and counts the
//! drop."

use crate::{Channel, Engine, Reader, WriteError, Writer, support::*};

/// Until there is room, and nobody overtakes it.
pub async fn block_makes_a_writer_wait<E: Engine>(engine: E) {
    let channel = block(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    let other = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["a", "b"]).await;
    let full = Err(WriteError::WouldBlock);
    assert_eq!(writer.try_write("x".into()).await, full);
    let waiting = Begun::new(writer.write("cc".into())).await;
    assert_eq!(rest(&reader).await, ["a", "b", "would block"]);
    assert_eq!(waiting.finish().await, Ok(true));
    let waiting = Begun::new(other.write("d".into())).await;
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "cc");
    assert_eq!(waiting.finish().await, Ok(true));
    assert_eq!(rest(&reader).await, ["d", "would block"]);
    assert_eq!(channel.stats().await.frames_dropped, 0);
}

/// One read may make room for several writes.
pub async fn room_goes_to_every_write_it_suffices_for<E: Engine>(engine: E) {
    let channel = block(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    let other = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["ab"]).await;
    let front = Begun::new(writer.write("c".into())).await;
    let behind = Begun::new(other.write("d".into())).await;
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "ab");
    assert_eq!(front.finish().await, Ok(true));
    assert_eq!(behind.finish().await, Ok(true));
    assert_eq!(rest(&reader).await, ["c", "d", "would block"]);
}

/// Once there is room for all of it, and never larger than the channel.
pub async fn block_sends_a_batch_whole<E: Engine>(engine: E) {
    let channel = block(&engine, 4).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["1", "2"]).await;
    let frames = batch(&["a", "b", "c"]);
    let full = Err(WriteError::WouldBlock);
    assert_eq!(writer.try_write_batch(frames.clone()).await, full);
    let waiting = Begun::new(writer.write_batch(frames)).await;
    assert_eq!(rest(&reader).await, ["1", "2", "would block"]);
    assert_eq!(waiting.finish().await, Ok(3));
    let read = reader.read_batch(9, 9).await.unwrap();
    assert_eq!(read.len(), 3, "and is seen whole");
    let too_large = Err(WriteError::TooLarge(4));
    assert_eq!(writer.write_batch(batch(&["ddd", "ee"])).await, too_large);
    assert_eq!(writer.write_batch(vec![]).await, Ok(0));
    assert_eq!(rest(&reader).await, ["would block"]);
}

/// A smaller frame that still fits is taken.
pub async fn drop_says_false_and_counts<E: Engine>(engine: E) {
    let channel = dropping(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    assert_eq!(writer.write("a".into()).await, Ok(true));
    assert_eq!(writer.write("bc".into()).await, Ok(false));
    assert_eq!(writer.try_write("de".into()).await, Ok(false));
    assert_eq!(writer.try_write("f".into()).await, Ok(true));
    let stats = channel.stats().await;
    assert_eq!((stats.frames_written, stats.frames_dropped), (2, 2));
    assert_eq!(rest(&reader).await, ["a", "f", "would block"]);
    // Nobody holds the room any more.
    assert_eq!(writer.write("gh".into()).await, Ok(true));
    assert_eq!(channel.stats().await.frames_dropped, 2);
}

/// From the first frame on; the rest is dropped and counted.
pub async fn drop_sends_what_fits_of_a_batch<E: Engine>(engine: E) {
    let channel = dropping(&engine, 4).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    let frames = batch(&["a", "", "bb", "cc", "d"]);
    assert_eq!(writer.try_write_batch(frames).await, Ok(3));
    assert_eq!(writer.write_batch(batch(&["ee", "f"])).await, Ok(0));
    assert_eq!(channel.stats().await.frames_dropped, 4);
    assert_eq!(rest(&reader).await, ["a", "", "bb", "would block"]);
    let too_large = Err(WriteError::TooLarge(4));
    assert_eq!(writer.write_batch(batch(&["g", "hhhhh"])).await, too_large);
    assert_eq!(channel.stats().await.frames_dropped, 4);
    assert_eq!(writer.write_batch(batch(&["iiii"])).await, Ok(1));
}
