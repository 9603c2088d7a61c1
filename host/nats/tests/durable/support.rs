//! What the tests share.

use std::time::Duration;

use async_nats::jetstream;
use futures::TryStreamExt;
use weft_channel::{Channel, Options, ReadError, Reader, Strength, Writer};
use weft_nats::{ChannelConfig, Delivery, Durable, ReaderConfig, Server};

use crate::common::Nats;

/// Far longer than anything here takes.
const HANGS_AFTER: Duration = Duration::from_secs(60);

/// Turns a hang into a failure.
pub async fn soon<T>(wait: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(HANGS_AFTER, wait).await;
    waited.expect("hangs")
}

pub fn orders(capacity: u64) -> ChannelConfig {
    ChannelConfig::new("orders", Options::new(capacity))
}

pub async fn open(server: &Server, capacity: u64) -> Durable {
    server.channel(orders(capacity)).await.unwrap()
}

pub async fn writer(channel: &Channel) -> Writer {
    channel.open_writer(Strength::Strong).await.unwrap()
}

pub fn named(name: &str) -> ReaderConfig {
    ReaderConfig::named(name)
}

pub fn at_most_once(name: &str) -> ReaderConfig {
    named(name).delivery(Delivery::AtMostOnce)
}

pub async fn strong(channel: &Channel) -> Reader {
    channel.open_reader(Strength::Strong).await.unwrap()
}

/// The next frame, as text.
pub async fn next(reader: &Reader) -> String {
    let frame = soon(reader.read()).await.unwrap().expect("a frame");
    String::from_utf8(frame.payload.to_vec()).unwrap()
}

/// What can be read now.
pub async fn rest(reader: &Reader) -> Vec<String> {
    let mut read = Vec::new();
    loop {
        match soon(reader.ask_read()).await {
            Ok(Some(frame)) => read.push(String::from_utf8(frame.payload.to_vec()).unwrap()),
            Ok(None) => {
                read.push("end".into());
                return read;
            }
            Err(ReadError::WouldBlock) => return read,
            Err(error) => {
                read.push(error.to_string());
                if !matches!(error, ReadError::Lagged(_)) {
                    return read;
                }
            }
        }
    }
}

pub async fn send(writer: &Writer, frames: &[&str]) {
    for frame in frames {
        let sent = soon(writer.write(frame.to_string().into())).await;
        assert_eq!(sent, Ok(true));
    }
}

/// Somebody who reads the stream without Weft: the frames of plain messages, in order.
pub async fn outside(nats: &Nats, subject: &str) -> Vec<String> {
    let client = async_nats::connect(nats.address()).await.unwrap();
    let stream = jetstream::new(client).get_stream("orders").await.unwrap();
    let config = jetstream::consumer::pull::Config {
        filter_subject: subject.into(),
        ack_policy: jetstream::consumer::AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut read = Vec::new();
    loop {
        let mut fetched = consumer
            .fetch()
            .max_messages(1000)
            .messages()
            .await
            .unwrap();
        let before = read.len();
        while let Some(message) = fetched.try_next().await.unwrap() {
            read.push(String::from_utf8(message.payload.to_vec()).unwrap());
        }
        if read.len() == before {
            return read;
        }
    }
}
