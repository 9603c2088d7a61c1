//! Writes by a permit, as guests that do several things at once make them.

use std::sync::Arc;

use weft_channel::{Backpressure, Options, WriteError};

use crate::{common::Nats, support::*};

#[tokio::test]
async fn what_is_written_by_a_permit_arrives_before_its_writer_is_gone() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 1000).await;
    let reader = strong(&orders.channel()).await;
    let writer = Arc::new(writer(&orders.channel()).await);
    for n in 0..50 {
        let frame = n.to_string();
        let bytes = frame.len() as u64;
        let permit = soon(writer.reserve(1, bytes, bytes)).await;
        assert_eq!(permit.write(frame.into()), Ok(true));
    }
    drop(writer);
    let mut expected: Vec<_> = (0..50).map(|n| n.to_string()).collect();
    for frame in &expected {
        assert_eq!(next(&reader).await, *frame);
    }
    assert_eq!(soon(reader.read()).await.map(|it| it.is_none()), Ok(true));
    expected.push("end".into());
    assert_eq!(rest(&strong(&orders.channel()).await).await, expected);
}

#[tokio::test]
async fn a_permit_holds_the_turn_until_it_is_used_or_dropped() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let orders = open(&server, 2).await;
    let reader = strong(&orders.channel()).await;
    let writer = Arc::new(writer(&orders.channel()).await);
    let permit = soon(writer.reserve(1, 1, 1)).await;
    let behind = soon(writer.ask_write("b".into())).await;
    assert_eq!(behind, Err(WriteError::WouldBlock));
    drop(permit);
    send(&writer, &["a"]).await;
    let permit = soon(writer.reserve(1, 1, 1)).await;
    assert_eq!(
        permit.write("too large".into()),
        Err(WriteError::TooLarge { capacity: 2 })
    );
    let permit = soon(writer.reserve(1, 1, 1)).await;
    soon(orders.channel().ask_drain()).await.unwrap();
    assert_eq!(permit.write("x".into()), Err(WriteError::Drained));
    assert_eq!(rest(&reader).await, ["a", "end"]);
}

#[tokio::test]
async fn a_permit_of_a_channel_that_drops_is_given_at_once() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let mut config = orders(2);
    config.options = Options::new(2).backpressure(Backpressure::Drop);
    let orders = server.channel(config).await.unwrap();
    let reader = strong(&orders.channel()).await;
    let writer = Arc::new(writer(&orders.channel()).await);
    send(&writer, &["aa"]).await;
    let permit = soon(writer.reserve(1, 1, 1)).await;
    assert_eq!(permit.write("b".into()), Ok(false));
    assert_eq!(orders.channel().ask_stats().await.frames_dropped, 1);
    assert_eq!(rest(&reader).await, ["aa"]);
}
