//! Named readers: their places outlive them.

use std::time::{Duration, SystemTime};

use weft_channel::{ReadError, Strength, WriteError};
use weft_nats::{Begin, Delivery, ReaderConfig};

use crate::{common::Nats, support::*};

#[tokio::test]
async fn a_named_reader_goes_on_where_it_was() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let billing = orders.channel_as(named("billing"));
    let reader = strong(&billing).await;
    send(&writer, &["a", "b", "c"]).await;
    assert_eq!(next(&reader).await, "a");
    assert_eq!(next(&reader).await, "b");
    drop(reader);
    // The last one it had in hand comes again, as nobody knows whether it was done with.
    assert_eq!(rest(&strong(&billing).await).await, ["b", "c"]);
}

#[tokio::test]
async fn a_reader_goes_on_behind_what_its_holder_has_finished() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let billing = orders.channel_as(named("billing").delivery(Delivery::Committed));
    let reader = strong(&billing).await;
    assert!(reader.keeps_place());
    send(&writer, &["a", "b", "c", "d"]).await;
    for frame in ["a", "b", "c"] {
        assert_eq!(next(&reader).await, frame);
    }
    reader.finished(1);
    drop(reader);
    let reader = strong(&billing).await;
    assert_eq!(next(&reader).await, "b");
    // More than it was handed is no more than that.
    reader.finished(9);
    drop(reader);
    assert_eq!(rest(&strong(&billing).await).await, ["c", "d"]);
    assert!(!strong(&orders.channel()).await.keeps_place());
}

#[tokio::test]
async fn a_read_of_a_frame_that_was_waited_for_has_its_answer_at_once() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    for readers in [named("a"), at_most_once("b"), ReaderConfig::default()] {
        let reader = strong(&orders.channel_as(readers)).await;
        send(&writer, &["x"]).await;
        reader.readable().await;
        let read = reader.try_read();
        assert_eq!(read.unwrap().unwrap().payload, "x");
    }
}

#[tokio::test]
async fn a_reader_that_counts_frames_as_read_when_they_are_handed_out_gets_none_again() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let billing = orders.channel_as(at_most_once("billing"));
    let reader = strong(&billing).await;
    send(&writer, &["a", "b", "c"]).await;
    assert_eq!(next(&reader).await, "a");
    drop(reader);
    assert_eq!(rest(&strong(&billing).await).await, ["b", "c"]);
}

#[tokio::test]
async fn a_named_reader_goes_on_on_another_host() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let here = open(&one, 1000).await;
    let there = open(&other, 1000).await;
    let writer = writer(&here.channel()).await;
    let reader = strong(&here.channel_as(at_most_once("billing"))).await;
    send(&writer, &["a", "b", "c"]).await;
    assert_eq!(next(&reader).await, "a");
    drop((reader, writer));
    soon(here.close()).await;
    let read = rest(&strong(&there.channel_as(named("billing"))).await).await;
    assert_eq!(read, ["b", "c", "end"]);
}

#[tokio::test]
async fn the_newest_reader_of_a_name_takes_it_over() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let here = open(&one, 1000).await;
    let there = open(&other, 1000).await;
    let writer = writer(&here.channel()).await;
    let old = strong(&here.channel_as(named("billing"))).await;
    send(&writer, &["a", "b"]).await;
    assert_eq!(next(&old).await, "a");
    let new = strong(&there.channel_as(named("billing"))).await;
    assert_eq!(next(&new).await, "a");
    // It may get the next one, too, until its host has heard of it.
    let error = soon(async {
        loop {
            if let Err(error) = old.read().await {
                return error;
            }
        }
    });
    assert_eq!(error.await, ReadError::Terminated);
    assert_eq!(rest(&new).await, ["b"]);
}

#[tokio::test]
async fn a_named_reader_holds_frames_back_while_nobody_has_it_open() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 2).await;
    let writer = writer(&orders.channel()).await;
    drop(strong(&orders.channel_as(named("billing"))).await);
    send(&writer, &["a", "b"]).await;
    let full = soon(writer.ask_write("c".into())).await;
    assert_eq!(full, Err(WriteError::WouldBlock));
    assert!(soon(orders.forget_reader("billing")).await.unwrap());
    assert!(!soon(orders.forget_reader("billing")).await.unwrap());
    send(&writer, &["c"]).await;
}

#[tokio::test]
async fn a_reader_elsewhere_lets_a_writer_here_go_on() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let here = open(&one, 2).await;
    let there = open(&other, 2).await;
    let writer = writer(&here.channel()).await;
    let reader = strong(&there.channel()).await;
    let writing = async {
        for n in 0..20 {
            send(&writer, &[&format!("{}", n % 10)]).await;
        }
    };
    let reading = async {
        for n in 0..20 {
            assert_eq!(next(&reader).await, format!("{}", n % 10));
        }
    };
    futures::join!(writing, reading);
}

#[tokio::test]
async fn a_reader_begins_where_it_is_told_to() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    send(&writer, &["a", "b"]).await;
    // The server's clock is this machine's; its time stamps are in milliseconds here.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let time = SystemTime::now();
    send(&writer, &["c"]).await;
    let begins = |begin| orders.channel_as(ReaderConfig::default().begin(begin));
    for strength in [Strength::Strong, Strength::Weak] {
        let open = async |begin| begins(begin).open_reader(strength).await.unwrap();
        let newest = open(Begin::Newest).await;
        assert_eq!(rest(&open(Begin::Oldest).await).await, ["a", "b", "c"]);
        assert_eq!(rest(&open(Begin::Time(time)).await).await, ["c"]);
        // The first record is that of the writer, the second has `a`. Each strong reader has left two.
        assert_eq!(rest(&open(Begin::Sequence(3)).await).await, ["b", "c"]);
        assert_eq!(rest(&newest).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn frames_that_are_no_longer_in_memory_are_fetched() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let config = orders(1 << 20).cache(0);
    let orders = server.channel(config.clone()).await.unwrap();
    let writer = writer(&orders.channel()).await;
    let (early, weak) = (
        strong(&orders.channel()).await,
        orders.channel().open_reader(Strength::Weak).await.unwrap(),
    );
    let frames: Vec<_> = (0..1000).map(|n| n.to_string()).collect();
    for frame in &frames {
        send(&writer, &[frame]).await;
    }
    let late = strong(&orders.channel()).await;
    // One that opens the channel later has never had them.
    let elsewhere = nats.connect().await.channel(config).await.unwrap();
    let there = strong(&elsewhere.channel()).await;
    for reader in [early, weak, late, there] {
        assert!(rest(&reader).await == frames);
    }
}
