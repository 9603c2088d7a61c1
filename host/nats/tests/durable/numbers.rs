//! What a connection counts of itself.

use std::time::Duration;

use weft_channel::{Unavailable, WriteError};
use weft_nats::Server;

use crate::{common::Nats, support::*};

#[tokio::test]
async fn messages_bytes_and_acknowledgements_are_counted() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1 << 20).await;
    let writer = writer(&orders.channel()).await;
    let before = server.stats();
    assert!(before.connected);
    assert_eq!((before.reconnects, before.unavailable), (0, 0));
    for _ in 0..10 {
        send(&writer, &[&"x".repeat(1000)]).await;
    }
    let after = server.stats();
    assert_eq!(after.acknowledged - before.acknowledged, 10);
    assert_eq!(after.waiting, 0);
    assert!(after.messages_sent - before.messages_sent >= 10);
    assert!(after.bytes_sent - before.bytes_sent >= 10_000);
    assert!(after.messages_received - before.messages_received >= 10);
    assert!(after.bytes_received > before.bytes_received);
    assert_eq!((after.overtaken, after.retries), (0, 0));
}

#[tokio::test]
async fn what_waits_for_the_server_is_counted_as_long_as_it_does() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1 << 20).await;
    let writer = writer(&orders.channel()).await;
    nats.signal("STOP");
    let waits = async {
        while server.stats().waiting == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        nats.signal("CONT");
    };
    let (sent, ()) = soon(async { futures::join!(writer.write("a".into()), waits) }).await;
    assert_eq!(sent, Ok(true));
    assert_eq!(server.stats().waiting, 0);
}

#[tokio::test]
async fn records_of_others_that_came_first_are_counted() {
    let nats = Nats::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let (here, there) = (open(&one, 1 << 20).await, open(&other, 1 << 20).await);
    let (mine, theirs) = (
        writer(&here.channel()).await,
        writer(&there.channel()).await,
    );
    soon(async {
        while one.stats().overtaken + other.stats().overtaken == 0 {
            futures::join!(send(&mine, &["a"]), send(&theirs, &["b"]));
        }
    })
    .await;
    assert_eq!(one.stats().retries + other.stats().retries, 0);
}

#[tokio::test]
async fn a_server_that_goes_away_is_counted() {
    let mut nats = Nats::start().await;
    let config = nats.config().patience(Duration::from_millis(300));
    let server = Server::connect(config).await.unwrap();
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    nats.stop();
    let write = soon(writer.write("a".into())).await;
    assert_eq!(write, Err(WriteError::Unavailable(Unavailable)));
    let stats = server.stats();
    assert_eq!((stats.connected, stats.unavailable), (false, 1));
    nats.begin().await;
    soon(async { while writer.write("b".into()).await.is_err() {} }).await;
    let stats = server.stats();
    assert_eq!((stats.connected, stats.reconnects), (true, 1));
    assert!(stats.retries > 0, "{stats:?}");
}
