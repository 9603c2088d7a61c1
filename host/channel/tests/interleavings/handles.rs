//! The handles of a frame are taken while another thread takes or releases them too: exactly one
//! of the two happens, once.

use weft_channel::{Attachment, Attachments, Channel, ReadError, Reader};

use super::support::*;

/// What comes of the handles of one frame.
struct Watched {
    /// Dropped when they are taken or released.
    charge: Drops,
    /// Of the channel whose only strong writer they are, so that it ends when that is closed.
    channel: Channel,
}

impl Watched {
    fn is_open(&self) -> bool {
        self.channel.stats().strong_writers == 1
    }

    /// In the end they were taken, and one thread has them, or released.
    fn check(&self, held: Vec<Attachment>) {
        assert_eq!(self.charge.count(), 1);
        assert_eq!(self.is_open(), held.len() == 1);
        drop(held);
        assert!(!self.is_open());
        assert!(self.channel.weak_writer().is_err(), "closed once");
    }
}

fn handles() -> (Watched, Attachments) {
    let (channel, charge) = (block(8), Drops::default());
    let list = vec![Attachment::Writer(writer(&channel, true))];
    let attached = Attachments::with_charge(list, charge.charge());
    (Watched { charge, channel }, attached)
}

/// Takes the next frame and what comes with it, as one frame or as a batch.
fn take(reader: &Reader, batch: bool) -> Result<Vec<Attachment>, ReadError> {
    if batch {
        let taken = reader.try_read_batch(9, 9)?.take_attached();
        return Ok(taken.into_iter().flat_map(|(_, list)| list).collect());
    }
    Ok(reader.try_read()?.unwrap().attached)
}

#[test]
fn of_two_readers_one_gets_the_handles() {
    for batch in [true, false] {
        every_order(move || {
            let channel = block(8);
            let (writer, one) = (writer(&channel, false), channel.strong_reader());
            let other = channel.weak_reader();
            let (watched, attached) = handles();
            assert_eq!(writer.try_write_with("a".into(), attached), Ok(true));
            let taking = thread::spawn(move || take(&one, batch).unwrap());
            let mut held = take(&other, false).unwrap();
            held.extend(taking.join().unwrap());
            assert_eq!(held.len(), 1);
            watched.check(held);
        });
    }
}

#[test]
fn of_two_readers_that_wait_one_gets_the_handles() {
    orders_within(3, || {
        let channel = block(8);
        let (writer, one) = (writer(&channel, false), channel.strong_reader());
        let other = channel.weak_reader();
        let (watched, attached) = handles();
        let taking = thread::spawn(move || block_on(one.read()).unwrap().unwrap().attached);
        let writing = thread::spawn(move || writer.try_write_with("a".into(), attached));
        let mut held = block_on(other.read()).unwrap().unwrap().attached;
        held.extend(taking.join().unwrap());
        assert_eq!(writing.join().unwrap(), Ok(true));
        assert_eq!(held.len(), 1);
        watched.check(held);
    });
}

#[test]
fn handles_are_taken_or_released_when_the_channel_is_terminated() {
    for batch in [true, false] {
        every_order(move || {
            let channel = block(8);
            let (writer, reader) = (writer(&channel, false), channel.weak_reader());
            let (watched, attached) = handles();
            assert_eq!(writer.try_write_with("a".into(), attached), Ok(true));
            let ending = thread::spawn(move || channel.terminate());
            let taken = take(&reader, batch);
            ending.join().unwrap();
            let held = taken.unwrap_or_else(|error| {
                assert_eq!(error, ReadError::Terminated);
                vec![]
            });
            watched.check(held);
        });
    }
}

#[test]
fn handles_are_taken_or_released_when_their_frame_is_evicted() {
    for batch in [true, false] {
        every_order(move || {
            let channel = block(1);
            let (writer, reader) = (writer(&channel, false), channel.weak_reader());
            let (watched, attached) = handles();
            assert_eq!(writer.try_write_with("a".into(), attached), Ok(true));
            let evicting = thread::spawn(move || writer.try_write("b".into()));
            let taken = take(&reader, batch);
            assert_eq!(evicting.join().unwrap(), Ok(true));
            let held = taken.unwrap_or_else(|error| {
                assert_eq!(error, ReadError::Lagged(1));
                vec![]
            });
            watched.check(held);
            assert_eq!(read(&reader).unwrap().unwrap(), "b");
        });
    }
}

/// The write is refused at that, or what it sent is released.
#[test]
fn handles_sent_as_the_channel_is_terminated_are_released() {
    every_order(|| {
        let channel = block(8);
        let writer = writer(&channel, false);
        let (watched, attached) = handles();
        let writing = thread::spawn(move || {
            let _ = writer.try_write_with("a".into(), attached);
        });
        channel.terminate();
        writing.join().unwrap();
        watched.check(vec![]);
    });
}

#[test]
fn a_write_cancelled_as_room_is_made_releases_its_handles_or_sends_them() {
    every_order(|| {
        let channel = block(1);
        let (writer, reader) = (writer(&channel, true), channel.strong_reader());
        assert_eq!(writer.try_write("a".into()), Ok(true));
        let (watched, attached) = handles();
        let writing = thread::spawn(move || {
            let write = async move { writer.write_with("b".into(), attached).await };
            let (mut begun, mut poll) = Begun::new(write);
            if poll.is_pending() {
                poll = begun.poll();
            }
            poll.is_ready()
        });
        assert_eq!(read(&reader).unwrap().unwrap(), "a");
        let sent = writing.join().unwrap();
        // Released where they were not sent, before anybody looks.
        assert_eq!(watched.is_open(), sent);
        let held = block_on(reader.read()).unwrap();
        assert_eq!(held.is_some(), sent);
        watched.check(held.map(|frame| frame.attached).unwrap_or_default());
    });
}
