//! A wait is given up while another thread does what it waits for: a cancelled read has taken
//! nothing, a cancelled write has sent nothing, and neither takes a wake-up with it.

use super::support::*;

#[test]
fn a_read_cancelled_as_the_frame_comes_loses_nothing() {
    for strong_reader in [true, false] {
        every_order(move || {
            let channel = block(8);
            let (writer, reader) = (writer(&channel, false), reader(&channel, strong_reader));
            let writing = thread::spawn(move || assert_eq!(writer.try_write("a".into()), Ok(true)));
            let reader = Arc::new(reader);
            let of_read = Arc::clone(&reader);
            let (begun, poll) = Begun::new(async move { of_read.read().await });
            drop(begun);
            if poll.is_pending() {
                assert_eq!(read(&reader).unwrap().unwrap(), "a");
            }
            writing.join().unwrap();
            assert!(reader.try_read().is_err(), "and nothing comes twice");
        });
    }
}

#[test]
fn a_cancelled_read_takes_no_wake_up_from_another() {
    every_order(|| {
        let channel = block(8);
        let (writer, reader) = (writer(&channel, false), Arc::new(channel.strong_reader()));
        let of_read = Arc::clone(&reader);
        let begun = Begun::waiting(async move { of_read.read().await });
        let cancelling = thread::spawn(move || drop(begun));
        let writing = thread::spawn(move || assert_eq!(writer.try_write("a".into()), Ok(true)));
        assert_eq!(read(&reader).unwrap().unwrap(), "a");
        cancelling.join().unwrap();
        writing.join().unwrap();
    });
}

/// The place a woken read had may be another's by the time it is cancelled.
#[test]
fn a_read_cancelled_after_it_was_woken_cancels_no_newer_one() {
    orders_within(3, || {
        let channel = block(8);
        let writer = writer(&channel, false);
        let (reader, other) = (channel.strong_reader(), channel.strong_reader());
        let begun = Begun::waiting(async move { reader.read().await });
        let cancelling = thread::spawn(move || drop(begun));
        let writing = thread::spawn(move || {
            assert_eq!(writer.try_write("a".into()), Ok(true));
            assert_eq!(writer.try_write("b".into()), Ok(true));
        });
        assert_eq!(read(&other).unwrap().unwrap(), "a");
        assert_eq!(read(&other).unwrap().unwrap(), "b");
        cancelling.join().unwrap();
        writing.join().unwrap();
    });
}

#[test]
fn a_write_cancelled_as_room_is_made_sends_nothing_or_says_it_was_sent() {
    orders_within(4, || {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let writing = thread::spawn(move || {
            let (mut begun, mut poll) = Begun::new(async move { writer.write("b".into()).await });
            if poll.is_pending() {
                poll = begun.poll();
            }
            poll.is_ready()
        });
        assert_eq!(read(&reader).unwrap().unwrap(), "a");
        let rest = read_to_end(&reader);
        assert_eq!(rest.len(), usize::from(writing.join().unwrap()));
    });
}

/// The front write is given up while room is made for it: the one behind it needs that room.
#[test]
fn the_turn_of_a_cancelled_front_write_is_passed_on() {
    orders_within(3, || {
        let channel = block(1);
        let (front, behind) = (writer(&channel, false), writer(&channel, false));
        let reader = channel.strong_reader();
        assert_eq!(front.try_write("a".into()), Ok(true));
        let front = Begun::waiting(async move { front.write("b".into()).await });
        let cancelling = thread::spawn(move || drop(front));
        let writing = thread::spawn(move || assert_eq!(write(&behind, "c"), Ok(true)));
        assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
        writing.join().unwrap();
        cancelling.join().unwrap();
        assert_eq!(reader.try_read().unwrap().unwrap().payload, "c");
        assert!(reader.try_read().is_err());
    });
}

/// The front write never fits into the room there is, the one behind it does.
#[test]
fn a_cancelled_large_write_lets_the_small_one_behind_it_go() {
    every_order(|| {
        let channel = block(2);
        let (front, behind) = (writer(&channel, false), writer(&channel, false));
        let reader = channel.strong_reader();
        assert_eq!(front.try_write("a".into()), Ok(true));
        let front = Begun::waiting(async move { front.write("bb".into()).await });
        let cancelling = thread::spawn(move || drop(front));
        assert_eq!(write(&behind, "c"), Ok(true));
        cancelling.join().unwrap();
        assert_eq!(reader.try_read().unwrap().unwrap().payload, "a");
        assert_eq!(reader.try_read().unwrap().unwrap().payload, "c");
    });
}

#[test]
fn a_write_cancelled_in_the_middle_stops_nobody() {
    orders_within(2, || {
        let channel = block(1);
        let ends = [(); 3].map(|()| writer(&channel, false));
        let [front, middle, last] = ends;
        let reader = channel.strong_reader();
        assert_eq!(front.try_write("x".into()), Ok(true));
        let front = Begun::waiting(async move { front.write("f".into()).await });
        let middle = Begun::waiting(async move { middle.write("m".into()).await });
        let last = Begun::waiting(async move { last.write("l".into()).await });
        let cancelling = thread::spawn(move || drop(middle));
        let reading = thread::spawn(move || {
            for frame in ["x", "f", "l"] {
                assert_eq!(read(&reader).unwrap().unwrap(), frame);
            }
        });
        assert_eq!(front.finish(), Ok(true));
        assert_eq!(last.finish(), Ok(true));
        cancelling.join().unwrap();
        reading.join().unwrap();
    });
}
