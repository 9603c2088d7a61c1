//! Durable channels against the same work done with `async-nats` alone, in the same run: `./dev bench-nats`.
//!
//! Both use one server on loopback, and files. Each figure is the best of some rounds, as other work on the machine only ever slows one down.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../../host/nats/tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use async_nats::jetstream::{self, consumer::AckPolicy, message::PublishMessage};
use bytes::Bytes;
use common::Nats;
use futures::{StreamExt, future::join_all};
use weft_channel::{Batch, Options, Strength};
use weft_nats::{ChannelConfig, Format, Server};

const ROUNDS: usize = 5;
const FRAME: usize = 64;
/// Frames of a batch.
const BATCH: usize = 1000;
/// Batches of a round.
const BATCHES: usize = 1000;
/// Frames of a round, one a message.
const PLAIN: usize = 50 * WINDOW;
/// Messages under way at once, as the engine has them.
const WINDOW: usize = 512;
/// Frames whose way is timed, one at a time.
const TRIPS: usize = 3000;

#[tokio::main]
async fn main() {
    let nats = Nats::start().await;
    let server = nats.connect().await;
    let client = async_nats::connect(nats.address()).await.unwrap();
    let jetstream = jetstream::new(client);
    let mut rows = Vec::new();
    let mut alone = f64::MAX;
    let mut ours = f64::MAX;
    for round in 0..ROUNDS {
        alone =
            alone.min(publish(&jetstream, &format!("a{round}"), BATCHES, BATCH * FRAME, 1).await);
        ours = ours.min(
            write(
                &server,
                &format!("b{round}"),
                Format::Packed,
                BATCHES,
                BATCH,
            )
            .await,
        );
    }
    let frames = (BATCH * BATCHES) as f64;
    rows.push(rate(
        "packed, 1,000 frames a batch",
        frames,
        ours,
        alone,
        0.8,
    ));
    (alone, ours) = (f64::MAX, f64::MAX);
    for round in 0..ROUNDS {
        alone = alone.min(publish(&jetstream, &format!("c{round}"), PLAIN, FRAME, WINDOW).await);
        let batches = PLAIN / WINDOW;
        ours = ours.min(
            write(
                &server,
                &format!("d{round}"),
                Format::Plain,
                batches,
                WINDOW,
            )
            .await,
        );
    }
    rows.push(rate(
        "plain, 512 messages under way",
        PLAIN as f64,
        ours,
        alone,
        0.7,
    ));
    let alone = trips_alone(&jetstream).await;
    let ours = trips(&server, &nats.connect().await).await;
    rows.push(format!(
        "end to end, one frame, p50      {ours:>9.0?}   {alone:>9.0?} alone   {:.2} x (at most 1.3)",
        ours.as_secs_f64() / alone.as_secs_f64()
    ));
    for row in rows {
        println!("{row}");
    }
}

fn rate(what: &str, frames: f64, ours: f64, alone: f64, target: f64) -> String {
    let (ours, alone) = (frames / ours / 1000.0, frames / alone / 1000.0);
    format!(
        "{what:<30}  {ours:>6.0} k/s   {alone:>6.0} k/s alone   {:.2} x (at least {target})",
        ours / alone
    )
}

async fn stream(jetstream: &jetstream::Context, name: &str) -> jetstream::stream::Stream {
    let config = jetstream::stream::Config {
        name: name.into(),
        subjects: vec![name.into()],
        ..Default::default()
    };
    jetstream.create_stream(config).await.unwrap()
}

/// Seconds for so many messages of so many bytes, so many at once.
async fn publish(
    jetstream: &jetstream::Context,
    name: &str,
    messages: usize,
    bytes: usize,
    window: usize,
) -> f64 {
    stream(jetstream, name).await;
    let payload = Bytes::from(vec![b'x'; bytes]);
    let since = Instant::now();
    for _ in 0..messages / window {
        let mut acks = Vec::new();
        for n in 0..window {
            let publish = PublishMessage::build()
                .payload(payload.clone())
                .message_id(n.to_string());
            let publish = match window {
                1 => PublishMessage::build().payload(payload.clone()),
                _ => publish,
            };
            let sent = jetstream.send_publish(name.to_owned(), publish).await;
            acks.push(sent.unwrap().into_future());
        }
        for ack in join_all(acks).await {
            ack.unwrap();
        }
    }
    let took = since.elapsed().as_secs_f64();
    jetstream.delete_stream(name).await.unwrap();
    took
}

/// Seconds for so many batches of so many frames.
async fn write(server: &Server, name: &str, format: Format, batches: usize, frames: usize) -> f64 {
    let config = ChannelConfig::new(name, Options::new(1 << 30)).format(format);
    let channel = server.channel(config).await.unwrap();
    let writer = channel
        .channel()
        .open_writer(Strength::Strong)
        .await
        .unwrap();
    let ends = (1..=frames).map(|n| (n * FRAME) as u32).collect();
    let batch = Batch::new(ends, vec![b'x'; frames * FRAME].into()).unwrap();
    let since = Instant::now();
    for _ in 0..batches {
        writer.write_batch(batch.clone()).await.unwrap();
    }
    let took = since.elapsed().as_secs_f64();
    channel.channel().ask_terminate().await.unwrap();
    took
}

/// The median way from one connection to another.
async fn trips_alone(jetstream: &jetstream::Context) -> Duration {
    let stream = stream(jetstream, "trips").await;
    let config = jetstream::consumer::pull::Config {
        ack_policy: AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    let payload = Bytes::from(vec![b'x'; FRAME]);
    let mut took = Vec::new();
    for _ in 0..TRIPS {
        let since = Instant::now();
        let ack = jetstream.publish("trips", payload.clone()).await.unwrap();
        let (ack, read) = futures::join!(ack.into_future(), messages.next());
        ack.unwrap();
        read.unwrap().unwrap();
        took.push(since.elapsed());
    }
    median(took)
}

async fn trips(here: &Server, there: &Server) -> Duration {
    let config = ChannelConfig::new("ours", Options::new(1 << 20));
    let here = here.channel(config.clone()).await.unwrap();
    let there = there.channel(config).await.unwrap();
    let writer = here.channel().open_writer(Strength::Strong).await.unwrap();
    let reader = there.channel().open_reader(Strength::Strong).await.unwrap();
    let payload = Bytes::from(vec![b'x'; FRAME]);
    let mut took = Vec::new();
    for _ in 0..TRIPS {
        let since = Instant::now();
        let (written, read) = futures::join!(writer.write(payload.clone()), reader.read());
        written.unwrap();
        read.unwrap().unwrap();
        took.push(since.elapsed());
    }
    median(took)
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}
