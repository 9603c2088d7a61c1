//! Baselines: the same work between native tasks, by what Rust programs use for it.

use crate::measure::nanoseconds_each;
use crate::{PLACES, SIZE};
use bytes::Bytes;
use std::hint::black_box;
use tokio::sync::{broadcast, mpsc};

/// One frame, shared: nothing is copied between native tasks.
pub fn frame() -> Bytes {
    Bytes::from_static(&[7; SIZE])
}

/// Nanoseconds a frame from one task to another through `tokio::sync::mpsc` of so many places.
pub async fn one_way(frames: u64, places: usize) -> f64 {
    let (sender, mut receiver) = mpsc::channel(places);
    nanoseconds_each(frames, async move {
        let sending = tokio::spawn(async move {
            for _ in 0..frames {
                sender.send(frame()).await.unwrap();
            }
        });
        let receiving = tokio::spawn(async move {
            let mut got = 0;
            while receiver.recv().await.is_some() {
                got += 1;
            }
            assert_eq!(got, frames);
        });
        sending.await.unwrap();
        receiving.await.unwrap();
    })
    .await
}

/// Nanoseconds a round trip between two tasks through `tokio::sync::mpsc`.
pub async fn ping_pong(rounds: u64) -> f64 {
    let (pings, mut pinged) = mpsc::channel(PLACES);
    let (pongs, mut ponged) = mpsc::channel(PLACES);
    nanoseconds_each(rounds, async move {
        let one = tokio::spawn(async move {
            for _ in 0..rounds {
                pings.send(frame()).await.unwrap();
                ponged.recv().await.unwrap();
            }
        });
        let other = tokio::spawn(async move {
            while let Some(frame) = pinged.recv().await {
                pongs.send(frame).await.unwrap();
            }
        });
        one.await.unwrap();
        other.await.unwrap();
    })
    .await
}

/// Nanoseconds a delivery from one task to many through `tokio::sync::broadcast`, which
/// has a place for every frame, since it makes no sender wait.
pub async fn broadcast(readers: u64, frames: u64, times: u64) -> f64 {
    nanoseconds_each(readers * frames * times, async move {
        for _ in 0..times {
            let (sender, first) = broadcast::channel(frames as usize);
            let receivers = [first].into_iter();
            let receivers = receivers.chain((1..readers).map(|_| sender.subscribe()));
            let receiving: Vec<_> = receivers
                .map(|mut receiver| {
                    tokio::spawn(async move {
                        let mut got = 0;
                        while receiver.recv().await.is_ok() {
                            got += 1;
                        }
                        assert_eq!(got, frames);
                    })
                })
                .collect();
            let sending = tokio::spawn(async move {
                for _ in 0..frames {
                    sender.send(frame()).unwrap();
                }
            });
            sending.await.unwrap();
            for task in receiving {
                task.await.unwrap();
            }
        }
    })
    .await
}

/// Nanoseconds for two copies of `size` bytes, which is what a frame between guests cannot
/// do without: out of one memory and into the other, through as many buffers as
/// the channel between them has places.
pub async fn two_copies(frames: u64, size: usize, places: usize) -> f64 {
    let source = vec![7_u8; size];
    let mut between = vec![vec![0_u8; size]; places];
    let mut destination = vec![0_u8; size];
    nanoseconds_each(frames, async move {
        for _ in 0..frames / places as u64 {
            for place in &mut between {
                place.copy_from_slice(black_box(&source));
            }
            for place in &between {
                destination.copy_from_slice(black_box(place));
                black_box(&destination);
            }
        }
    })
    .await
}
