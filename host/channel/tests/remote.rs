//! What the handles add around a remote engine, and what those calls of them do that never wait.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../tests/support/remote.rs"]
mod far;

use std::sync::Arc;

use far::{Delay, Line};
use futures::{FutureExt, future::join};
use weft_channel::{
    Attachment, Attachments, Batch, Channel, Frame, OpenError, Options, ReadError, Reader,
    Strength, Unavailable, WriteError, Writer,
};

fn options(capacity: u64) -> Options {
    Options::new(capacity)
}

async fn ends(channel: &Channel) -> (Writer, Reader) {
    let writer = channel.open_writer(Strength::Strong).await.unwrap();
    (writer, channel.open_reader(Strength::Strong).await.unwrap())
}

fn payload(read: Result<Option<Frame>, ReadError>) -> String {
    let frame = read.unwrap().unwrap();
    String::from_utf8(frame.payload.to_vec()).unwrap()
}

fn returned(text: &'static str) -> Vec<Frame> {
    vec![Frame::new(7, text.into(), Vec::new())]
}

#[tokio::test]
async fn calls_that_never_wait_answer_from_what_is_in_hand() {
    let line = Line::new(Delay::Turns(1));
    let channel = line.channel(options(8));
    let (writer, reader) = ends(&channel).await;
    let writer = Arc::new(writer);
    let blocked = Err(WriteError::WouldBlock);
    assert_eq!(writer.try_write("a".into()), blocked);
    assert!(writer.try_reserve(1, 1, 1).is_none());
    assert_eq!(writer.write("a".into()).await, Ok(true));
    assert_eq!(reader.try_read().map(drop), Err(ReadError::WouldBlock));
    // Whoever has waited gets on.
    reader.readable().await;
    assert_eq!(payload(reader.try_read()), "a");
    let permit = writer.reserve(1, 1, 1).await;
    assert_eq!(permit.write("b".into()), Ok(true));
    assert_eq!(payload(reader.ask_read().await), "b");
    let empty = reader.ask_read_batch(9, 9).await;
    assert_eq!(empty.map(drop), Err(ReadError::WouldBlock));
    // What the engine answers at once is no wait.
    line.delay(Delay::None);
    assert_eq!(writer.try_write("c".into()), Ok(true));
    assert_eq!(payload(reader.try_read()), "c");
    assert!(channel.same_channel(&channel.clone()));
    assert!(!channel.same_channel(&line.channel(options(8))));
}

#[tokio::test]
async fn ends_are_opened_by_calls_that_wait() {
    let channel = Line::new(Delay::None).channel(options(8));
    let gone = OpenError::Unavailable(Unavailable);
    assert_eq!(channel.strong_writer().map(drop), Err(gone));
    assert_eq!(channel.weak_writer().map(drop), Err(gone));
    let never_opened = channel.strong_reader();
    let gone = ReadError::Unavailable(Unavailable);
    assert_eq!(never_opened.try_read().map(drop), Err(gone));
    assert_eq!(never_opened.read().await.map(drop), Err(gone));
    never_opened.readable().await;
    assert_eq!(never_opened.ask_weak().await, Err(Unavailable));
    assert_eq!(channel.ask_stats().await.strong_readers, 0);
}

#[tokio::test]
async fn frames_given_back_come_first_and_wake_a_read_that_waits_at_the_engine() {
    let channel = Line::new(Delay::Turns(1)).channel(options(8));
    let (writer, reader) = ends(&channel).await;
    let give = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        reader.put_back(returned("back"), None);
    };
    let (read, ()) = join(reader.read(), give).await;
    assert_eq!(payload(read), "back");
    writer.write("a".into()).await.unwrap();
    reader.put_back(returned("second"), None);
    reader.put_back(returned("first"), None);
    reader.readable().now_or_never().expect("they are there");
    let both = reader.read_batch(10, 100).await.unwrap();
    let both: Vec<_> = both.iter().map(|frame| frame.payload).collect();
    assert_eq!(both, ["first", "second"]);
    assert_eq!(payload(reader.read().await), "a");
}

#[tokio::test]
async fn a_downgrade_that_fails_or_is_given_up_is_told_by_every_later_call() {
    let line = Line::new(Delay::Turns(1));
    let channel = line.channel(options(8));
    let gone = WriteError::Unavailable(Unavailable);
    let (writer, reader) = ends(&channel).await;
    line.fail_next(1);
    assert_eq!(writer.ask_weak().await, Err(Unavailable));
    assert!(reader.ask_weak().now_or_never().is_none());
    assert_eq!(writer.write("a".into()).await, Err(gone));
    assert_eq!(writer.ask_write("a".into()).await, Err(gone));
    let batch = Batch::new(vec![1], "a".into()).unwrap();
    assert_eq!(writer.try_write_batch(batch).map(drop), Err(gone));
    assert!(writer.is_unread());
    writer.unread().await;
    let writer = Arc::new(writer);
    assert_eq!(writer.reserve(1, 1, 1).await.write("a".into()), Err(gone));
    let gone = ReadError::Unavailable(Unavailable);
    assert_eq!(reader.read().await.map(drop), Err(gone));
    assert_eq!(reader.read_batch(1, 1).await.map(drop), Err(gone));
    reader.readable().await;
    // Others go on, and so does what weakens in time.
    let (writer, reader) = ends(&channel).await;
    assert_eq!(reader.ask_weak().await, Ok(()));
    assert_eq!(reader.ask_weak().await, Ok(()));
    assert!(!reader.is_strong() && writer.is_strong());
    assert_eq!(writer.write("b".into()).await, Ok(true));
    assert_eq!(payload(reader.read().await), "b");
}

