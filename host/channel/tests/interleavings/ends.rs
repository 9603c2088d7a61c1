//! A writer or a reader goes, or weakens, while others wait for that or arrive.

use weft_channel::{Reader, WriteError, Writer};

use super::support::*;

/// The ways in which an end stops being a strong one; what is left of it is kept.
#[derive(Clone, Copy)]
enum How {
    Drop,
    Downgrade,
    SetWeak,
}

const HOW: [How; 3] = [How::Drop, How::Downgrade, How::SetWeak];

fn lose_writer(writer: Writer, how: How) -> Option<Writer> {
    match how {
        How::Drop => {
            drop(writer);
            None
        }
        How::Downgrade => Some(writer.downgrade()),
        How::SetWeak => {
            writer.set_weak();
            Some(writer)
        }
    }
}

fn lose_reader(reader: Reader, how: How) -> Option<Reader> {
    match how {
        How::Drop => {
            drop(reader);
            None
        }
        How::Downgrade => Some(reader.downgrade()),
        How::SetWeak => {
            reader.set_weak();
            Some(reader)
        }
    }
}

#[test]
fn the_last_strong_writer_ends_a_read_that_starts_to_wait() {
    for how in HOW {
        for strong_reader in [true, false] {
            every_order(move || {
                let channel = block(8);
                let (writer, reader) = (writer(&channel, true), reader(&channel, strong_reader));
                let leaving = thread::spawn(move || {
                    assert_eq!(writer.try_write("a".into()), Ok(true));
                    lose_writer(writer, how)
                });
                assert_eq!(read_to_end(&reader), ["a"]);
                leaving.join().unwrap();
            });
        }
    }
}

#[test]
fn two_strong_writers_that_leave_at_once_end_the_channel() {
    every_order(|| {
        let channel = block(8);
        let ends = [(); 2].map(|()| writer(&channel, true));
        let reader = channel.strong_reader();
        let leaving = ends.map(|end| thread::spawn(move || drop(end)));
        assert_eq!(read(&reader), Ok(None));
        for thread in leaving {
            thread.join().unwrap();
        }
    });
}

#[test]
fn the_last_strong_writer_fails_a_write_that_starts_to_wait() {
    for how in HOW {
        every_order(move || {
            let channel = block(1);
            let (last, weak) = (writer(&channel, true), writer(&channel, false));
            let reader = channel.strong_reader();
            assert_eq!(last.try_write("a".into()), Ok(true));
            let leaving = thread::spawn(move || lose_writer(last, how));
            assert_eq!(write(&weak, "b"), Err(WriteError::Drained));
            leaving.join().unwrap();
            assert_eq!(read_to_end(&reader), ["a"]);
        });
    }
}

/// Either it comes too late, or it keeps the channel open.
#[test]
fn a_strong_writer_that_comes_as_the_last_one_goes_is_refused_or_writes() {
    for how in HOW {
        every_order(move || {
            let channel = block(8);
            let (last, reader) = (writer(&channel, true), channel.strong_reader());
            let leaving = thread::spawn(move || lose_writer(last, how));
            let sent = match channel.strong_writer() {
                Ok(new) => {
                    assert_eq!(new.try_write("a".into()), Ok(true));
                    vec!["a"]
                }
                Err(_) => vec![],
            };
            assert_eq!(read_to_end(&reader), sent);
            leaving.join().unwrap();
        });
    }
}

#[test]
fn a_writer_weakened_as_it_is_weakened_elsewhere_counts_once() {
    every_order(|| {
        let channel = block(8);
        let (one, keeps) = (Arc::new(writer(&channel, true)), writer(&channel, true));
        let other = Arc::clone(&one);
        let weakening = thread::spawn(move || other.set_weak());
        one.set_weak();
        weakening.join().unwrap();
        assert_eq!(keeps.try_write("a".into()), Ok(true), "still open");
        let stats = channel.stats();
        assert_eq!((stats.strong_writers, stats.weak_writers), (1, 1));
        drop((one, keeps));
        let stats = channel.stats();
        assert_eq!((stats.strong_writers, stats.weak_writers), (0, 0));
    });
}

#[test]
fn the_slowest_strong_reader_lets_a_write_go_that_starts_to_wait() {
    for how in HOW {
        every_order(move || {
            let channel = block(1);
            let writer = writer(&channel, false);
            let (slow, fast) = (channel.strong_reader(), channel.strong_reader());
            assert_eq!(writer.try_write("a".into()), Ok(true));
            assert_eq!(fast.try_read().unwrap().unwrap().payload, "a");
            let leaving = thread::spawn(move || lose_reader(slow, how));
            assert_eq!(write(&writer, "b"), Ok(true));
            assert_eq!(fast.try_read().unwrap().unwrap().payload, "b");
            leaving.join().unwrap();
        });
    }
}

#[test]
fn two_strong_readers_that_let_go_at_once_let_the_writer_go() {
    orders_within(3, || {
        let channel = block(1);
        let writer = writer(&channel, false);
        let (leaves, reads) = (channel.strong_reader(), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let leaving = thread::spawn(move || drop(leaves));
        let reading = thread::spawn(move || {
            assert_eq!(reads.try_read().unwrap().unwrap().payload, "a");
            reads
        });
        assert_eq!(write(&writer, "b"), Ok(true));
        leaving.join().unwrap();
        reading.join().unwrap();
    });
}

/// The slow reader lets both go, and wakes only the one in front.
#[test]
fn a_strong_reader_that_goes_lets_all_waiting_writes_go() {
    for how in HOW {
        orders_within(3, move || {
            let channel = block(2);
            let (one, other) = (writer(&channel, false), writer(&channel, false));
            let slow = channel.strong_reader();
            assert_eq!(one.try_write("xx".into()), Ok(true));
            let writing = [one, other]
                .map(|end| thread::spawn(move || assert_eq!(write(&end, "a"), Ok(true))));
            let rest = lose_reader(slow, how);
            for thread in writing {
                thread.join().unwrap();
            }
            drop(rest);
        });
    }
}

/// A new strong reader may take the room that a waiting write was woken for.
#[test]
fn a_strong_reader_that_comes_as_another_goes_hides_no_room_for_ever() {
    orders_within(3, || {
        let channel = block(1);
        let (writer, slow) = (writer(&channel, false), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let writing = thread::spawn(move || assert_eq!(write(&writer, "b"), Ok(true)));
        let leaving = thread::spawn(move || drop(slow));
        let new = channel.strong_reader();
        let first = read(&new).unwrap().unwrap();
        if first == "a" {
            assert_eq!(read(&new).unwrap().unwrap(), "b");
        } else {
            assert_eq!(first, "b");
        }
        writing.join().unwrap();
        leaving.join().unwrap();
    });
}
