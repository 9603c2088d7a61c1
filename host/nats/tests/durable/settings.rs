//! Streams are made when they are missing, and refused where they differ.

use std::time::Duration;

use async_nats::jetstream;
use weft_channel::{Backpressure, OpenError, Options, Strength};
use weft_nats::{ChannelError, Format, Storage};

use crate::{common::Nats, support::*};

#[tokio::test]
async fn a_stream_with_other_settings_is_refused_with_the_differences_named() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    open(&server, 1000).await;
    let mut other = orders(2000);
    other.format = Format::Plain;
    other.storage = Storage::Memory;
    other.options = Options::new(2000).backpressure(Backpressure::Drop);
    other.keep = Some(Duration::from_secs(60));
    let error = server.channel(other).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(
        text,
        "the stream `orders` has other settings: storage is file, not memory; capacity is 1000, not 2000; \
         format is packed, not plain; backpressure is block, not drop; keep is all, not 60000ms"
    );
    assert!(matches!(error, ChannelError::Differs { .. }));
}

#[tokio::test]
async fn a_stream_of_somebody_else_is_left_alone() {
    let nats = Nats::start().await;
    let client = async_nats::connect(nats.address()).await.unwrap();
    let config = jetstream::stream::Config {
        name: "orders".into(),
        subjects: vec!["orders.>".into()],
        ..Default::default()
    };
    jetstream::new(client).create_stream(config).await.unwrap();
    let server = nats.connect().await;
    let error = server.channel(orders(1000)).await.unwrap_err().to_string();
    assert!(error.contains("subjects is orders.>"), "{error}");
    assert!(error.contains("capacity is not said, not 1000"), "{error}");
}

#[tokio::test]
async fn names_that_no_stream_can_have_are_refused() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    for name in ["", "a.b", "a b", "a*", "ä"] {
        let mut config = orders(1);
        config.stream = name.into();
        let error = server.channel(config).await.unwrap_err();
        assert!(matches!(error, ChannelError::Name(it) if it == name));
    }
}

#[tokio::test]
async fn what_was_read_and_is_older_than_the_channel_keeps_it_is_removed() {
    let nats = Nats::start().await;
    let mut config = nats.config();
    config.lease = Duration::from_secs(1);
    let server = weft_nats::Server::connect(config).await.unwrap();
    let config = orders(1000).keep(Duration::from_millis(1));
    let orders = server.channel(config).await.unwrap();
    let channel = orders.channel();
    let writer = writer(&channel).await;
    let reader = strong(&channel).await;
    send(&writer, &["a", "b", "c"]).await;
    assert_eq!(next(&reader).await, "a");
    // By and by only what is unread is left.
    soon(async { while channel.ask_stats().await.frames_held > 2 {} }).await;
    soon(async {
        while !outside(&nats, "weft.frames.orders")
            .await
            .starts_with(&["b".into()])
        {}
    })
    .await;
    assert_eq!(rest(&reader).await, ["b", "c"]);
}

#[tokio::test]
async fn a_channel_that_has_ended_takes_frames_again_only_if_that_is_asked_for() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let first = open(&server, 1000).await;
    let reader = strong(&first.channel_as(named("billing"))).await;
    let ended = writer(&first.channel()).await;
    send(&ended, &["a"]).await;
    drop(ended);
    assert_eq!(next(&reader).await, "a");
    assert_eq!(soon(reader.read()).await.map(|it| it.is_none()), Ok(true));
    drop((reader, first));
    let again = open(&server, 1000).await;
    let refused = again.channel().open_writer(Strength::Strong).await;
    assert_eq!(refused.map(drop), Err(OpenError::Ended));
    let config = orders(1000).reopen(true);
    let again = server.channel(config).await.unwrap();
    send(&writer(&again.channel()).await, &["b"]).await;
    assert_eq!(
        rest(&strong(&again.channel_as(named("billing"))).await).await,
        ["b", "end"]
    );
}
