//! What a channel tells those who watch it, and that watching holds nothing.

#![allow(missing_docs, clippy::unwrap_used)]

use weft_channel::{Attachment, Attachments, Backpressure, Batch, Channel, Options};

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

#[test]
fn a_glance_shows_frames_from_a_number_on_and_takes_neither_them_nor_their_handles() {
    let channel = channel(64);
    let observer = channel.observer();
    let (reader, writer) = (channel.strong_reader(), channel.strong_writer().unwrap());
    let other = self::channel(4);
    let attached = Attachments::new(vec![Attachment::Channel(other, 0)]);
    for text in ["a", "b", "c"] {
        assert!(writer.try_write(text.into()).unwrap());
    }
    let batch = Batch::new(vec![1, 2], "de".into()).unwrap();
    assert!(writer.try_write_batch(batch).is_ok());
    assert!(writer.try_write_with("f".into(), attached).is_ok());
    let seen = |from, most| {
        let glance = observer.glance(from, most).unwrap();
        let texts = glance.frames.iter();
        let texts: Vec<_> = texts
            .map(|it| String::from_utf8_lossy(it).into_owned())
            .collect();
        (glance.first, texts.concat(), glance.ended)
    };
    assert_eq!(seen(0, 9), (0, "abcdef".into(), false));
    assert_eq!(seen(1, 3), (1, "bcd".into(), false));
    assert_eq!(seen(4, 9), (4, "ef".into(), false));
    assert_eq!(seen(6, 9), (6, String::new(), false));
    // The reader still gets everything.
    let frames: Vec<_> = (0..6)
        .map(|_| reader.try_read().unwrap().unwrap())
        .collect();
    assert_eq!(frames.last().unwrap().attached.len(), 1);
    drop(writer);
    assert_eq!(seen(9, 9), (9, String::new(), true));
}

#[test]
fn a_glance_at_frames_that_are_gone_begins_with_the_oldest() {
    let channel = channel(2);
    let observer = channel.observer();
    let writer = channel.strong_writer().unwrap();
    for text in ["a", "b", "c"] {
        assert!(writer.try_write(text.into()).unwrap());
    }
    let glance = observer.glance(0, 9).unwrap();
    assert_eq!((glance.first, glance.frames.concat()), (1, b"bc".to_vec()));
    channel.terminate();
    assert!(observer.glance(0, 9).unwrap().ended);
    drop((channel, writer));
    assert!(observer.glance(0, 9).is_none());
}
