//! What a channel retains: never more than its capacity, and a bounded number of frames; and what
//! readers learn of what it no longer does.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Hand, batch, dropping, park, plain, rest, texts};
use weft_channel::{Backpressure, Channel, Options, OptionsError, ReadError, WriteError};

#[test]
fn a_frame_of_capacity_fits_and_one_byte_more_never_does() {
    for channel in [park(8), dropping(8)] {
        let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
        let too_large = Err(WriteError::TooLarge { capacity: 8 });
        assert_eq!(writer.try_write("123456789".into()), too_large);
        assert_eq!(
            Hand::new(writer.write("123456789".into())).poll(),
            too_large.into()
        );
        assert_eq!(writer.try_write("12345678".into()), Ok(true));
        assert_eq!(rest(&reader), ["12345678", "WouldBlock"]);
    }
}

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
fn nobody_reads_and_nothing_grows() {
    let channel = park(100);
    let writer = channel.strong_writer().unwrap();
    for _ in 0..10_000 {
        assert_eq!(writer.try_write(Bytes::from_static(&[7; 30])), Ok(true));
        assert!(channel.stats().bytes_held <= 100);
    }
    assert_eq!(channel.stats().frames_held, 3);
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
fn an_overtaken_reader_learns_the_exact_loss_once() {
    let channel = park(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    for n in 0..1000 {
        writer.try_write(format!("{}", n % 10).into()).unwrap();
    }
    assert_eq!(plain(reader.try_read()), Err(ReadError::Lagged(996)));
    assert_eq!(rest(&reader), ["6", "7", "8", "9", "WouldBlock"]);
    // Now at the end: the next four overtake nobody, the fifth does.
    for n in 0..5 {
        writer.try_write(format!("{n}").into()).unwrap();
    }
    assert_eq!(
        rest(&reader),
        ["Lagged(1)", "1", "2", "3", "4", "WouldBlock"]
    );
}

#[test]
fn losing_the_rest_of_a_batch_counts_the_frames_not_yet_read() {
    let channel = park(4);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    writer.try_write_batch(batch(&["a", "b", "c"])).unwrap();
    assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
    writer.try_write("de".into()).unwrap();
    assert_eq!(rest(&reader), ["Lagged(2)", "de", "WouldBlock"]);
}

#[test]
fn the_lag_is_told_before_the_end() {
    let channel = park(1);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    writer.try_write("a".into()).unwrap();
    writer.try_write("b".into()).unwrap();
    drop(writer);
    assert_eq!(
        reader.try_read_batch(9, 9).unwrap_err(),
        ReadError::Lagged(1)
    );
    assert_eq!(texts(&reader.try_read_batch(9, 9).unwrap()), ["b"]);
    assert!(reader.try_read_batch(9, 9).unwrap().is_empty());
}

#[test]
fn a_new_reader_starts_at_the_oldest_frame_and_then_holds_it() {
    let channel = park(2);
    let writer = channel.strong_writer().unwrap();
    for frame in ["a", "b", "c"] {
        writer.try_write(frame.into()).unwrap();
    }
    let reader = channel.strong_reader();
    assert_eq!(writer.try_write("d".into()), Err(WriteError::WouldBlock));
    assert_eq!(rest(&reader), ["b", "c", "WouldBlock"]);
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
