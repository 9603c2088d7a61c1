//! A wait begins while another thread does what it waits for: no wake-up may be lost.

use super::support::*;

#[test]
fn a_read_that_starts_to_wait_gets_the_frame_written_meanwhile() {
    for (strong_writer, strong_reader) in
        [(true, true), (true, false), (false, true), (false, false)]
    {
        every_order(move || {
            let channel = block(8);
            let writer = writer(&channel, strong_writer);
            let reader = reader(&channel, strong_reader);
            let writing = thread::spawn(move || {
                assert_eq!(writer.try_write("a".into()), Ok(true));
                // A strong one would end the channel: not what is to wake the reader.
                writer
            });
            assert_eq!(read(&reader).unwrap().unwrap(), "a");
            writing.join().unwrap();
        });
    }
}

#[test]
fn a_batch_read_that_starts_to_wait_gets_the_batch_whole() {
    every_order(|| {
        let channel = block(8);
        let (writer, reader) = (writer(&channel, false), channel.strong_reader());
        let writing = thread::spawn(move || {
            assert_eq!(writer.try_write_batch(batch(&["a", "b"])), Ok(2));
        });
        let frames = block_on(reader.read_batch(9, 9)).unwrap();
        assert_eq!(frames.len(), 2);
        writing.join().unwrap();
    });
}

#[test]
fn every_waiting_reader_gets_the_frame() {
    orders_within(3, || {
        let channel = block(8);
        let writer = writer(&channel, false);
        let (one, other) = (channel.strong_reader(), channel.weak_reader());
        let reading = thread::spawn(move || assert_eq!(read(&one).unwrap().unwrap(), "a"));
        let writing = thread::spawn(move || assert_eq!(writer.try_write("a".into()), Ok(true)));
        assert_eq!(read(&other).unwrap().unwrap(), "a");
        reading.join().unwrap();
        writing.join().unwrap();
    });
}

#[test]
fn two_reads_of_a_shared_reader_get_a_frame_each() {
    orders_within(3, || {
        let channel = block(8);
        let writer = writer(&channel, false);
        let reader = Arc::new(channel.strong_reader());
        let other = Arc::clone(&reader);
        let reading = thread::spawn(move || read(&other).unwrap().unwrap());
        let writing = thread::spawn(move || {
            assert_eq!(writer.try_write("a".into()), Ok(true));
            assert_eq!(writer.try_write("b".into()), Ok(true));
        });
        let mut both = [read(&reader).unwrap().unwrap(), reading.join().unwrap()];
        both.sort();
        assert_eq!(both, ["a", "b"]);
        writing.join().unwrap();
    });
}

#[test]
fn a_read_moved_to_another_task_is_woken_there() {
    every_order(|| {
        let channel = block(8);
        let (writer, reader) = (writer(&channel, false), channel.strong_reader());
        let begun = Begun::waiting(async move { reader.read().await });
        let writing = thread::spawn(move || assert_eq!(writer.try_write("a".into()), Ok(true)));
        assert_eq!(begun.finish().unwrap().unwrap().payload, "a");
        writing.join().unwrap();
    });
}

#[test]
fn a_write_that_starts_to_wait_gets_the_room_made_meanwhile() {
    for strong_writer in [true, false] {
        every_order(move || {
            let channel = block(1);
            let (writer, reader) = (writer(&channel, strong_writer), channel.strong_reader());
            assert_eq!(writer.try_write("a".into()), Ok(true));
            let writing = thread::spawn(move || {
                assert_eq!(write(&writer, "b"), Ok(true));
                writer
            });
            assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
            let _writer = writing.join().unwrap();
            assert_eq!(reader.try_read().unwrap().unwrap().payload, "b");
        });
    }
}

#[test]
fn a_write_moved_to_another_task_is_woken_there() {
    every_order(|| {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, false), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let begun = Begun::waiting(async move { writer.write("b".into()).await });
        let reading = thread::spawn(move || {
            assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
            reader
        });
        assert_eq!(begun.finish(), Ok(true));
        reading.join().unwrap();
    });
}

#[test]
fn writer_and_reader_take_turns_through_room_for_one_frame() {
    orders_within(3, || {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        let writing = thread::spawn(move || {
            for frame in ["a", "b", "c"] {
                assert_eq!(write(&writer, frame), Ok(true));
            }
        });
        assert_eq!(read_to_end(&reader), ["a", "b", "c"]);
        writing.join().unwrap();
    });
}

/// One read makes room for both, and wakes only the one in front.
#[test]
fn the_turn_is_passed_on_while_there_is_room() {
    orders_within(3, || {
        let channel = block(2);
        let (one, other) = (writer(&channel, false), writer(&channel, false));
        let reader = channel.strong_reader();
        assert_eq!(one.try_write("xx".into()), Ok(true));
        let writing = [(one, "a"), (other, "b")]
            .map(|(end, frame)| thread::spawn(move || assert_eq!(write(&end, frame), Ok(true))));
        assert_eq!(reader.try_read().unwrap().unwrap().payload, "xx");
        for thread in writing {
            thread.join().unwrap();
        }
        let mut both = [(); 2].map(|()| reader.try_read().unwrap().unwrap().payload);
        both.sort();
        assert_eq!(both, ["a", "b"]);
    });
}

/// Each read makes room for one, and each has to be told.
#[test]
fn two_waiting_writers_take_turns_with_one_reader() {
    orders_within(2, || {
        let channel = block(1);
        let (one, other) = (writer(&channel, true), writer(&channel, true));
        let reader = channel.strong_reader();
        assert_eq!(one.try_write("x".into()), Ok(true));
        let writing = [(one, "a"), (other, "b")]
            .map(|(end, frame)| thread::spawn(move || assert_eq!(write(&end, frame), Ok(true))));
        let mut all = read_to_end(&reader);
        all.sort();
        assert_eq!(all, ["a", "b", "x"]);
        for thread in writing {
            thread.join().unwrap();
        }
    });
}
