//! What a channel retains: never more than its capacity, and a bounded number of frames.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{block, rest};
use weft_channel::{
    Backpressure, Batch, Channel, MAX_BATCH_FRAMES, MalformedBatch, Options, OptionsError,
    WriteError,
};

#[test]
fn capacities_out_of_range_are_refused() {
    let make = |capacity| {
        let backpressure = Backpressure::Block;
        Channel::new(Options::new(capacity).backpressure(backpressure)).map(|_| ())
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
    let channel = block(1);
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
fn larger_channels_retain_more_frames_and_never_more_of_their_cost_than_of_payload() {
    let held = |capacity, batch: usize| {
        let channel = block(capacity);
        let writer = channel.strong_writer().unwrap();
        for _ in 0..100_000 / batch {
            let sent = match batch {
                1 => writer.try_write(Bytes::new()).map(u32::from),
                _ => writer.try_write_batch(Batch::new(vec![0; batch], Bytes::new()).unwrap()),
            };
            assert_eq!(sent, Ok(batch as u32));
        }
        channel.stats().frames_held
    };
    // 160 bytes for a write, 4 for a frame.
    assert_eq!(held(164 * 1024, 1), 1024);
    assert_eq!(held(164 * 3000, 1), 3000);
    assert_eq!(held((160 + 8) * 3000, 2), 2 * 3000);
    // In large batches only the number of frames counts.
    assert_eq!(held(16 * 2000, 1000), 2000);
    // However large it is, 8 MiB.
    assert_eq!(held(1 << 40, 1), (8 << 20) / 164);
}

#[test]
fn the_largest_batch_fits_into_a_large_channel_and_a_larger_one_is_refused() {
    let channel = block(1 << 40);
    let writer = channel.strong_writer().unwrap();
    let batch = |frames| Batch::new(vec![0; frames], Bytes::new());
    let most = MAX_BATCH_FRAMES as usize;
    let sent = writer.try_write_batch(batch(most).unwrap());
    assert_eq!(sent, Ok(MAX_BATCH_FRAMES));
    let refused = batch(most + 1).unwrap_err();
    assert_eq!(refused, MalformedBatch::TooManyFrames(most + 1));
    assert_eq!(
        refused.to_string(),
        "1048577 frames are more than the 1048576 that a batch can hold"
    );
    // Too many for a small channel.
    let small = block(1 << 20);
    let sent = small
        .weak_writer()
        .unwrap()
        .try_write_batch(batch(most).unwrap());
    assert!(matches!(sent, Err(WriteError::TooLarge { .. })));
}

#[test]
fn a_read_of_many_takes_so_many_frames_writes_and_bytes_at_most() {
    let channel = block(1 << 30);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let read = || {
        let frames = reader.try_read_batch(u32::MAX, u64::MAX).unwrap();
        (frames.len(), frames.bytes())
    };
    for _ in 0..5_000 {
        writer.try_write("x".into()).unwrap();
    }
    assert_eq!((read(), read()), ((4096, 4096), (904, 904)));
    let batch = Batch::new(vec![0; 70_000], Bytes::new()).unwrap();
    writer.try_write_batch(batch).unwrap();
    assert_eq!((read(), read()), ((65_536, 0), (4_464, 0)));
    for mib in [15, 1, 1, 20, 1] {
        writer.try_write(vec![0; mib << 20].into()).unwrap();
    }
    assert_eq!((read(), read()), ((2, 16 << 20), (1, 1 << 20)));
    assert_eq!((read(), read()), ((1, 20 << 20), (1, 1 << 20)));
}

#[test]
fn what_a_channel_keeps_is_within_what_its_options_say() {
    for (capacity, frame, batch) in [
        (1, 0, 1),
        (1, 0, 2),
        (4096, 1, 1),
        (1 << 20, 1, 1),
        (1 << 20, 1, 2),
        (1 << 20, 16, 1000),
        (4 << 20, 64, 1),
        (4 << 20, 70_000, 1),
        (32 << 20, 0, 1),
        (32 << 20, 16, 100_000),
    ] {
        let channel = block(capacity);
        let most = channel.options().most_bytes().unwrap();
        let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
        let kept = allocation_counter::measure(|| {
            for _ in 0..200_000 / batch {
                let payload = Bytes::from(vec![0; frame * batch]);
                let sent = match batch {
                    1 => writer.try_write(payload).map(u32::from),
                    _ => {
                        let ends = (1..=batch).map(|n| (n * frame) as u32);
                        writer.try_write_batch(Batch::new(ends.collect(), payload).unwrap())
                    }
                };
                assert_eq!(sent, Ok(batch as u32));
                // What was shared once costs a count of references.
                let _ = reader.try_read();
            }
        });
        let kept = kept.bytes_current.unsigned_abs();
        assert!(kept <= most, "{kept} of {most}: {capacity} {frame} {batch}");
    }
    let options = Options::new(0);
    assert_eq!(options.most_bytes(), None);
}

#[test]
fn frames_stay_until_room_is_needed_even_if_everybody_has_read_them() {
    let channel = block(4);
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
    let channel = block(4);
    let writer = channel.strong_writer().unwrap();
    let payload = Bytes::from(vec![1; 4]);
    writer.try_write(payload.clone()).unwrap();
    assert!(!payload.is_unique());
    writer.try_write("x".into()).unwrap();
    assert!(payload.is_unique());
}
