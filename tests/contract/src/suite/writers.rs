//! "*Strong writer*: keeps the channel open. When the last strong writer of a channel that had
//! one is gone, readers drain what is left and then read end-of-channel. *Weak writer*: may write,
//! keeps nothing open."

use crate::{Channel, Engine, OpenError, Reader, WriteError, Writer, support::*};

/// And it stays ended, for readers that come late as well.
pub async fn the_last_strong_writer_ends_the_channel<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let one = channel.strong_writer().await.unwrap();
    let other = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&one, &["a"]).await;
    one.close().await;
    send(&other, &["b"]).await;
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "a");
    other.close().await;
    assert_eq!(rest(&reader).await, ["b", "end"]);
    assert_eq!(rest(&reader).await, ["end"]);
    assert_eq!(reader.read().await, Ok(None));
    assert_eq!(reader.read_batch(9, 9).await, Ok(vec![]));
    assert_eq!(rest(&channel.weak_reader().await).await, ["a", "b", "end"]);
    let refused = channel.strong_writer().await;
    assert_eq!(refused.map(drop), Err(OpenError));
    assert_eq!(channel.weak_writer().await.map(drop), Err(OpenError));
}

/// Though it may go on writing while another strong one is there.
pub async fn a_strong_writer_that_weakens_is_as_good_as_gone<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let reader = channel.strong_reader().await;
    let one = channel.strong_writer().await.unwrap();
    let other = channel.strong_writer().await.unwrap();
    let id = one.id();
    let one = one.downgrade().await;
    assert_eq!(one.id(), id);
    send(&one, &["a"]).await;
    let other = other.downgrade().await;
    for writer in [&one, &other] {
        let write = writer.try_write("x".into()).await;
        assert_eq!(write, Err(WriteError::Drained));
    }
    assert_eq!(rest(&reader).await, ["a", "end"]);
}

/// It writes like any other until the last strong one goes.
pub async fn a_weak_writer_keeps_nothing_open<E: Engine>(engine: E) {
    let channel = block(&engine, 1).await;
    let strong = channel.strong_writer().await.unwrap();
    let weak = channel.weak_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    send(&weak, &["w"]).await;
    let waiting = Begun::new(weak.write("x".into())).await;
    strong.close().await;
    assert_eq!(waiting.finish().await, Err(WriteError::Drained));
    let write = weak.try_write("x".into()).await;
    assert_eq!(write, Err(WriteError::Drained));
    assert_eq!(rest(&reader).await, ["w", "end"]);
}

/// Weak writers may come and go.
pub async fn a_channel_without_a_strong_writer_stays_open<E: Engine>(engine: E) {
    let channel = block(&engine, 8).await;
    let reader = channel.strong_reader().await;
    for frame in ["a", "b"] {
        let weak = channel.weak_writer().await.unwrap();
        send(&weak, &[frame]).await;
        weak.close().await;
    }
    assert_eq!(rest(&reader).await, ["a", "b", "would block"]);
}

/// By being closed, dropped or weakened; every reader learns it.
pub async fn the_last_strong_writer_ends_reads_that_wait<E: Engine>(engine: E) {
    for how in 0..3 {
        let channel = block(&engine, 8).await;
        let writer = channel.strong_writer().await.unwrap();
        let (strong, weak) = (channel.strong_reader().await, channel.weak_reader().await);
        let one = Begun::new(strong.read()).await;
        let many = Begun::new(weak.read_batch(9, 9)).await;
        let left = match how {
            0 => {
                writer.close().await;
                None
            }
            1 => {
                drop(writer);
                None
            }
            _ => Some(writer.downgrade().await),
        };
        assert_eq!(one.finish().await, Ok(None));
        assert_eq!(many.finish().await, Ok(vec![]));
        drop(left);
    }
}

/// Frames carry the name of their writer, and no two writers of a channel ever have the same.
pub async fn writers_have_names_of_their_own<E: Engine>(engine: E) {
    let channel = block(&engine, 1000).await;
    let keep = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    let mut ids = vec![keep.id()];
    for n in 0..20 {
        let writer = match n % 2 {
            0 => channel.strong_writer().await.unwrap(),
            _ => channel.weak_writer().await.unwrap(),
        };
        ids.push(writer.id());
        let sent = writer.write_batch(batch(&["x", "y"])).await;
        assert_eq!(sent, Ok(2));
        let read = reader.read_batch(9, 9).await.unwrap();
        assert!(read.len() == 2 && read.iter().all(|frame| frame.writer == writer.id()));
        writer.close().await;
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 21);
}
