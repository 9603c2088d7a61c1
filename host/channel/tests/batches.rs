//! Batches: checked on the way in, sliced and packed on the way out.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Hand, batch, block, dropping, rest, texts};
use weft_channel::{Batch, MalformedBatch, PackedFrames};

#[test]
fn malformed_batches_are_refused() {
    let check = |ends: &[u32], payload: &'static str| {
        Batch::new(ends.to_vec(), payload.into()).map(|batch| (batch.len(), batch.bytes()))
    };
    let mismatch = |end, payload| Err(MalformedBatch::EndMismatch { end, payload });
    assert_eq!(check(&[], ""), Ok((0, 0)));
    assert_eq!(check(&[0, 0], ""), Ok((2, 0)));
    assert_eq!(check(&[1, 1, 3], "abc"), Ok((3, 3)));
    assert_eq!(check(&[], "a"), mismatch(0, 1));
    assert_eq!(check(&[1, 2], "abc"), mismatch(2, 3));
    assert_eq!(check(&[1, 4], "abc"), mismatch(4, 3));
    assert_eq!(check(&[u32::MAX], "abc"), mismatch(u32::MAX, 3));
    let decreasing = Err(MalformedBatch::Decreasing { index: 1 });
    assert_eq!(check(&[2, 1, 3], "abc"), decreasing);
}

#[test]
fn an_empty_batch_sends_nothing() {
    let channel = block(8);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    assert!(batch(&[]).is_empty());
    assert_eq!(writer.try_write_batch(batch(&[])), Ok(0));
    assert_eq!(
        Hand::new(writer.write_batch(batch(&[]))).poll(),
        Ok(0).into()
    );
    assert_eq!(rest(&reader), ["WouldBlock"]);
}

#[test]
fn reads_are_packed_across_writers_and_segments() {
    let channel = block(64);
    let (a, b) = (
        channel.strong_writer().unwrap(),
        channel.strong_writer().unwrap(),
    );
    let reader = channel.strong_reader();
    a.try_write("skip".into()).unwrap();
    a.try_write_batch(batch(&["s", "ab", "", "c"])).unwrap();
    b.try_write("de".into()).unwrap();
    b.try_write_batch(batch(&["f", "g"])).unwrap();
    reader.try_read().unwrap();
    reader.try_read().unwrap();
    let frames = reader.try_read_batch(5, u64::MAX).unwrap();
    assert_eq!((frames.len(), frames.bytes()), (5, 6));
    let packed = PackedFrames {
        ends: vec![2, 2, 3, 5, 6],
        writers: vec![1, 1, 1, 2, 2],
        payload: b"abcdef"[..].into(),
    };
    assert_eq!(frames.pack(), packed);
    assert_eq!(texts(&frames), ["ab", "", "c", "de", "f"]);
    let writers: Vec<u32> = frames.iter().map(|frame| frame.writer).collect();
    assert_eq!(writers, packed.writers);
    assert_eq!(rest(&reader), ["g", "WouldBlock"]);
}

#[test]
fn payloads_are_shared_not_copied() {
    let channel = block(64);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    let payload = Bytes::from(b"abcdef".to_vec());
    writer.try_write(payload.clone()).unwrap();
    let read = reader.try_read().unwrap().unwrap().payload;
    assert_eq!(read.as_ptr(), payload.as_ptr());
    writer
        .try_write_batch(Batch::new(vec![2, 6], payload.clone()).unwrap())
        .unwrap();
    let frames = reader.try_read_batch(9, 99).unwrap();
    let at: Vec<_> = frames.iter().map(|frame| frame.payload.as_ptr()).collect();
    assert_eq!(at, [payload.as_ptr(), payload.slice(2..).as_ptr()]);
}

#[test]
fn the_ends_of_a_batch_are_part_of_its_weight() {
    assert_eq!(batch(&["abc"]).weight(), 3);
    assert_eq!(batch(&["a", "bc"]).weight(), 3 + 8);
    let empty = Batch::new(vec![0; 1000], "".into()).unwrap();
    assert_eq!((empty.bytes(), empty.weight()), (0, 4000));
}

#[test]
fn a_writer_says_whether_a_batch_can_ever_be_sent() {
    let (whole, part) = (block(4), dropping(4));
    let (whole, part) = (whole.weak_writer().unwrap(), part.weak_writer().unwrap());
    let both = |batch| (whole.can_ever_send(&batch), part.can_ever_send(&batch));
    assert_eq!(both(batch(&["ab", "cd"])), (true, true));
    assert_eq!(both(batch(&["ab", "cd", "e"])), (false, true));
    assert_eq!(both(batch(&["abcde"])), (false, false));
    let empty = |frames| Batch::new(vec![0; frames], "".into()).unwrap();
    assert_eq!(both(empty(1024)), (true, true));
    assert_eq!(both(empty(1025)), (false, true));
}

#[test]
fn a_batch_can_be_put_into_a_buffer_of_its_own() {
    let large = Bytes::from(vec![b'x'; 1000]);
    let part = Batch::new(vec![1, 3], large.slice(..3)).unwrap().detached();
    assert!(large.is_unique());
    let channel = block(8);
    let reader = channel.strong_reader();
    assert_eq!(channel.weak_writer().unwrap().try_write_batch(part), Ok(2));
    assert_eq!(rest(&reader), ["x", "xx", "WouldBlock"]);
}

#[test]
fn a_frame_says_how_much_it_keeps_of_the_batch_it_was_written_with() {
    let channel = block(64);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    let payload = Bytes::from(b"abcdef".to_vec());
    writer
        .try_write_batch(Batch::new(vec![2, 6], payload.clone()).unwrap())
        .unwrap();
    writer.try_write("xyz".into()).unwrap();
    let frame = reader.try_read().unwrap().unwrap();
    assert_eq!((frame.payload.len(), frame.kept_bytes()), (2, 6));
    let frames = reader.try_read_batch(9, 99).unwrap();
    let kept: Vec<_> = frames.iter().map(|frame| frame.kept_bytes()).collect();
    assert_eq!(kept, [6, 3]);
    // Long after the channel has let go of it.
    drop((frames, channel, writer, reader));
    assert!(!payload.is_unique(), "one frame of two bytes keeps all six");
    drop(frame);
    assert!(payload.is_unique());
}

#[test]
fn a_batch_is_evicted_whole() {
    let channel = block(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer
        .try_write_batch(batch(&["a", "b", "c", "d"]))
        .unwrap();
    reader.try_read_batch(3, 9).unwrap();
    let waiting = Hand::waiting(writer.write("e".into()));
    reader.try_read().unwrap();
    assert_eq!(waiting.woken(), Ok(true));
    assert_eq!(channel.stats().frames_held, 1);
}

#[test]
fn a_waiting_batch_read_takes_what_one_commit_brings() {
    let channel = block(64);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let waiting = Hand::waiting(reader.read_batch(9, 99));
    writer.try_write_batch(batch(&["a", "b"])).unwrap();
    assert_eq!(texts(&waiting.woken().unwrap()), ["a", "b"]);
}
