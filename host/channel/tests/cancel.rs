//! Reads and writes may be dropped at any time.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Hand, block, rest};

#[test]
fn cancelled_reads_and_writes_leave_no_waker_behind() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    for _ in 0..3 {
        let stays = Hand::waiting(reader.read());
        assert!(!Hand::waiting(reader.read()).cancel_leaves_waker());
        assert!(!Hand::waiting(reader.read_batch(1, 1)).cancel_leaves_waker());
        assert!(!stays.cancel_leaves_waker());
    }
    writer.try_write("a".into()).unwrap();
    let front = Hand::waiting(writer.write("b".into()));
    assert!(!Hand::waiting(writer.write("c".into())).cancel_leaves_waker());
    assert!(!front.cancel_leaves_waker());
}

#[test]
fn a_cancelled_read_wakes_the_rest() {
    let channel = block(8);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let other = channel.strong_reader();
    let cancelled = Hand::waiting(reader.read());
    let stays = Hand::waiting(other.read());
    drop(cancelled);
    writer.try_write("a".into()).unwrap();
    assert_eq!(stays.wakes(), 1);
    assert!(stays.woken().unwrap().is_some());
}

#[test]
fn dropping_an_old_read_does_not_cancel_a_newer_one() {
    let channel = block(8);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let old = Hand::waiting(reader.read());
    writer.try_write("a".into()).unwrap();
    reader.try_read().unwrap();
    // Takes the place in the list that the old one had.
    let new = Hand::waiting(reader.read());
    drop(old);
    writer.try_write("b".into()).unwrap();
    assert_eq!(new.woken().unwrap().unwrap().payload, "b");
}

#[test]
fn a_cancelled_write_sends_nothing() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    drop(writer.write("n".into()));
    writer.try_write("a".into()).unwrap();
    drop(Hand::waiting(writer.write("b".into())));
    let woken = Hand::waiting(writer.write("c".into()));
    reader.try_read().unwrap();
    assert_eq!(woken.wakes(), 1);
    drop(woken);
    assert_eq!(rest(&reader), ["WouldBlock"]);
    assert_eq!(channel.stats().frames_written, 1);
    // And leaves nobody in front.
    assert_eq!(writer.try_write("d".into()), Ok(true));
}

#[test]
fn a_cancelled_front_writer_passes_the_turn_on() {
    let channel = block(2);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("x".into()).unwrap();
    writer.try_write("y".into()).unwrap();
    let front = Hand::waiting(writer.write("ff".into()));
    let middle = Hand::waiting(writer.write("m".into()));
    let last = Hand::waiting(writer.write("l".into()));
    reader.try_read().unwrap();
    assert_eq!((front.wakes(), middle.wakes(), last.wakes()), (0, 0, 0));
    // Too large for the room there is; the one behind it is not.
    drop(front);
    assert_eq!((middle.wakes(), last.wakes()), (1, 0));
    // Woken, and cancelled before it could use that.
    drop(middle);
    assert_eq!(last.wakes(), 1);
    assert_eq!(last.woken(), Ok(true));
    assert_eq!(rest(&reader), ["y", "l", "WouldBlock"]);
}

#[test]
fn a_writer_cancelled_in_the_middle_is_skipped() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("x".into()).unwrap();
    let front = Hand::waiting(writer.write("f".into()));
    let middle = Hand::waiting(writer.write("m".into()));
    let last = Hand::waiting(writer.write("l".into()));
    drop(middle);
    reader.try_read().unwrap();
    assert_eq!(front.woken(), Ok(true));
    reader.try_read().unwrap();
    assert_eq!(last.woken(), Ok(true));
    assert_eq!(rest(&reader), ["l", "WouldBlock"]);
}

#[test]
fn a_future_polled_after_it_is_done_sends_nothing_more() {
    let channel = block(8);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let mut write = Hand::new(writer.write("a".into()));
    assert!(write.poll().is_ready());
    assert!(write.poll().is_pending());
    drop(write);
    assert_eq!(rest(&reader), ["a", "WouldBlock"]);
}
