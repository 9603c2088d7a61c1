//! The channel is drained or terminated while reads and writes wait or start to.

use weft_channel::{Channel, ReadError, WriteError};

use super::support::*;

#[test]
fn drain_ends_a_read_that_starts_to_wait() {
    every_order(|| {
        let channel = block(8);
        let (_writer, reader) = (writer(&channel, true), channel.strong_reader());
        let draining = thread::spawn(move || channel.drain());
        assert_eq!(read(&reader), Ok(None));
        draining.join().unwrap();
    });
}

#[test]
fn drain_fails_every_write_that_waits() {
    orders_within(3, || {
        let channel = block(1);
        let ends = [(); 2].map(|()| writer(&channel, true));
        let reader = channel.strong_reader();
        let [one, other] = ends;
        assert_eq!(one.try_write("a".into()), Ok(true));
        let writing = [one, other].map(|end| {
            thread::spawn(move || assert_eq!(write(&end, "b"), Err(WriteError::Drained)))
        });
        channel.drain();
        for thread in writing {
            thread.join().unwrap();
        }
        assert_eq!(read_to_end(&reader), ["a"]);
    });
}

/// The write was sent before the drain or fails with it; the reader gets what was sent.
#[test]
fn readers_of_a_drained_channel_get_exactly_what_was_sent() {
    orders_within(3, || {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let writing = thread::spawn(move || match write(&writer, "b") {
            Ok(sent) => sent,
            Err(error) => {
                assert_eq!(error, WriteError::Drained);
                false
            }
        });
        let draining = thread::spawn(move || channel.drain());
        let read = read_to_end(&reader);
        draining.join().unwrap();
        assert_eq!(read.len(), 1 + usize::from(writing.join().unwrap()));
    });
}

#[test]
fn terminate_fails_a_read_that_starts_to_wait() {
    for strong_reader in [true, false] {
        every_order(move || {
            let channel = block(8);
            let (_writer, reader) = (writer(&channel, true), reader(&channel, strong_reader));
            let ending = thread::spawn(move || channel.terminate());
            assert_eq!(read(&reader), Err(ReadError::Terminated));
            ending.join().unwrap();
        });
    }
}

/// A terminated channel frees its frames: that makes room, which nobody may use.
#[test]
fn terminate_fails_every_write_that_waits() {
    orders_within(3, || {
        let channel = block(1);
        let ends = [(); 2].map(|()| writer(&channel, true));
        let reader = channel.strong_reader();
        let [one, other] = ends;
        assert_eq!(one.try_write("a".into()), Ok(true));
        let writing = [one, other].map(|end| {
            thread::spawn(move || assert_eq!(write(&end, "b"), Err(WriteError::Terminated)))
        });
        channel.terminate();
        for thread in writing {
            thread.join().unwrap();
        }
        assert_eq!(read(&reader), Err(ReadError::Terminated));
    });
}

#[test]
fn terminate_ends_an_exchange_of_reads_and_writes() {
    orders_within(3, || {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        let writing = thread::spawn(move || {
            for frame in ["a", "b"] {
                match write(&writer, frame) {
                    Ok(sent) => assert!(sent),
                    Err(error) => return assert_eq!(error, WriteError::Terminated),
                }
            }
        });
        let ending = thread::spawn(move || channel.terminate());
        let mut expected = ["a", "b"].into_iter();
        loop {
            match read(&reader) {
                Ok(Some(frame)) => assert_eq!(frame, expected.next().unwrap()),
                // The writer may be done before the channel is terminated.
                Ok(None) => break assert_eq!(expected.next(), None),
                Err(error) => break assert_eq!(error, ReadError::Terminated),
            }
        }
        writing.join().unwrap();
        ending.join().unwrap();
    });
}

#[test]
fn drain_and_terminate_at_once_terminate() {
    orders_within(3, || {
        let channel = block(8);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        let ending = [Channel::drain, Channel::terminate].map(|end| {
            let channel = channel.clone();
            thread::spawn(move || end(&channel))
        });
        match read(&reader) {
            Ok(frame) => assert_eq!(frame, None, "drained first"),
            Err(error) => assert_eq!(error, ReadError::Terminated),
        }
        for thread in ending {
            thread.join().unwrap();
        }
        assert_eq!(read(&reader), Err(ReadError::Terminated));
        assert_eq!(writer.try_write("a".into()), Err(WriteError::Terminated));
    });
}
