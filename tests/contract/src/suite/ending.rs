//! "`drain`: no new frames, readers finish what is there, then end. `terminate`: every pending and
//! later operation fails with `terminated` at once."

use crate::{Channel, Engine, OpenError, ReadError, Reader, WriteError, Writer, support::*};

/// From strong and weak writers alike, and for late readers as well.
pub async fn drain_takes_no_more_and_lets_readers_finish<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let strong = channel.strong_writer().await.unwrap();
    let weak = channel.weak_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&strong, &["a", "b"]).await;
    channel.drain().await;
    channel.drain().await;
    let drained = WriteError::Drained;
    for writer in [&strong, &weak] {
        assert_eq!(writer.try_write("x".into()).await, Err(drained));
        assert_eq!(writer.write("x".into()).await, Err(drained));
        assert_eq!(writer.write_batch(batch(&["x"])).await, Err(drained));
    }
    assert_eq!(channel.strong_writer().await.map(drop), Err(OpenError));
    assert_eq!(channel.weak_writer().await.map(drop), Err(OpenError));
    assert_eq!(rest(&reader).await, ["a", "b", "end"]);
    assert_eq!(rest(&channel.weak_reader().await).await, ["a", "b", "end"]);
    assert_eq!(channel.stats().await.frames_written, 2);
}

/// All of them.
pub async fn drain_fails_writes_that_wait_and_ends_reads_that_wait<E: Engine>(engine: E) {
    let channel = block(&engine, 1).await;
    let writer = channel.strong_writer().await.unwrap();
    let (slow, fast) = (channel.strong_reader().await, channel.weak_reader().await);
    send(&writer, &["a"]).await;
    assert_eq!(rest(&fast).await, ["a", "would block"]);
    let one = Begun::new(writer.write("b".into())).await;
    let many = Begun::new(writer.write_batch(batch(&["c"]))).await;
    let reads = [Begun::new(fast.read()).await, Begun::new(fast.read()).await];
    channel.drain().await;
    assert_eq!(one.finish().await, Err(WriteError::Drained));
    assert_eq!(many.finish().await, Err(WriteError::Drained));
    for read in reads {
        assert_eq!(read.finish().await, Ok(None));
    }
    assert_eq!(rest(&slow).await, ["a", "end"]);
}

/// What was written before is gone, too.
pub async fn terminate_fails_whatever_comes_later<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["a"]).await;
    channel.terminate().await;
    let terminated = WriteError::Terminated;
    assert_eq!(writer.try_write("b".into()).await, Err(terminated));
    assert_eq!(writer.write("b".into()).await, Err(terminated));
    assert_eq!(writer.try_write_batch(vec![]).await, Err(terminated));
    assert_eq!(writer.write_batch(batch(&["b"])).await, Err(terminated));
    let terminated = ReadError::Terminated;
    assert_eq!(reader.try_read().await, Err(terminated));
    assert_eq!(reader.read().await, Err(terminated));
    assert_eq!(reader.try_read_batch(9, 9).await, Err(terminated));
    assert_eq!(reader.read_batch(9, 9).await, Err(terminated));
    assert_eq!(channel.strong_reader().await.read().await, Err(terminated));
    assert_eq!(channel.weak_writer().await.map(drop), Err(OpenError));
    // A drain or the end of the last strong writer changes nothing then.
    channel.drain().await;
    writer.close().await;
    assert_eq!(reader.read().await, Err(terminated));
    assert_eq!(channel.stats().await.bytes_held, 0);
}

/// Reads and writes, of one frame and of many.
pub async fn terminate_fails_whatever_waits<E: Engine>(engine: E) {
    let channel = block(&engine, 1).await;
    let writer = channel.strong_writer().await.unwrap();
    let (_slow, fast) = (channel.strong_reader().await, channel.strong_reader().await);
    send(&writer, &["a"]).await;
    assert_eq!(rest(&fast).await, ["a", "would block"]);
    let write = Begun::new(writer.write("b".into())).await;
    let write_batch = Begun::new(writer.write_batch(batch(&["c"]))).await;
    let read = Begun::new(fast.read()).await;
    let read_batch = Begun::new(fast.read_batch(9, 9)).await;
    channel.terminate().await;
    assert_eq!(write.finish().await, Err(WriteError::Terminated));
    assert_eq!(write_batch.finish().await, Err(WriteError::Terminated));
    assert_eq!(read.finish().await, Err(ReadError::Terminated));
    assert_eq!(read_batch.finish().await, Err(ReadError::Terminated));
}

/// Readers then finish no more.
pub async fn a_drained_channel_can_be_terminated<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&writer, &["a", "b"]).await;
    channel.drain().await;
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "a");
    channel.terminate().await;
    assert_eq!(rest(&reader).await, ["terminated"]);
    let write = writer.try_write("c".into()).await;
    assert_eq!(write, Err(WriteError::Terminated));
}

/// And the handle keeps nothing open.
pub async fn ends_outlive_the_channel_handle<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let other = channel.clone();
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    drop(channel);
    send(&writer, &["a"]).await;
    writer.close().await;
    assert_eq!(rest(&reader).await, ["a", "end"]);
    drop(other);
    assert_eq!(rest(&reader).await, ["end"]);
}
