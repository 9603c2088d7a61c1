//! Handles that travel with frames: who gets them, and where they are released.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use std::{sync::Arc, task::Poll};

use bytes::Bytes;
use common::{Hand, batch, block, dropping, rest, texts};
use weft_channel::{
    Attachment, Attachments, Channel, Charge, Options, ReadError, Reader, WriteError, Writer,
};

/// A charge and the means to see whether it is kept somewhere.
fn charge() -> (Arc<()>, Charge) {
    let seen = Arc::new(());
    (Arc::clone(&seen), seen)
}

fn is_kept(charge: &Arc<()>) -> bool {
    Arc::strong_count(charge) > 1
}

/// An open channel, its only writer attached: it ends when the attachment is released.
fn ends_with_attachment() -> (Reader, Attachments) {
    let other = block(8);
    let writer = other.strong_writer().unwrap();
    let attached = vec![Attachment::Writer(writer)];
    (other.strong_reader(), Attachments::new(attached))
}

fn is_open(reader: &Reader) -> bool {
    matches!(reader.try_read(), Err(ReadError::WouldBlock))
}

fn writer(attachment: Attachment) -> Writer {
    match attachment {
        Attachment::Writer(writer) => writer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_kinds_of_handles_arrive_in_order_and_work() {
    let (channel, other) = (block(64), block(64));
    let sender = channel.strong_writer().unwrap();
    let receiver = channel.strong_reader();
    let (w, r) = (other.strong_writer().unwrap(), other.strong_reader());
    w.try_write("before".into()).unwrap();
    let id = w.id();
    let attached = vec![
        Attachment::Writer(w),
        Attachment::Channel(other.clone(), 77),
        Attachment::Reader(r),
    ];
    let attached = Attachments::new(attached);
    assert_eq!((attached.len(), attached.is_empty()), (3, false));
    assert_eq!(sender.try_write_with("take".into(), attached), Ok(true));

    let frame = receiver.try_read().unwrap().unwrap();
    assert_eq!((frame.writer, &frame.payload[..]), (1, &b"take"[..]));
    let [w, c, r] = <[_; 3]>::try_from(frame.attached).unwrap();
    let Attachment::Channel(c, note) = c else {
        panic!("{c:?}")
    };
    let Attachment::Reader(r) = r else {
        panic!("{r:?}")
    };
    let w = writer(w);
    assert_eq!((w.id(), note, c.same_channel(&other)), (id, 77, true));
    w.try_write("after".into()).unwrap();
    drop(w);
    assert_eq!(rest(&r), ["before", "after", "end"]);
}

#[test]
fn the_first_reader_gets_them_and_the_rest_see_the_frame_without() {
    type Read = fn(&Reader) -> (String, usize);
    fn one(frame: weft_channel::Frame) -> (String, usize) {
        let text = String::from_utf8(frame.payload.to_vec()).unwrap();
        (text, frame.attached.len())
    }
    let ways: [Read; 3] = [
        |reader| one(reader.try_read().unwrap().unwrap()),
        |reader| match Hand::new(reader.read()).poll() {
            Poll::Ready(frame) => one(frame.unwrap().unwrap()),
            Poll::Pending => panic!("there is a frame"),
        },
        |reader| {
            let mut frames = reader.try_read_batch(9, 99).unwrap();
            let taken = frames.take_attached();
            assert!(frames.take_attached().is_empty());
            (texts(&frames).concat(), taken.len())
        },
    ];
    for first in ways {
        for then in ways {
            for strong in [true, false] {
                let channel = block(64);
                let sender = channel.strong_writer().unwrap();
                let (a, b) = match strong {
                    true => (channel.strong_reader(), channel.weak_reader()),
                    false => (channel.weak_reader(), channel.strong_reader()),
                };
                let (_other, attached) = ends_with_attachment();
                sender.try_write_with("x".into(), attached).unwrap();
                assert_eq!(first(&a), ("x".into(), 1));
                assert_eq!(then(&b), ("x".into(), 0));
                // Retained for those who come later, still without.
                assert_eq!(then(&channel.weak_reader()), ("x".into(), 0));
            }
        }
    }
}

#[test]
fn a_batch_read_names_the_frames_that_brought_handles() {
    let channel = block(64);
    let sender = channel.strong_writer().unwrap();
    let reader = channel.strong_reader();
    sender.try_write_batch(batch(&["a", "b"])).unwrap();
    let attach = |text: &'static str| {
        let (other, attached) = ends_with_attachment();
        sender.try_write_with(text.into(), attached).unwrap();
        other
    };
    let (one, two) = (attach("c"), attach("d"));
    sender.try_write("e".into()).unwrap();
    let three = attach("f");

    let mut frames = reader.try_read_batch(4, 99).unwrap();
    assert_eq!(texts(&frames), ["a", "b", "c", "d"]);
    let taken = frames.take_attached();
    assert_eq!(taken.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [2, 3]);
    assert!(is_open(&one) && is_open(&two));
    drop(taken);
    assert_eq!(
        (rest(&one), rest(&two)),
        (vec!["end".into()], vec!["end".into()])
    );

    let mut frames = reader.try_read_batch(9, 99).unwrap();
    assert_eq!(texts(&frames), ["e", "f"]);
    // Not taken: dropped with the frames.
    assert!(is_open(&three));
    assert_eq!(frames.take_attached()[0].0, 1);
    assert!(!is_open(&three));
}

#[test]
fn an_evicted_frame_releases_them() {
    let channel = block(2);
    let sender = channel.strong_writer().unwrap();
    let reader = channel.weak_reader();
    let (other, attached) = ends_with_attachment();
    sender.try_write_with("a".into(), attached).unwrap();
    sender.try_write("b".into()).unwrap();
    assert!(is_open(&other));
    sender.try_write("c".into()).unwrap();
    assert!(!is_open(&other));
    assert_eq!(rest(&reader), ["Lagged(1)", "b", "c", "WouldBlock"]);
}

#[test]
fn a_write_that_sends_nothing_releases_them() {
    let full = |channel: Channel| {
        let (sender, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
        sender.try_write("xx".into()).unwrap();
        (sender, reader)
    };
    let (other, attached) = ends_with_attachment();
    let (sender, _reader) = full(dropping(2));
    assert_eq!(sender.try_write_with("y".into(), attached), Ok(false));
    assert!(!is_open(&other));

    let (other, attached) = ends_with_attachment();
    let (sender, _reader) = full(block(2));
    let blocked = sender.try_write_with("y".into(), attached);
    assert_eq!(blocked, Err(WriteError::WouldBlock));
    assert!(!is_open(&other));

    let (other, attached) = ends_with_attachment();
    let too_large = sender.try_write_with("yyy".into(), attached);
    assert_eq!(too_large, Err(WriteError::TooLarge { capacity: 2 }));
    assert!(!is_open(&other));

    let (other, attached) = ends_with_attachment();
    let waiting = Hand::waiting(sender.write_with("y".into(), attached));
    assert!(is_open(&other), "a write that waits keeps them");
    drop(waiting);
    assert!(!is_open(&other), "cancelled");

    let (other, attached) = ends_with_attachment();
    drop(sender.write_with("y".into(), attached));
    assert!(!is_open(&other), "never polled");
}

#[test]
fn a_write_that_waits_keeps_them_until_it_is_sent_or_refused() {
    let channel = block(2);
    let (sender, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    sender.try_write("xx".into()).unwrap();
    let (one, attached) = ends_with_attachment();
    let first = Hand::waiting(sender.write_with("yy".into(), attached));
    let (two, attached) = ends_with_attachment();
    let mut second = Hand::waiting(sender.write_with("zz".into(), attached));
    reader.try_read().unwrap();
    assert_eq!(first.woken(), Ok(true));
    assert!(second.poll().is_pending());
    assert!(is_open(&one) && is_open(&two));
    channel.drain();
    assert_eq!(second.woken(), Err(WriteError::Drained));
    assert!(is_open(&one), "drained: what is there can be read");
    assert!(!is_open(&two));
    assert_eq!(reader.try_read().unwrap().unwrap().attached.len(), 1);
    assert!(!is_open(&one));
    assert_eq!(rest(&reader), ["end"]);
}

#[test]
fn terminating_or_freeing_the_channel_releases_them() {
    let channel = block(8);
    let sender = channel.strong_writer().unwrap();
    let (other, attached) = ends_with_attachment();
    sender.try_write_with("a".into(), attached).unwrap();
    channel.terminate();
    assert!(!is_open(&other));

    let channel = block(8);
    let sender = channel.strong_writer().unwrap();
    let (other, attached) = ends_with_attachment();
    sender.try_write_with("a".into(), attached).unwrap();
    drop(sender);
    assert!(is_open(&other), "an ended channel can still be read");
    drop(channel);
    assert!(!is_open(&other));
}

#[test]
fn a_strong_reader_in_flight_holds_writers_back() {
    let (channel, other) = (block(8), block(1));
    let sender = channel.strong_writer().unwrap();
    let writer = other.strong_writer().unwrap();
    let attached = vec![Attachment::Reader(other.strong_reader())];
    sender.try_write_with("a".into(), attached.into()).unwrap();
    writer.try_write("x".into()).unwrap();
    assert_eq!(writer.try_write("y".into()), Err(WriteError::WouldBlock));
    let frame = channel.weak_reader().try_read().unwrap().unwrap();
    let Some(Attachment::Reader(reader)) = frame.attached.into_iter().next() else {
        panic!("a reader was attached")
    };
    assert_eq!(rest(&reader), ["x", "WouldBlock"]);
}

#[test]
fn the_charge_of_attachments_goes_when_they_are_taken_or_released() {
    let channel = block(2);
    let (sender, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    let charged = || {
        let (seen, charge) = charge();
        let attached = vec![Attachment::Channel(block(1), 0)];
        (seen, Attachments::with_charge(attached, charge))
    };
    let (seen, attached) = charged();
    assert_eq!(attached.into_vec().len(), 1);
    assert!(!is_kept(&seen));

    let (seen, attached) = charged();
    sender.try_write_with("a".into(), attached).unwrap();
    assert!(is_kept(&seen));
    let frame = reader.try_read().unwrap().unwrap();
    assert!(!is_kept(&seen) && frame.attached.len() == 1, "taken");

    let (seen, attached) = charged();
    sender.try_write_with("bb".into(), attached).unwrap();
    assert!(is_kept(&seen));
    sender.try_write("c".into()).unwrap();
    assert!(!is_kept(&seen), "evicted");

    let (seen, attached) = charged();
    sender.try_write_with("d".into(), attached).unwrap();
    let mut frames = channel.strong_reader().try_read_batch(9, 9).unwrap();
    assert!(
        !is_kept(&seen) && frames.take_attached().len() == 1,
        "taken"
    );

    let (seen, none) = charge();
    let nothing = Attachments::with_charge(Vec::new(), none);
    sender.try_write_with("e".into(), nothing).unwrap();
    assert!(!is_kept(&seen), "nothing to pay for");
}

#[test]
fn the_charge_of_a_channel_goes_with_its_last_handle() {
    let options = Options::new(8);
    let (seen, charge) = charge();
    let channel = Channel::with_charge(options, charge).unwrap();
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.weak_reader());
    let clone = channel.clone();
    drop(channel);
    drop(writer);
    clone.terminate();
    drop(clone);
    assert!(is_kept(&seen));
    drop(reader);
    assert!(!is_kept(&seen));
    let zero = Options::new(0);
    let (seen, charge) = self::charge();
    assert!(Channel::with_charge(zero, charge).is_err());
    assert!(!is_kept(&seen));
}

#[test]
fn what_is_released_may_call_back_into_the_channel() {
    /// Writes when it is dropped.
    struct Calls(Channel, Writer);
    impl Drop for Calls {
        fn drop(&mut self) {
            let _ = self.1.try_write(Bytes::from_static(b"!"));
            let _ = self.0.stats();
        }
    }
    let channel = block(2);
    let sender = channel.strong_writer().unwrap();
    let attach = |text: &'static str| {
        let calls = Calls(channel.clone(), channel.weak_writer().unwrap());
        let list = vec![Attachment::Channel(channel.clone(), 0)];
        let attached = Attachments::with_charge(list, Arc::new(calls));
        sender.try_write_with(text.into(), attached)
    };
    attach("a").unwrap();
    let frame = channel.strong_reader().try_read().unwrap().unwrap();
    assert_eq!(frame.attached.len(), 1);
    assert_eq!(rest(&channel.weak_reader()), ["a", "!", "WouldBlock"]);
    attach("bb").unwrap();
    // Evicted: the charge is dropped after the write, and writes.
    sender.try_write("c".into()).unwrap();
    assert_eq!(rest(&channel.weak_reader()), ["c", "!", "WouldBlock"]);
    attach("dd").unwrap();
    channel.terminate();
}
