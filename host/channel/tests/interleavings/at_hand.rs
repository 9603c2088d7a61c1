//! Frames that a strong reader has at hand, in the chunk it is in: it takes them without the lock of the channel.

use weft_channel::{Channel, ReadError, Reader, Writer};

use crate::support::*;

/// A channel for so many frames of one byte, which are written, and a strong reader that has read the first: the chunk is at hand.
fn with_chunk(frames: &[&str]) -> (Channel, Writer, Reader) {
    let channel = block(frames.len() as u64);
    let (writer, reader) = (writer(&channel, true), channel.strong_reader());
    for frame in frames {
        assert_eq!(writer.try_write((*frame).to_owned().into()), Ok(true));
    }
    let first = reader.try_read().unwrap().unwrap();
    assert_eq!(first.payload, frames[0]);
    (channel, writer, reader)
}

/// The write needs the room of two frames. The reader takes the second one as the write comes to wait.
#[test]
fn a_read_without_the_lock_lets_the_waiting_write_go() {
    every_order(|| {
        let (_channel, writer, reader) = with_chunk(&["a", "b", "c"]);
        let writing = thread::spawn(move || assert_eq!(write(&writer, "dd"), Ok(true)));
        assert_eq!(read(&reader).unwrap().unwrap(), "b");
        writing.join().unwrap();
        assert_eq!(read_to_end(&reader), ["c", "dd"]);
    });
}

/// The slower of two holds the write back, whichever of them is asked first.
#[test]
fn the_last_of_two_reads_without_the_lock_lets_the_waiting_write_go() {
    orders_within(2, || {
        let (channel, writer, reader) = with_chunk(&["a", "b", "c"]);
        let other = channel.strong_reader();
        assert_eq!(other.try_read().unwrap().unwrap().payload, "a");
        let writing = thread::spawn(move || assert_eq!(write(&writer, "dd"), Ok(true)));
        let reading = thread::spawn(move || {
            assert_eq!(read(&other).unwrap().unwrap(), "b");
            other
        });
        assert_eq!(read(&reader).unwrap().unwrap(), "b");
        writing.join().unwrap();
        reading.join().unwrap();
    });
}

/// A frame that is seen without the lock is whole, and the next ones come in order.
#[test]
fn frames_written_into_the_chunk_at_hand_are_read_in_order() {
    orders_within(3, || {
        let channel = block(3);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        assert_eq!(read(&reader).unwrap().unwrap(), "a");
        let writing = thread::spawn(move || {
            assert_eq!(writer.try_write("b".into()), Ok(true));
            assert_eq!(writer.try_write("c".into()), Ok(true));
        });
        assert_eq!(read_to_end(&reader), ["b", "c"]);
        writing.join().unwrap();
    });
}

/// Once `terminate` has returned no read finds a frame, and the chunk is freed.
#[test]
fn terminate_takes_the_chunk_out_of_the_readers_hand() {
    every_order(|| {
        let (channel, _writer, reader) = with_chunk(&["a", "b", "c"]);
        let payload = reader.try_read().unwrap().unwrap().payload;
        let ending = thread::spawn(move || channel.terminate());
        match read(&reader) {
            Ok(frame) => assert_eq!(frame.unwrap(), "c"),
            Err(error) => assert_eq!(error, ReadError::Terminated),
        }
        ending.join().unwrap();
        assert_eq!(read(&reader), Err(ReadError::Terminated));
        assert_eq!(payload, "b");
        assert!(payload.is_unique());
    });
}

/// A reader made weak while it reads holds the write back no more.
#[test]
fn a_reader_weakened_with_a_chunk_at_hand_lets_the_waiting_write_go() {
    every_order(|| {
        let (_channel, writer, reader) = with_chunk(&["a", "b", "c"]);
        let writing = thread::spawn(move || assert_eq!(write(&writer, "ddd"), Ok(true)));
        reader.set_weak();
        writing.join().unwrap();
        assert_eq!(reader.try_read().err(), Some(ReadError::Lagged(2)));
        assert_eq!(read(&reader).unwrap().unwrap(), "ddd");
    });
}
