//! Several hosts have a channel open, and programs that know nothing of Weft.

use std::time::Duration;

use weft_channel::{ReadError, Strength, WriteError};
use weft_nats::{Format, Server};

use crate::{common::Nats, support::*};

#[tokio::test]
async fn hosts_write_at_once_and_all_read_one_order() {
    const FRAMES: usize = 200;
    let nats = Nats::start().await;
    let mut hosts = Vec::new();
    for _ in 0..3 {
        let server = nats.connect().await;
        let orders = open(&server, 1 << 20).await;
        let writer = writer(&orders.channel()).await;
        let reader = strong(&orders.channel()).await;
        hosts.push((server, orders, writer, reader));
    }
    let writing = hosts.iter().map(|(_, _, writer, _)| async {
        for n in 0..FRAMES {
            send(writer, &[&format!("{} {n}", writer.id())]).await;
        }
    });
    futures::future::join_all(writing).await;
    let mut orders = Vec::new();
    for (_, _, _, reader) in &hosts {
        orders.push(rest(reader).await);
    }
    assert_eq!(orders[0].len(), 3 * FRAMES);
    assert!(
        orders.iter().all(|it| *it == orders[0]),
        "one order for all"
    );
    for (_, _, writer, _) in &hosts {
        let own = format!("{} ", writer.id());
        let of_one = orders[0].iter().filter_map(|it| it.strip_prefix(&own));
        assert!(
            of_one.eq((0..FRAMES)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str))
        );
    }
}

#[tokio::test]
async fn the_last_strong_writer_of_all_hosts_ends_the_channel() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let (here, there) = (open(&one, 1000).await, open(&other, 1000).await);
    let (first, second) = (
        writer(&here.channel()).await,
        writer(&there.channel()).await,
    );
    assert_ne!(first.id(), second.id());
    let reader = strong(&there.channel()).await;
    send(&first, &["a"]).await;
    drop(first);
    assert_eq!(next(&reader).await, "a");
    send(&second, &["b"]).await;
    drop(second);
    assert_eq!(next(&reader).await, "b");
    assert_eq!(soon(reader.read()).await.map(|it| it.is_none()), Ok(true));
    let late = strong(&here.channel()).await;
    assert_eq!(rest(&late).await, ["a", "b", "end"]);
}

