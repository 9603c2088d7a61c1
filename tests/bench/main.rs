//! What things cost, each row beside a baseline of the same run.
//!
//! Rounds of row and baseline alternate and the medians are compared, since a
//! machine's speed drifts. Nothing here passes or fails.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use std::path::Path;
use std::time::Instant;
use weft_channel::{Backpressure, Batch, Channel, Options, Reader, Writer};
use weft_host::{Argument, Arguments, Capabilities, Host, HostConfig, StartOptions};

/// Rounds of each row; the median is taken.
const ROUNDS: usize = 7;
/// Frames of one round.
const FRAMES: u32 = 100_000;
/// Frames of one batch.
const BATCH: u32 = 256;
/// Bytes of one frame.
const SIZE: usize = 64;
/// Bytes a channel holds; as many frames as the baseline's channel has places.
const CAPACITY: u64 = 64 << 10;

fn channel() -> Channel {
    let options = Options {
        capacity: CAPACITY,
        backpressure: Backpressure::Park,
    };
    Channel::new(options).unwrap()
}

async fn read_all(reader: Reader) {
    let mut frames = 0;
    while let batch = reader.read_batch(u32::MAX, CAPACITY).await.unwrap()
        && !batch.is_empty()
    {
        frames += batch.len();
    }
    assert_eq!(frames, FRAMES as usize);
}

async fn write_singly(writer: Writer) {
    let frame = Bytes::from_static(&[7; SIZE]);
    for _ in 0..FRAMES {
        writer.write(frame.clone()).await.unwrap();
    }
}

async fn write_batches(writer: Writer) {
    let payload = Bytes::from(vec![7; SIZE * BATCH as usize]);
    let ends: Vec<u32> = (1..=BATCH).map(|n| n * SIZE as u32).collect();
    let mut left = FRAMES;
    while left > 0 {
        let frames = left.min(BATCH);
        let ends = ends.iter().copied().take(frames as usize).collect();
        let payload = payload.slice(..frames as usize * SIZE);
        writer
            .write_batch(Batch::new(ends, payload).unwrap())
            .await
            .unwrap();
        left -= frames;
    }
}

/// The baseline: the same frames between two native tasks.
async fn tokio_mpsc() {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(CAPACITY as usize / SIZE);
    let sending = tokio::spawn(async move {
        let frame = Bytes::from_static(&[7; SIZE]);
        for _ in 0..FRAMES {
            sender.send(frame.clone()).await.unwrap();
        }
    });
    let mut frames = 0;
    while receiver.recv().await.is_some() {
        frames += 1;
    }
    assert_eq!(frames, FRAMES);
    sending.await.unwrap();
}

async fn engine(batches: bool) {
    let channel = channel();
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let writing = tokio::spawn(async move {
        if batches {
            write_batches(writer).await
        } else {
            write_singly(writer).await
        }
    });
    read_all(reader).await;
    writing.await.unwrap();
}

/// Native writer, a guest that copies frame by frame, native reader: two hops.
async fn through(host: &Host, guest: &str) {
    let (there, back) = (channel(), channel());
    let (writer, reader) = (there.strong_writer().unwrap(), back.strong_reader());
    let process = host
        .start(StartOptions {
            component: guest.into(),
            name: guest.into(),
            entry_point: "run".into(),
            arguments: Arguments::Positional(vec![
                Argument::Reader(there.strong_reader().into()),
                Argument::Writer(back.strong_writer().unwrap().into()),
            ]),
            capabilities: Capabilities::channels(),
            ..StartOptions::default()
        })
        .unwrap();
    let writing = tokio::spawn(write_batches(writer));
    read_all(reader).await;
    writing.await.unwrap();
    assert!(process.wait().await.is_success());
}

/// Nanoseconds a frame of one round.
async fn round(work: impl Future<Output = ()>) -> f64 {
    let since = Instant::now();
    work.await;
    since.elapsed().as_nanos() as f64 / f64::from(FRAMES)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let config = HostConfig {
        cache_directory: Some(target.canonicalize().unwrap().join("tmp/cache")),
        ..HostConfig::default()
    };
    let host = Host::new(config).unwrap();
    for (name, file) in [
        ("echo", "echo.wasm"),
        ("blocking-echo", "blocking_echo.wasm"),
    ] {
        let file = target.join("wasm32-wasip2/guest").join(file);
        host.components()
            .load_file(name, &file)
            .await
            .expect("run `./dev guests` first");
    }
    println!(
        "{SIZE} B frames, {FRAMES} a round, medians of {ROUNDS}; baseline: tokio mpsc, task to task"
    );
    println!(
        "{:52} {:>10} {:>10} {:>7}",
        "row", "ns/frame", "baseline", "ratio"
    );
    for row in [
        "engine, task to task, frame by frame",
        "engine, task to task, batches of 256",
        "through an async guest, frame by frame (two hops)",
        "through a blocking guest, frame by frame (two hops)",
    ] {
        let (mut values, mut baselines) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            baselines.push(round(tokio_mpsc()).await);
            values.push(match row {
                row if row.contains("async guest") => round(through(&host, "echo")).await,
                row if row.contains("guest") => round(through(&host, "blocking-echo")).await,
                row => round(engine(row.contains("batches"))).await,
            });
        }
        let (value, baseline) = (median(values), median(baselines));
        println!(
            "{row:52} {value:>10.0} {baseline:>10.0} {:>7.2}",
            value / baseline
        );
    }
}
