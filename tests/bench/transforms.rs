//! The row of three transforms plugged into one component, beside the same number of processes
//! with channels between them.

use crate::engine::channel;
use crate::guests::load;
use crate::measure::{Case, GUESTS, Round, Target, nanoseconds_each, round};
use crate::{PLACES, SIZE};
use bytes::Bytes;
use std::path::Path;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};
use weft_channel::{Batch, Channel};
use weft_host::{Argument, Arguments, Host, StartOptions, component::TRANSFORM};

/// Frames of a round.
const FRAMES: u64 = 1_000_000;
/// Frames that are written at once.
const BATCH: usize = PLACES;
/// Frames a channel has room for.
const ROOM: usize = 8 * PLACES;

/// A transform of its own, and three in one.
const ALONE: &str = "transform";
const PLUGGED: &str = "plugged";

/// Loads the guests.
pub async fn load_transforms(host: &Host, target: &Path) {
    load(host, target, ALONE).await;
    let guests = target.join(GUESTS);
    let read =
        |name: &str| std::fs::read(guests.join(name)).expect("`./dev bench` builds the guests");
    let link = read("transform_link.wasm");
    let two = plugged(link.clone(), read("transform.wasm"));
    let three = plugged(link, two);
    host.components().load(PLUGGED, three).await.unwrap();
}

/// One component with another plugged in.
fn plugged(socket: Vec<u8>, transform: Vec<u8>) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let [socket, transform] =
        [("bench:socket", socket), ("bench:transform", transform)].map(|(name, bytes)| {
            let package = Package::from_bytes(name, None, bytes, graph.types_mut()).unwrap();
            graph.register_package(package).unwrap()
        });
    plug(&mut graph, vec![transform], socket).unwrap();
    graph.encode(EncodeOptions::default()).unwrap()
}

/// The row.
pub fn cases(host: &Host) -> Vec<Case> {
    vec![Case {
        name: "transforms-plugged".into(),
        unit: "ns/frame",
        row: transforms(host, &[PLUGGED]),
        baseline: "three transforms as processes, a channel between each",
        baseline_row: {
            let host = host.clone();
            Box::new(move || Ok(transforms(&host, &[ALONE; 3])))
        },
        target: Target::Time(1.0),
    }]
}

/// A round of frames through these transforms.
fn transforms(host: &Host, transforms: &'static [&'static str]) -> Round {
    let host = host.clone();
    round(move || {
        let host = host.clone();
        async move { nanoseconds_each(FRAMES, through(&host, transforms)).await }
    })
}

async fn through(host: &Host, transforms: &[&str]) {
    let channels: Vec<Channel> = (0..=transforms.len())
        .map(|_| channel(ROOM * SIZE))
        .collect();
    let (first, last) = (channels.first().unwrap(), channels.last().unwrap());
    let (writer, reader) = (first.strong_writer().unwrap(), last.strong_reader());
    let mut processes = Vec::new();
    for (component, ends) in transforms.iter().zip(channels.windows(2)) {
        let ends = vec![
            Argument::Reader(ends[0].strong_reader().into()),
            Argument::Writer(ends[1].strong_writer().unwrap().into()),
        ];
        let options = StartOptions::new(*component)
            .entry_point(TRANSFORM)
            .arguments(Arguments::Positional(ends));
        processes.push(host.start(options).unwrap());
    }
    let feed = tokio::spawn(async move {
        let ends: Vec<u32> = (1..=BATCH).map(|frame| (frame * SIZE) as u32).collect();
        let payload = Bytes::from(vec![b'x'; BATCH * SIZE]);
        for _ in 0..FRAMES / BATCH as u64 {
            let batch = Batch::new(ends.clone(), payload.clone()).unwrap();
            writer.write_batch(batch).await.unwrap();
        }
    });
    while !reader
        .read_batch(u32::MAX, u64::MAX)
        .await
        .unwrap()
        .is_empty()
    {}
    feed.await.unwrap();
    for process in processes {
        let status = process.wait().await;
        assert!(status.is_success(), "{}: {status}", process.name());
    }
}