#[tokio::test]
async fn drain_and_terminate_reach_every_host() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let (here, there) = (open(&one, 1000).await, open(&other, 1000).await);
    let writer = writer(&here.channel()).await;
    let (reader, late) = (strong(&here.channel()).await, strong(&here.channel()).await);
    send(&writer, &["a"]).await;
    there.channel().ask_drain().await.unwrap();
    assert_eq!(
        soon(writer.write("b".into())).await,
        Err(WriteError::Drained)
    );
    assert_eq!(rest(&reader).await, ["a", "end"]);
    there.channel().ask_terminate().await.unwrap();
    assert_eq!(soon(writer.unread()).await, ());
    let terminated = soon(async {
        loop {
            if let Err(error) = late.ask_read().await {
                return error;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(terminated.await, ReadError::Terminated);
}

#[tokio::test]
async fn a_host_that_cannot_renew_its_lease_is_fenced() {
    let nats = Nats::start().await;
    let config = nats
        .config()
        .lease(Duration::from_secs(1))
        .patience(Duration::from_secs(20));
    let there = Server::connect(config.clone()).await.unwrap();
    let there = open(&there, 1000).await;
    let reader = strong(&there.channel()).await;
    // This host has a runtime of its own, which stands still at the end: its tasks renew nothing then, and its connection stays open.
    let (tell, told) = std::sync::mpsc::channel();
    let (resume, resumed) = std::sync::mpsc::channel::<()>();
    let old = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (_here, writer) = runtime.block_on(async {
            let here = Server::connect(config).await.unwrap();
            let here = open(&here, 1000).await;
            let writer = writer(&here.channel()).await;
            send(&writer, &["a"]).await;
            (here, writer)
        });
        tell.send(()).unwrap();
        resumed.recv().unwrap();
        runtime.block_on(soon(writer.write("too late".into())))
    });
    assert_eq!(next(&reader).await, "a");
    told.recv().unwrap();
    // It was the last strong writer.
    assert_eq!(soon(reader.read()).await.map(|it| it.is_none()), Ok(true));
    resume.send(()).unwrap();
    let write = tokio::task::spawn_blocking(move || old.join().unwrap());
    assert_eq!(write.await.unwrap(), Err(WriteError::Drained));
    assert_eq!(rest(&strong(&there.channel()).await).await, ["a", "end"]);
}

#[tokio::test]
async fn a_host_that_renews_its_lease_keeps_what_it_has_open() {
    let nats = Nats::start().await;
    let config = nats.config().lease(Duration::from_secs(1));
    let (one, other) = (
        Server::connect(config.clone()).await.unwrap(),
        Server::connect(config).await.unwrap(),
    );
    let (here, there) = (open(&one, 2).await, open(&other, 2).await);
    let writer = writer(&here.channel()).await;
    let reader = strong(&there.channel()).await;
    send(&writer, &["a", "b"]).await;
    // Several leases long.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let full = soon(writer.ask_write("c".into())).await;
    assert_eq!(full, Err(WriteError::WouldBlock));
    let stats = there.channel().ask_stats().await;
    assert_eq!((stats.strong_writers, stats.strong_readers), (1, 1));
    assert_eq!(rest(&reader).await, ["a", "b"]);
    send(&writer, &["c"]).await;
}

#[tokio::test]
async fn a_host_that_wrote_alone_for_long_hears_of_others_at_once() {
    const ALONE: usize = 600;
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let here = open(&one, 1 << 20).await;
    let writer = writer(&here.channel()).await;
    let reader = strong(&here.channel()).await;
    for n in 0..ALONE {
        send(&writer, &[&n.to_string()]).await;
    }
    assert_eq!(rest(&reader).await.len(), ALONE);
    // From another connection, from the same one, and from a program that does not know Weft.
    let elsewhere = open(&other, 1 << 20).await;
    let theirs = elsewhere
        .channel()
        .open_writer(Strength::Weak)
        .await
        .unwrap();
    send(&theirs, &["elsewhere"]).await;
    assert_eq!(next(&reader).await, "elsewhere");
    for n in 0..ALONE {
        send(&writer, &[&n.to_string()]).await;
    }
    assert_eq!(rest(&reader).await.len(), ALONE);
    let again = open(&one, 1 << 20).await;
    let theirs = again.channel().open_writer(Strength::Weak).await.unwrap();
    send(&theirs, &["again"]).await;
    assert_eq!(next(&reader).await, "again");
    let client = async_nats::connect(nats.address()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let sent = jetstream
        .publish("weft.frames.orders", "foreign".into())
        .await;
    sent.unwrap().await.unwrap();
    assert_eq!(next(&reader).await, "foreign");
}

#[tokio::test]
async fn other_programs_write_to_and_read_from_a_plain_channel() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let config = orders(1000).format(Format::Plain).subject("orders.new");
    let orders = server.channel(config).await.unwrap();
    let writer = writer(&orders.channel()).await;
    let reader = strong(&orders.channel()).await;
    let client = async_nats::connect(nats.address()).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    let batch = weft_channel::Batch::new(vec![1, 2], "ab".into()).unwrap();
    assert_eq!(soon(writer.write_batch(batch)).await, Ok(2));
    let sent = jetstream.publish("orders.new", "foreign".into()).await;
    sent.unwrap().await.unwrap();
    send(&writer, &["c"]).await;
    assert_eq!(
        outside(&nats, "orders.new").await,
        ["a", "b", "foreign", "c"]
    );
    let mut writers = Vec::new();
    for frame in ["a", "b", "foreign", "c"] {
        let read = soon(reader.read()).await.unwrap().unwrap();
        assert_eq!(read.payload, frame);
        writers.push(read.writer);
    }
    assert_eq!(writers, [writer.id(), writer.id(), 0, writer.id()]);
    let weak = orders.channel().open_reader(Strength::Weak).await.unwrap();
    let there = nats.connect().await;
    let config = orders_again().cache(0);
    let there = there.channel(config).await.unwrap();
    assert_eq!(rest(&weak).await, ["a", "b", "foreign", "c"]);
    assert_eq!(
        rest(&strong(&there.channel()).await).await,
        ["a", "b", "foreign", "c"]
    );
}

fn orders_again() -> weft_nats::ChannelConfig {
    orders(1000).format(Format::Plain).subject("orders.new")
}
