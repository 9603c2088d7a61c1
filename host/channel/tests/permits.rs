//! Writes in two steps: the wait for a turn and for room, and the write.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Hand, block, ready, rest};
use std::sync::Arc;
use weft_channel::{Backpressure, Channel, Options, WriteError};

#[test]
fn a_place_comes_with_room_sends_nothing_and_holds_up_those_behind_it() {
    let channel = block(1);
    let (writer, reader) = (
        Arc::new(channel.strong_writer().unwrap()),
        channel.strong_reader(),
    );
    let other = channel.strong_writer().unwrap();
    writer.try_write("a".into()).unwrap();
    let waits = Hand::waiting(writer.reserve(1, 1, 1));
    let behind = Hand::waiting(other.write("c".into()));
    assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
    let permit = waits.woken();
    assert_eq!(channel.stats().frames_written, 1);
    assert_eq!(other.try_write("d".into()), Err(WriteError::WouldBlock));
    assert_eq!(behind.wakes(), 0);
    assert_eq!(permit.write("b".into()), Ok(true));
    assert_eq!(reader.try_read().unwrap().unwrap().payload, "b");
    assert_eq!(behind.woken(), Ok(true));
    assert_eq!(rest(&reader), ["c", "WouldBlock"]);
}

#[test]
fn a_place_that_is_given_up_is_the_next_one_s() {
    let channel = block(1);
    let (writer, reader) = (
        Arc::new(channel.strong_writer().unwrap()),
        channel.strong_reader(),
    );
    assert!(writer.try_reserve(1, 1, 1).is_some());
    // While it waits, and when it has come; also one that did not have to wait.
    drop(writer.reserve(1, 1, 1));
    drop(ready(writer.reserve(1, 1, 1)));
    writer.try_write("a".into()).unwrap();
    let (first, second) = (
        Hand::waiting(writer.reserve(1, 1, 1)),
        Hand::waiting(writer.reserve(1, 1, 1)),
    );
    let third = Hand::waiting(writer.write("b".into()));
    drop(first);
    assert!(writer.try_reserve(1, 1, 1).is_none());
    reader.try_read().unwrap();
    assert!(writer.try_reserve(1, 1, 1).is_none());
    drop(second.woken());
    assert_eq!(third.woken(), Ok(true));
    assert_eq!(rest(&reader), ["b", "WouldBlock"]);
}

#[test]
fn a_place_is_there_at_once_where_no_write_would_wait() {
    let block = block(1);
    let writer = Arc::new(block.strong_writer().unwrap());
    let too_large = ready(writer.reserve(1, 2, 2));
    assert_eq!(
        too_large.write("ab".into()),
        Err(WriteError::TooLarge { capacity: 1 })
    );
    let waits = {
        let _reader = block.strong_reader();
        writer.try_write("a".into()).unwrap();
        let waits = Hand::waiting(writer.reserve(1, 1, 1));
        block.drain();
        waits
    };
    assert_eq!(waits.woken().write("b".into()), Err(WriteError::Drained));
    let drops = Channel::new(Options::new(1).backpressure(Backpressure::Drop));
    let drops = drops.unwrap();
    let (writer, _reader) = (
        Arc::new(drops.strong_writer().unwrap()),
        drops.strong_reader(),
    );
    writer.try_write("a".into()).unwrap();
    assert_eq!(ready(writer.reserve(1, 1, 1)).write("b".into()), Ok(false));
}
