//! The server goes away and comes back; connections are cut.

use std::time::Duration;

use weft_channel::{ReadError, Strength, Unavailable, WriteError};
use weft_nats::{Server, ServerConfig};

use crate::{common::Nats, proxy::Proxy, support::*};

/// One that does not wait long.
fn impatient(nats: &Nats) -> ServerConfig {
    nats.config().patience(Duration::from_millis(300))
}

#[tokio::test]
async fn a_server_that_is_killed_has_what_it_acknowledged() {
    let mut nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let reader = strong(&orders.channel_as(named("billing"))).await;
    send(&writer, &["a", "b"]).await;
    nats.kill();
    nats.begin().await;
    send(&writer, &["c"]).await;
    assert_eq!(rest(&reader).await, ["a", "b", "c"]);
    // And who comes anew finds all of it.
    let other = open(&nats.connect().await, 1000).await;
    assert_eq!(rest(&strong(&other.channel()).await).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_restart_of_the_server_ends_nothing() {
    let mut nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let reader = strong(&orders.channel()).await;
    let waiting = async { next(&reader).await };
    let restart = async {
        nats.stop();
        nats.begin().await;
        send(&writer, &["a"]).await;
    };
    let (read, ()) = soon(async { futures::join!(waiting, restart) }).await;
    assert_eq!(read, "a");
}

#[tokio::test]
async fn calls_fail_once_the_server_has_been_away_for_too_long() {
    let mut nats = Nats::start().await;
    let server = Server::connect(impatient(&nats)).await.unwrap();
    let orders = open(&server, 1000).await;
    let channel = orders.channel();
    let writer = writer(&channel).await;
    let reader = strong(&channel).await;
    send(&writer, &["a"]).await;
    nats.stop();
    // What is in hand needs no server.
    assert_eq!(next(&reader).await, "a");
    let read = soon(reader.read()).await.map(drop);
    assert_eq!(read, Err(ReadError::Unavailable(Unavailable)));
    let write = soon(writer.write("b".into())).await;
    assert_eq!(write, Err(WriteError::Unavailable(Unavailable)));
    assert!(soon(channel.open_reader(Strength::Strong)).await.is_err());
    nats.begin().await;
    soon(async { while writer.write("c".into()).await.is_err() {} }).await;
    assert_eq!(next(&reader).await, "c");
}

#[tokio::test]
async fn frames_arrive_once_however_often_the_connection_is_cut() {
    const FRAMES: usize = 300;
    let nats = Nats::start().await;
    let proxy = Proxy::start(nats.port()).await;
    let here = Server::connect(ServerConfig::new(proxy.address()))
        .await
        .unwrap();
    let there = nats.connect().await;
    let (mine, others) = (open(&here, 1 << 16).await, open(&there, 1 << 16).await);
    let (writer, other) = (
        writer(&mine.channel()).await,
        writer(&others.channel()).await,
    );
    let reader = strong(&others.channel()).await;
    let writing = async {
        for n in 0..FRAMES {
            let written = soon(writer.write(n.to_string().into())).await;
            assert_eq!(written, Ok(true));
            if n % 10 == 0 {
                // Somebody else writes meanwhile.
                send(&other, &["x"]).await;
            }
        }
    };
    let cutting = async {
        for _ in 0..20 {
            proxy.busy().await;
            proxy.cut();
        }
    };
    futures::join!(writing, cutting);
    let mut read = rest(&reader).await;
    read.retain(|it| it != "x");
    let all: Vec<_> = (0..FRAMES).map(|n| n.to_string()).collect();
    assert!(
        read == all,
        "each once, in order: {} of {FRAMES}",
        read.len()
    );
}

#[tokio::test]
async fn a_server_that_stands_still_for_a_while_loses_and_doubles_nothing() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let writer = writer(&orders.channel()).await;
    let reader = strong(&orders.channel()).await;
    nats.signal("STOP");
    let resume = async {
        // Longer than the client waits for a sign of life.
        tokio::time::sleep(Duration::from_secs(7)).await;
        nats.signal("CONT");
    };
    let writing = async {
        let mut sent = Vec::new();
        for n in 0..10 {
            let frame = n.to_string();
            if soon(writer.write(frame.clone().into())).await == Ok(true) {
                sent.push(frame);
            }
        }
        sent
    };
    let ((), sent) = futures::join!(resume, writing);
    let read = rest(&reader).await;
    let mut left = read.iter();
    for frame in sent {
        assert!(
            left.any(|it| *it == frame),
            "{frame} was acknowledged, in {read:?}"
        );
    }
    let mut once = read.clone();
    once.dedup();
    assert_eq!(once, read);
}
