//! What readers see while writers write, and what a reader that was overtaken is told.

use bytes::Bytes;
use weft_channel::{ReadError, Reader};

use super::support::*;

#[test]
fn an_overtaken_reader_is_told_exactly_what_it_lost() {
    orders_within(3, || {
        let channel = block(2);
        let (writer, reader) = (writer(&channel, true), channel.weak_reader());
        let writing = thread::spawn(move || {
            for frame in ["0", "1", "2", "3", "4"] {
                assert_eq!(writer.try_write(frame.into()), Ok(true));
            }
        });
        // Where in the stream the reader is, by its own account.
        let mut place = 0;
        loop {
            match read(&reader) {
                Ok(Some(frame)) => {
                    assert_eq!(frame, place.to_string());
                    place += 1;
                }
                Ok(None) => break,
                Err(ReadError::Lagged(lost)) => {
                    assert!(lost > 0);
                    place += lost;
                }
                Err(error) => unreachable!("{error}"),
            }
        }
        assert_eq!(place, 5);
        writing.join().unwrap();
    });
}

/// Downgraded while it is read from: what it lost is lost to one of the two reads, once.
#[test]
fn a_reader_weakened_as_it_reads_counts_every_frame() {
    orders_within(2, || {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), Arc::new(channel.strong_reader()));
        let weakens = Arc::clone(&reader);
        let writing = thread::spawn(move || {
            for frame in ["0", "1", "2"] {
                assert_eq!(write(&writer, frame), Ok(true));
            }
        });
        let weakening = thread::spawn(move || weakens.set_weak());
        let mut counted = 0;
        loop {
            match read(&reader) {
                Ok(Some(_)) => counted += 1,
                Ok(None) => break,
                Err(ReadError::Lagged(lost)) => counted += lost,
                Err(error) => unreachable!("{error}"),
            }
        }
        assert_eq!(counted, 3);
        writing.join().unwrap();
        weakening.join().unwrap();
    });
}

fn read_with_writers(reader: &Reader) -> Vec<(u32, Bytes)> {
    let frames = std::iter::from_fn(|| block_on(reader.read()).unwrap());
    frames.map(|frame| (frame.writer, frame.payload)).collect()
}

/// As below with one thread less, so that more orders can be tried.
#[test]
fn a_reader_that_reads_later_sees_the_same_order() {
    orders_within(3, || {
        let channel = block(8);
        let ends = [(); 2].map(|()| writer(&channel, true));
        let (one, other) = (channel.strong_reader(), channel.weak_reader());
        let writing = ends.map(|end| {
            thread::spawn(move || {
                assert_eq!(end.try_write("a".into()), Ok(true));
                assert_eq!(end.try_write("b".into()), Ok(true));
            })
        });
        let order = read_with_writers(&one);
        assert_eq!(order.len(), 4);
        assert_eq!(read_with_writers(&other), order);
        for thread in writing {
            thread.join().unwrap();
        }
    });
}

#[test]
fn two_readers_see_one_order_of_two_writers() {
    orders_within(1, || {
        let channel = block(8);
        let ends = [(); 2].map(|()| writer(&channel, true));
        let (one, other) = (channel.strong_reader(), channel.weak_reader());
        let writing = ends.map(|end| {
            thread::spawn(move || {
                assert_eq!(end.try_write("a".into()), Ok(true));
                assert_eq!(end.try_write("b".into()), Ok(true));
            })
        });
        let reading = thread::spawn(move || read_with_writers(&one));
        let order = read_with_writers(&other);
        assert_eq!(reading.join().unwrap(), order);
        for id in [1, 2] {
            let of_one = order.iter().filter(|(writer, _)| *writer == id);
            let of_one: Vec<_> = of_one.map(|(_, frame)| frame).collect();
            assert_eq!(of_one, ["a", "b"]);
        }
        assert_eq!(order.len(), 4);
        for thread in writing {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_batch_is_seen_whole_or_not_at_all() {
    every_order(|| {
        let channel = block(8);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        let writing = thread::spawn(move || {
            assert_eq!(writer.try_write_batch(batch(&["a", "b", "c"])), Ok(3));
        });
        match reader.try_read_batch(9, 9) {
            Ok(frames) => assert_eq!(frames.len(), 3),
            Err(error) => assert_eq!(error, ReadError::WouldBlock),
        }
        writing.join().unwrap();
    });
}

/// It starts at the oldest frame retained, and from then on nothing passes it.
#[test]
fn a_strong_reader_that_comes_while_frames_are_written_misses_none_after_its_first() {
    orders_within(3, || {
        let channel = block(1);
        let writer = writer(&channel, true);
        let writing = thread::spawn(move || {
            for frame in ["0", "1", "2"] {
                assert_eq!(write(&writer, frame), Ok(true));
            }
        });
        let reader = channel.strong_reader();
        let read = read_to_end(&reader);
        assert!(
            ["0", "1", "2"]
                .iter()
                .rev()
                .zip(read.iter().rev())
                .all(|(a, b)| a == b)
        );
        assert!(!read.is_empty(), "the last one is retained");
        writing.join().unwrap();
    });
}
