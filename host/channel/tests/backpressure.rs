//! Full channels: who waits, in which order, who is woken, and what is dropped.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Hand, batch, block, dropping, rest};
use weft_channel::WriteError;

#[test]
fn dropping_or_weakening_the_slow_reader_wakes_the_writer() {
    for how in 0..3 {
        let channel = block(1);
        let (writer, slow) = (channel.strong_writer().unwrap(), channel.strong_reader());
        writer.try_write("a".into()).unwrap();
        let waiting = Hand::waiting(writer.write("b".into()));
        let _weak = match how {
            0 => {
                drop(slow);
                None
            }
            1 => Some(slow.downgrade()),
            _ => {
                slow.set_weak();
                assert!(!slow.is_strong());
                Some(slow)
            }
        };
        assert_eq!(waiting.woken(), Ok(true));
        let stats = channel.stats();
        assert_eq!(stats.strong_readers, 0);
        assert_eq!(stats.weak_readers, u32::from(how > 0));
    }
}

#[test]
fn waiting_writes_are_served_in_the_order_of_their_first_polls() {
    let channel = block(2);
    let (first, second) = (
        channel.strong_writer().unwrap(),
        channel.weak_writer().unwrap(),
    );
    let reader = channel.strong_reader();
    first.try_write("xx".into()).unwrap();
    let mut a = Hand::waiting(second.write("a".into()));
    let mut b = Hand::waiting(first.write("b".into()));
    let mut c = Hand::waiting(first.write("c".into()));
    reader.try_read().unwrap();
    // Room for two, yet only the front is woken, and nobody overtakes it.
    assert_eq!((a.wakes(), b.wakes(), c.wakes()), (1, 0, 0));
    assert!(b.poll().is_pending());
    assert_eq!(first.try_write("t".into()), Err(WriteError::WouldBlock));
    assert!(a.poll().is_ready());
    // The turn was passed on while there is room.
    assert_eq!((b.wakes(), c.wakes()), (1, 0));
    assert!(b.poll().is_ready());
    assert_eq!(c.wakes(), 0);
    assert_eq!(rest(&reader), ["a", "b", "WouldBlock"]);
    assert!(c.poll().is_ready());
    assert_eq!(rest(&reader), ["c", "WouldBlock"]);
}

#[test]
fn a_small_write_does_not_overtake_a_large_one() {
    let channel = block(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("1".into()).unwrap();
    writer.try_write("2".into()).unwrap();
    let large = Hand::waiting(writer.write("lrge".into()));
    let small = Hand::waiting(writer.write("s".into()));
    reader.try_read().unwrap();
    // Not enough for the large one, so nobody is disturbed.
    assert_eq!((large.wakes(), small.wakes()), (0, 0));
    reader.try_read().unwrap();
    assert_eq!(large.woken(), Ok(true));
    assert_eq!(small.wakes(), 0);
    reader.try_read().unwrap();
    assert_eq!(small.woken(), Ok(true));
}

#[test]
fn a_woken_writer_that_lost_its_room_waits_on() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("a".into()).unwrap();
    let mut waiting = Hand::waiting(writer.write("b".into()));
    reader.try_read().unwrap();
    assert_eq!(waiting.wakes(), 1);
    // Starts at "a", which is still retained, and holds it.
    let late = channel.strong_reader();
    assert!(waiting.poll().is_pending());
    late.try_read().unwrap();
    assert_eq!(waiting.wakes(), 2);
    assert_eq!(waiting.woken(), Ok(true));
}

#[test]
fn a_write_polled_with_another_waker_wakes_that_one() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("a".into()).unwrap();
    let mut write = Box::pin(writer.write("b".into()));
    let first = Hand::waiting(&mut write);
    drop(first);
    let second = Hand::waiting(&mut write);
    reader.try_read().unwrap();
    assert_eq!(second.woken(), Ok(true));
}

#[test]
fn drop_mode_bounds_the_frames_of_a_batch() {
    let channel = dropping(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    assert_eq!(writer.try_write_batch(batch(&[""; 3000])), Ok(1024));
    assert_eq!(channel.stats().frames_dropped, 3000 - 1024);
    assert_eq!(
        reader.try_read_batch(u32::MAX, u64::MAX).unwrap().len(),
        1024
    );
}

#[test]
fn block_mode_sends_a_batch_whole_or_not_at_all() {
    let channel = block(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("xy".into()).unwrap();
    let waiting = Hand::waiting(writer.write_batch(batch(&["a", "b", "c"])));
    assert_eq!(rest(&reader), ["xy", "WouldBlock"]);
    assert_eq!(waiting.woken(), Ok(3));
    assert_eq!(rest(&reader), ["a", "b", "c", "WouldBlock"]);

    let too_large = Err(WriteError::TooLarge { capacity: 4 });
    assert_eq!(writer.try_write_batch(batch(&["aaa", "bb"])), too_large);
    assert_eq!(writer.try_write_batch(batch(&[""; 1025])), too_large);
    assert_eq!(writer.try_write_batch(batch(&[""; 1024])), Ok(1024));
}

#[tokio::test]
async fn a_writer_and_a_reader_that_never_wait_let_others_run() {
    let channel = block(1);
    let writer = channel.strong_writer().unwrap();
    let other = tokio::spawn(async {});
    while !other.is_finished() {
        writer.write("x".into()).await.unwrap();
    }
    let other = tokio::spawn(async {});
    let reader = channel.weak_reader();
    while !other.is_finished() {
        reader.read().await.unwrap();
        writer.try_write("x".into()).unwrap();
    }
}
