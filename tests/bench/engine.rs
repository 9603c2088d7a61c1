//! Rows of the channel engine, between native tasks.

use crate::measure::{Case, Target, always, nanoseconds_each, round};
use crate::{PLACES, SIZE, native};
use weft_channel::{Channel, Options, Reader};

/// Frames of a round from one task to another.
const FRAMES: u64 = 300_000;
/// Frames of one broadcast. Each finds a place, as it does in the baseline.
const BROADCAST: u64 = 1 << 14;
/// Capacity for one of them: what it costs besides its payload is bounded by the capacity too.
const PLACE: usize = 164;
/// Round trips of a round.
const ROUND_TRIPS: u64 = 50_000;
/// Deliveries of a round of broadcasts, at least.
const DELIVERIES: u64 = 1 << 18;

/// The rows.
pub fn cases() -> Vec<Case> {
    let mut cases = vec![Case {
        name: "engine-1-to-1".into(),
        unit: "ns/frame",
        row: round(|| one_way(FRAMES)),
        baseline: "tokio mpsc, task to task",
        baseline_row: always(|| native::one_way(FRAMES, PLACES)),
        target: Target::Time(0.85),
    }];
    cases.extend([1, 4, 16, 64].map(|readers| Case {
        name: format!("engine-broadcast-{readers}"),
        unit: "ns/delivery",
        row: round(move || broadcast(readers)),
        baseline: "tokio broadcast to as many tasks",
        baseline_row: always(move || native::broadcast(readers, BROADCAST, times(readers))),
        target: Target::Time(if readers == 4 { 0.85 } else { 1.0 }),
    }));
    cases.push(Case {
        name: "engine-ping-pong".into(),
        unit: "ns/round trip",
        row: round(|| ping_pong(ROUND_TRIPS)),
        baseline: "tokio mpsc, two tasks",
        baseline_row: always(|| native::ping_pong(ROUND_TRIPS)),
        target: Target::Time(1.1),
    });
    cases.push(Case {
        name: "engine-flat-1-to-64".into(),
        unit: "ns/delivery",
        row: round(|| broadcast(64)),
        baseline: "the engine with one reader",
        baseline_row: always(|| broadcast(1)),
        target: Target::Time(1.2),
    });
    cases
}

fn times(readers: u64) -> u64 {
    (DELIVERIES / BROADCAST / readers).max(1)
}

/// A channel in which writers wait for room.
pub fn channel(capacity: usize) -> Channel {
    let options = Options::new(capacity as u64);
    Channel::new(options).unwrap()
}

async fn one_way(frames: u64) -> f64 {
    nanoseconds_each(frames, send(channel(PLACES * SIZE), 1, frames)).await
}

async fn broadcast(readers: u64) -> f64 {
    let times = times(readers);
    nanoseconds_each(readers * BROADCAST * times, async move {
        for _ in 0..times {
            let channel = channel(BROADCAST as usize * PLACE);
            send(channel, readers, BROADCAST).await;
        }
    })
    .await
}

/// Nanoseconds of a frame that goes from one task to another and back.
async fn ping_pong(rounds: u64) -> f64 {
    let [pings, pongs] = [(); 2].map(|()| channel(PLACES * SIZE));
    let (pinging, ponged) = (pings.strong_writer().unwrap(), pongs.strong_reader());
    let (ponging, pinged) = (pongs.strong_writer().unwrap(), pings.strong_reader());
    nanoseconds_each(rounds, async move {
        let one = tokio::spawn(async move {
            for _ in 0..rounds {
                pinging.write(native::frame()).await.unwrap();
                ponged.read().await.unwrap().unwrap();
            }
        });
        let other = tokio::spawn(async move {
            while let Some(frame) = pinged.read().await.unwrap() {
                ponging.write(frame.payload).await.unwrap();
            }
        });
        one.await.unwrap();
        other.await.unwrap();
    })
    .await
}

/// Sends frames from one task to each of so many others.
async fn send(channel: Channel, readers: u64, frames: u64) {
    let writer = channel.strong_writer().unwrap();
    let receiving: Vec<_> = (0..readers)
        .map(|_| tokio::spawn(receive(channel.strong_reader(), frames)))
        .collect();
    let sending = tokio::spawn(async move {
        for _ in 0..frames {
            writer.write(native::frame()).await.unwrap();
        }
    });
    sending.await.unwrap();
    for task in receiving {
        task.await.unwrap();
    }
}

async fn receive(reader: Reader, frames: u64) {
    let mut got = 0;
    while reader.read().await.unwrap().is_some() {
        got += 1;
    }
    assert_eq!(got, frames);
}