#[tokio::test]
async fn what_cannot_be_reached_says_so_and_loses_nothing() {
    let line = Line::new(Delay::Turns(1));
    let channel = line.channel(options(8));
    let (writer, reader) = ends(&channel).await;
    writer.write("a".into()).await.unwrap();
    let before = channel.ask_stats().await;
    line.cut();
    let gone = ReadError::Unavailable(Unavailable);
    assert_eq!(reader.read().await.map(drop), Err(gone));
    // A wait learns of it too, and the next call says what it has learned.
    reader.readable().await;
    assert_eq!(reader.try_read().map(drop), Err(gone));
    assert_eq!(channel.ask_drain().await, Err(Unavailable));
    assert_eq!(channel.ask_terminate().await, Err(Unavailable));
    let opened = channel.open_reader(Strength::Weak).await;
    assert_eq!(opened.map(drop), Err(OpenError::Unavailable(Unavailable)));
    assert_eq!(
        (channel.ask_stats().await, channel.stats()),
        (before, before)
    );
    line.mend();
    assert_eq!(payload(reader.read().await), "a");
}

#[tokio::test]
async fn a_place_that_is_left_goes_to_the_next() {
    let channel = Line::new(Delay::Turns(1)).channel(options(1));
    let (writer, reader) = ends(&channel).await;
    let writer = Arc::new(writer);
    writer.write("a".into()).await.unwrap();
    let mut permit = Box::pin(writer.reserve(1, 1, 1));
    for _ in 0..5 {
        assert!((&mut permit).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(permit);
    let next = async { writer.reserve(1, 1, 1).await.write("b".into()) };
    let (sent, read) = join(next, reader.read()).await;
    assert_eq!((sent, payload(read)), (Ok(true), "a".to_owned()));
    assert_eq!(payload(reader.read().await), "b");
}

#[tokio::test]
async fn handles_of_remote_channels_travel_and_lead_nowhere() {
    let line = Line::new(Delay::Turns(1));
    let far = line.channel(options(64));
    let near = Channel::new(options(64)).unwrap();
    let (far_writer, far_reader) = ends(&far).await;
    let (near_writer, near_reader) = ends(&near).await;
    let (carried, _) = ends(&far).await;
    let carried = Attachments::new(vec![
        Attachment::Writer(carried),
        Attachment::Channel(far.clone(), 0),
    ]);
    let sent = near_writer.write_with("to the near one".into(), carried);
    assert_eq!(sent.await, Ok(true));
    let carried = Attachments::new(vec![Attachment::Reader(near_reader)]);
    let sent = far_writer.write_with("to the far one".into(), carried);
    assert_eq!(sent.await, Ok(true));
    let frame = far_reader.read().await.unwrap().unwrap();
    let Some(Attachment::Reader(near_reader)) = frame.attached.into_iter().next() else {
        panic!("a reader")
    };
    let frame = near_reader.read().await.unwrap().unwrap();
    assert_eq!(frame.attached.len(), 2);
    drop((frame, far_writer));
    assert_eq!(far.ask_stats().await.strong_writers, 0);

    // In a native channel that nobody can reach, a remote end is closed with the rest.
    let (carried, _) = ends(&Line::new(Delay::None).channel(options(64))).await;
    let near = Channel::new(options(64)).unwrap();
    let writer = near.strong_writer().unwrap();
    let itself = near.strong_reader();
    let handles = vec![Attachment::Reader(itself), Attachment::Writer(carried)];
    writer.write_with("x".into(), handles.into()).await.unwrap();
    let observer = near.observer();
    drop((near, writer));
    assert!(observer.observe().is_none());
}

#[tokio::test]
async fn an_engine_may_take_no_handles() {
    let near = Channel::new(options(64)).unwrap();
    for delay in [Delay::None, Delay::Turns(1)] {
        let far = Line::without_handles(delay).channel(options(64));
        let (writer, reader) = ends(&far).await;
        let carried = Attachments::new(vec![Attachment::Reader(near.strong_reader())]);
        let sent = writer.write_with("x".into(), carried).await;
        assert_eq!(sent, Err(WriteError::NoHandles));
        assert_eq!(near.stats().strong_readers, 0);
        assert_eq!(writer.write("y".into()).await, Ok(true));
        assert_eq!(payload(reader.read().await), "y");
    }
}
