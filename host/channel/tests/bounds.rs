//! What a channel retains: never more than its capacity, and a bounded number of frames.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{park, rest};
use weft_channel::{Backpressure, Channel, Options, OptionsError, WriteError};

#[test]
fn capacities_out_of_range_are_refused() {
    let make = |capacity| {
        let backpressure = Backpressure::Park;
        Channel::new(Options {
            capacity,
            backpressure,
        })
        .map(|_| ())
    };
    assert_eq!(make(0), Err(OptionsError::ZeroCapacity));
    assert_eq!(make(1), Ok(()));
    assert_eq!(make(isize::MAX as u64), Ok(()));
    let max = isize::MAX as u64;
    let capacity = u64::MAX;
    assert_eq!(
        make(capacity),
        Err(OptionsError::CapacityTooLarge { capacity, max })
    );
}

#[test]
fn empty_frames_are_frames_and_their_number_is_bounded() {
    let channel = park(1);
    let writer = channel.strong_writer().unwrap();
    for _ in 0..100_000 {
        assert_eq!(writer.try_write(Bytes::new()), Ok(true));
    }
    let stats = channel.stats();
    assert_eq!((stats.frames_held, stats.bytes_held), (1024, 0));
    assert_eq!(stats.frames_written, 100_000);

    let reader = channel.strong_reader();
    assert_eq!(writer.try_write(Bytes::new()), Err(WriteError::WouldBlock));
    let frame = reader.try_read().unwrap().unwrap();
    assert_eq!((frame.writer, frame.payload.len()), (writer.id(), 0));
    assert_eq!(writer.try_write(Bytes::new()), Ok(true));
}

#[test]
fn larger_channels_retain_more_frames() {
    let channel = park(32 * 1024);
    let writer = channel.strong_writer().unwrap();
    for _ in 0..10_000 {
        assert_eq!(writer.try_write(Bytes::new()), Ok(true));
    }
    assert_eq!(channel.stats().frames_held, 2048);
}

#[test]
fn frames_stay_until_room_is_needed_even_if_everybody_has_read_them() {
    let channel = park(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    for frame in ["a", "b", "c", "d"] {
        writer.try_write(frame.into()).unwrap();
    }
    assert_eq!(rest(&reader), ["a", "b", "c", "d", "WouldBlock"]);
    assert_eq!(channel.stats().frames_held, 4);
    assert_eq!(
        rest(&channel.weak_reader()),
        ["a", "b", "c", "d", "WouldBlock"]
    );
    writer.try_write("ef".into()).unwrap();
    assert_eq!(
        rest(&channel.strong_reader()),
        ["c", "d", "ef", "WouldBlock"]
    );
}

#[test]
fn evicted_payloads_are_freed() {
    let channel = park(4);
    let writer = channel.strong_writer().unwrap();
    let payload = Bytes::from(vec![1; 4]);
    writer.try_write(payload.clone()).unwrap();
    assert!(!payload.is_unique());
    writer.try_write("x".into()).unwrap();
    assert!(payload.is_unique());
}
