//! How a channel ends, and that everybody whom it concerns is woken to learn it.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Hand, batch, block, plain, rest};
use weft_channel::{OpenError, ReadError, WriteError};

#[test]
fn weakening_the_last_strong_writer_ends_the_channel_too() {
    let channel = block(8);
    let writer = channel.strong_writer().unwrap();
    assert!(writer.is_strong());
    let reader = channel.weak_reader();
    let waiting = Hand::waiting(reader.read());
    let writer = writer.downgrade();
    assert!(!writer.is_strong());
    assert_eq!(plain(waiting.woken()), Ok(None));
    assert_eq!(writer.try_write("x".into()), Err(WriteError::Drained));
    let stats = channel.stats();
    assert_eq!((stats.strong_writers, stats.weak_writers), (0, 1));
    drop(writer);
    assert_eq!(channel.stats().weak_writers, 0);
}

#[test]
fn the_last_strong_writer_wakes_every_waiting_reader_and_writer() {
    let channel = block(1);
    let writer = channel.strong_writer().unwrap();
    let weak = channel.weak_writer().unwrap();
    let (fast, slow) = (channel.weak_reader(), channel.strong_reader());
    writer.try_write("a".into()).unwrap();
    fast.try_read().unwrap();
    let one = Hand::waiting(fast.read());
    let many = Hand::waiting(fast.read_batch(9, 9));
    let write = Hand::waiting(weak.write("b".into()));
    drop(writer);
    assert_eq!(plain(one.woken()), Ok(None));
    assert!(many.woken().unwrap().is_empty());
    assert_eq!(write.woken(), Err(WriteError::Drained));
    assert_eq!(rest(&slow), ["a", "end"]);
}

#[test]
fn drain_wakes_waiting_writers_and_readers() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let fast = channel.weak_reader();
    writer.try_write("a".into()).unwrap();
    fast.try_read().unwrap();
    let read = Hand::waiting(fast.read());
    let writes = [0; 3].map(|_| Hand::waiting(writer.write("b".into())));
    channel.drain();
    channel.drain();
    for write in writes {
        assert_eq!(write.woken(), Err(WriteError::Drained));
    }
    assert_eq!(plain(read.woken()), Ok(None));
    assert_eq!(writer.try_write_batch(batch(&[])), Err(WriteError::Drained));
    assert_eq!(rest(&reader), ["a", "end"]);
}

#[test]
fn terminate_fails_everybody_and_frees_everything() {
    let channel = block(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let fast = channel.weak_reader();
    writer.try_write("a".into()).unwrap();
    fast.try_read().unwrap();
    let read = Hand::waiting(fast.read());
    let write = Hand::waiting(writer.write("b".into()));
    channel.terminate();
    assert_eq!(plain(read.woken()), Err(ReadError::Terminated));
    assert_eq!(write.woken(), Err(WriteError::Terminated));
    assert_eq!(plain(reader.try_read()), Err(ReadError::Terminated));
    assert_eq!(rest(&channel.strong_reader()), ["Terminated"]);
    assert_eq!(writer.try_write("c".into()), Err(WriteError::Terminated));
    assert_eq!(
        writer.try_write_batch(batch(&[])),
        Err(WriteError::Terminated)
    );
    assert_eq!(channel.weak_writer().unwrap_err(), OpenError::Ended);
    // A drain afterwards changes nothing.
    channel.drain();
    drop(writer);
    assert_eq!(rest(&fast), ["Terminated"]);
    let stats = channel.stats();
    assert_eq!((stats.frames_held, stats.bytes_held), (0, 0));
    drop((reader, fast));
    let stats = channel.stats();
    assert_eq!((stats.strong_readers, stats.weak_readers), (0, 0));
}

#[test]
fn holding_the_channel_keeps_nothing_open() {
    let channel = block(8);
    let other = channel.clone();
    let reader = channel.weak_reader();
    drop(channel.strong_writer().unwrap());
    assert_eq!(rest(&reader), ["end"]);
    assert!(channel.same_channel(&other) && !channel.same_channel(&block(8)));
    assert_eq!(channel.options(), other.options());
}

#[test]
fn writer_ids_count_from_one_and_are_never_used_again() {
    let channel = block(8);
    let keep = channel.strong_writer().unwrap();
    assert_eq!(keep.id(), 1);
    for id in 2..100 {
        assert_eq!(channel.strong_writer().unwrap().id(), id);
    }
    assert_eq!(channel.weak_writer().unwrap().id(), 100);
    assert_eq!(block(8).weak_writer().unwrap().id(), 1);
}
