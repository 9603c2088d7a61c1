//! What a channel tells those who watch it, and that watching holds nothing.

#![allow(missing_docs, clippy::unwrap_used)]

use weft_channel::{Backpressure, Channel, Options};

fn channel(capacity: u64) -> Channel {
    Channel::new(Options::new(capacity).backpressure(Backpressure::Drop)).unwrap()
}

#[test]
fn the_lag_is_that_of_the_slowest_reader_and_counts_what_it_lost() {
    let channel = channel(4);
    let observer = channel.observer();
    let lag = || observer.observe().unwrap().lag;
    let writer = channel.strong_writer().unwrap();
    let slow = channel.weak_reader();
    let quick = channel.weak_reader();
    for _ in 0..6 {
        assert!(writer.try_write("x".into()).unwrap());
        quick.try_read().unwrap();
    }
    assert_eq!(lag(), 6);
    assert_eq!(observer.observe().unwrap().bytes_written, 6);
    assert!(slow.try_read().is_err());
    assert_eq!(lag(), 4);
    drop(slow);
    assert_eq!(lag(), 0);
}

#[test]
fn watching_a_channel_keeps_neither_it_nor_its_frames() {
    let channel = channel(4);
    let observer = channel.observer();
    let writer = channel.strong_writer().unwrap();
    drop(channel);
    assert_eq!(observer.observe().unwrap().stats.strong_writers, 1);
    drop(writer);
    assert!(observer.observe().is_none());
}

#[test]
fn what_is_written_after_the_last_reader_has_gone_is_counted() {
    let channel = Channel::new(Options::new(64)).unwrap();
    let writer = channel.strong_writer().unwrap();
    let observer = channel.observer();
    let lost = || observer.observe().unwrap().without_reader;
    writer.try_write("a".into()).unwrap();
    assert_eq!(lost(), 1);
    let (one, other) = (channel.strong_reader(), channel.weak_reader());
    assert_eq!(lost(), 0);
    drop(one);
    writer.try_write("b".into()).unwrap();
    assert_eq!(lost(), 0);
    drop(other);
    assert_eq!(lost(), 0);
    writer.try_write("c".into()).unwrap();
    assert_eq!(lost(), 1);
}
