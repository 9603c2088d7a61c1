//! "*Strong reader*: nothing it has not read may be overwritten, so it holds writers back; the
//! channel is as slow as its slowest strong reader. *Weak reader*: may be overtaken; it then gets
//! `lagged(n)`, the number of frames it lost, once, and goes on with the oldest frame
//! retained. A new reader starts at the oldest frame retained."

use bytes::Bytes;

use crate::{Channel, Engine, ReadError, Reader, WriteError, Writer, support::*};

/// However far ahead the writer would like to be.
pub async fn a_strong_reader_holds_writers_back<E: Engine>(engine: E) {
    const FRAMES: u64 = 500;
    let channel = block(&engine, 20).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    let writing = tokio::spawn(async move {
        for n in 0..FRAMES {
            let frame = Bytes::copy_from_slice(&n.to_le_bytes());
            assert_eq!(writer.write(frame).await, Ok(true));
        }
        writer.close().await;
    });
    let mut expected = 0_u64;
    while let Some(frame) = reader.read().await.unwrap() {
        assert_eq!(frame.payload, expected.to_le_bytes().as_slice());
        // Two frames fit, and one more may be on its way through the reader's hands.
        let written = channel.stats().await.frames_written;
        assert!(written <= expected + 1 + 2, "{written} at {expected}");
        expected += 1;
    }
    assert_eq!(expected, FRAMES);
    writing.await.unwrap();
}

/// The fast one and the weak one change nothing.
pub async fn the_slowest_strong_reader_decides<E: Engine>(engine: E) {
    let channel = block(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    let (fast, slow) = (channel.strong_reader().await, channel.strong_reader().await);
    let weak = channel.weak_reader().await;
    send(&writer, &["a", "b"]).await;
    assert_eq!(rest(&fast).await, ["a", "b", "would block"]);
    assert_eq!(rest(&weak).await, ["a", "b", "would block"]);
    let full = Err(WriteError::WouldBlock);
    assert_eq!(writer.try_write("c".into()).await, full);
    assert_eq!(slow.read().await.unwrap().unwrap().payload, "a");
    send(&writer, &["c"]).await;
    assert_eq!(writer.try_write("d".into()).await, full);
    assert_eq!(rest(&slow).await, ["b", "c", "would block"]);
    assert_eq!(rest(&fast).await, ["c", "would block"]);
}

/// By being closed, dropped or weakened.
pub async fn a_strong_reader_that_goes_or_weakens_lets_writers_go<E: Engine>(engine: E) {
    for how in 0..3 {
        let channel = block(&engine, 1).await;
        let writer = channel.strong_writer().await.unwrap();
        let slow = channel.strong_reader().await;
        send(&writer, &["a"]).await;
        let waiting = Begun::new(writer.write("b".into())).await;
        let weak = match how {
            0 => {
                slow.close().await;
                None
            }
            1 => {
                drop(slow);
                None
            }
            _ => Some(slow.downgrade().await),
        };
        assert_eq!(waiting.finish().await, Ok(true));
        if let Some(weak) = weak {
            assert_eq!(rest(&weak).await, ["lagged 1", "b", "would block"]);
        }
    }
}

/// And goes on with the oldest frame retained.
pub async fn an_overtaken_weak_reader_is_told_its_exact_loss_once<E: Engine>(engine: E) {
    let channel = block(&engine, 4).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.weak_reader().await;
    for n in 0..1000 {
        let frame = Bytes::from((n % 10).to_string());
        assert_eq!(writer.write(frame).await, Ok(true));
    }
    assert_eq!(reader.read().await, Err(ReadError::Lagged(996)));
    assert_eq!(rest(&reader).await, ["6", "7", "8", "9", "would block"]);
    // Four more overtake nobody, the fifth does.
    send(&writer, &["a", "b", "c", "d", "e"]).await;
    let lagged = reader.read_batch(9, 9).await;
    assert_eq!(lagged, Err(ReadError::Lagged(1)));
    assert_eq!(rest(&reader).await, ["b", "c", "d", "e", "would block"]);
    // The loss is told before the end is.
    send(&writer, &["f", "6789"]).await;
    writer.close().await;
    assert_eq!(rest(&reader).await, ["lagged 1", "6789", "end"]);
}

/// The frames of it that were read are not lost.
pub async fn a_weak_reader_loses_the_rest_of_a_batch_by_the_frame<E: Engine>(engine: E) {
    let channel = block(&engine, 4).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.weak_reader().await;
    let sent = writer.write_batch(batch(&["a", "b", "c"])).await;
    assert_eq!(sent, Ok(3));
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "a");
    send(&writer, &["4444"]).await;
    assert_eq!(rest(&reader).await, ["lagged 2", "4444", "would block"]);
}

/// In the middle of a batch, too.
pub async fn a_weakened_reader_keeps_its_place<E: Engine>(engine: E) {
    let channel = block(&engine, 4).await;
    let writer = channel.strong_writer().await.unwrap();
    let reader = channel.strong_reader().await;
    let sent = writer.write_batch(batch(&["a", "b"])).await;
    assert_eq!(sent, Ok(2));
    assert_eq!(reader.read().await.unwrap().unwrap().payload, "a");
    let reader = reader.downgrade().await.downgrade().await;
    assert_eq!(rest(&reader).await, ["b", "would block"]);
}

/// And a strong one holds that from then on.
pub async fn a_new_reader_starts_at_the_oldest_frame_retained<E: Engine>(engine: E) {
    let channel = block(&engine, 2).await;
    let writer = channel.strong_writer().await.unwrap();
    send(&writer, &["a", "b", "c"]).await;
    assert_eq!(
        rest(&channel.weak_reader().await).await,
        ["b", "c", "would block"]
    );
    let strong = channel.strong_reader().await;
    let full = Err(WriteError::WouldBlock);
    assert_eq!(writer.try_write("d".into()).await, full);
    assert_eq!(rest(&strong).await, ["b", "c", "would block"]);
    send(&writer, &["d"]).await;
}

/// The oldest frames go instead.
pub async fn without_a_strong_reader_no_writer_waits<E: Engine>(engine: E) {
    let channel = block(&engine, 1).await;
    let writer = channel.strong_writer().await.unwrap();
    let weak = channel.weak_reader().await;
    for _ in 0..100 {
        assert_eq!(writer.write("x".into()).await, Ok(true));
    }
    assert_eq!(rest(&weak).await, ["lagged 99", "x", "would block"]);
}

/// In frames and in bytes, and always gives the first.
pub async fn a_batch_read_keeps_its_limits<E: Engine>(engine: E) {
    let channel = block(&engine, 64).await;
    let writer = channel.strong_writer().await.unwrap();
    let sent = writer.write_batch(batch(&["aaa", "bb", "", "c"])).await;
    assert_eq!(sent, Ok(4));
    send(&writer, &["dd", "e"]).await;
    for (frames, bytes, expected) in [
        (2, 99, vec![2, 2, 2]),
        (9, 5, vec![3, 3]),
        (9, 8, vec![5, 1]),
        (9, 7, vec![4, 2]),
        (0, 0, vec![1; 6]),
        // An empty frame goes along with the one before it, where there is room for it.
        (u32::MAX, u64::MAX, vec![6]),
    ] {
        let reader = channel.strong_reader().await;
        let mut read = Vec::new();
        while let Ok(frames) = reader.try_read_batch(frames, bytes).await {
            read.push(frames.len());
        }
        assert_eq!(read, expected, "{frames} frames, {bytes} bytes");
        let none = reader.try_read_batch(frames, bytes).await;
        assert_eq!(none, Err(ReadError::WouldBlock));
    }
}
