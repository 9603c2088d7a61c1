//! Frames that a reader is given back, waits that take nothing, and writers whom nobody reads.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Hand, block, ready, rest};
use std::sync::Arc;
use weft_channel::{Attachment, Frame, ReadError};

fn frame(payload: &'static str) -> Frame {
    Frame::new(7, payload.into(), Vec::new())
}

#[test]
fn what_a_reader_is_given_back_it_reads_before_all_others() {
    let channel = block(100);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    writer.try_write("d".into()).unwrap();
    let charge = Arc::new(());
    reader.put_back(vec![frame("b"), frame("c")], Some(charge.clone()));
    reader.put_back(vec![frame("a")], None);
    reader.put_back(Vec::new(), None);
    let first = reader.try_read_batch(2, 100).unwrap();
    let read: Vec<_> = first.iter().map(|it| (it.writer, it.payload)).collect();
    assert_eq!(read, [(7, "a".into()), (7, "b".into())]);
    assert_eq!(Arc::strong_count(&charge), 2);
    let frame = reader.try_read().unwrap().unwrap();
    assert_eq!((frame.writer, &frame.payload[..]), (7, &b"c"[..]));
    assert_eq!(Arc::strong_count(&charge), 1);
    assert_eq!(rest(&reader), ["d", "WouldBlock"]);
}

#[test]
fn what_a_reader_is_given_back_is_read_after_the_end_and_goes_with_the_reader() {
    let channel = block(100);
    let reader = channel.strong_reader();
    channel.drain();
    let charge = Arc::new(());
    reader.put_back(vec![frame("a")], Some(charge.clone()));
    let reader = reader.downgrade();
    assert_eq!(rest(&reader), ["a", "end"]);
    reader.put_back(vec![frame("b")], Some(charge.clone()));
    channel.terminate();
    assert_eq!(reader.try_read().unwrap_err(), ReadError::Terminated);
    drop(reader);
    assert_eq!(Arc::strong_count(&charge), 1);
}

#[test]
fn handles_come_back_with_their_frames_unless_they_are_taken_out() {
    for strip in [false, true] {
        let (channel, carried) = (block(100), block(1));
        let reader = channel.strong_reader();
        let handle = Attachment::Reader(carried.strong_reader());
        reader.put_back(vec![Frame::new(1, "a".into(), vec![handle])], None);
        if strip {
            reader.strip_returned();
            assert_eq!(carried.stats().strong_readers, 0);
        }
        let frame = reader.try_read().unwrap().unwrap();
        assert_eq!(frame.attached.len(), usize::from(!strip));
    }
}

#[test]
fn a_wait_for_a_frame_takes_none() {
    let channel = block(100);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let waits = Hand::waiting(reader.readable());
    assert!(!Hand::waiting(reader.readable()).cancel_leaves_waker());
    writer.try_write("a".into()).unwrap();
    waits.woken();
    ready(reader.readable());
    assert_eq!(rest(&reader), ["a", "WouldBlock"]);
    let waits = Hand::waiting(reader.readable());
    reader.put_back(vec![frame("b")], None);
    waits.woken();
    assert_eq!(rest(&reader), ["b", "WouldBlock"]);
    let waits = Hand::waiting(reader.readable());
    channel.terminate();
    waits.woken();
}

#[test]
fn a_wait_for_a_frame_leaves_it_to_the_read_to_tell_what_was_lost() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    writer.try_write("a".into()).unwrap();
    writer.try_write("b".into()).unwrap();
    ready(reader.readable());
    assert_eq!(reader.try_read().unwrap_err(), ReadError::Lagged(1));
}

#[test]
fn a_writer_hears_when_nobody_can_read_any_more() {
    let channel = block(100);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let waits = Hand::waiting(writer.unread());
    assert!(!Hand::waiting(writer.unread()).cancel_leaves_waker());
    drop(channel);
    assert!(!writer.is_unread());
    assert_eq!(waits.wakes(), 0);
    drop(reader);
    waits.woken();
    assert!(writer.is_unread());

    // In whatever order they go, and however the channel ends.
    let channel = block(100);
    let writer = channel.strong_writer().unwrap();
    drop(channel.weak_reader());
    let waits = Hand::waiting(writer.unread());
    drop(channel);
    waits.woken();
    let channel = block(100);
    let (writer, _reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let waits = Hand::waiting(writer.unread());
    channel.drain();
    waits.woken();
}
