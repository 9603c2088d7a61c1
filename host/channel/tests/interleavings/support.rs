//! What the models share.
//!
//! Invariant: threads and the waits of a model are loom's, never std's. What only counts, for a
//! look when all threads are joined, may be std's: it adds no orders.

use std::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use loom::model::Builder;
use weft_channel::{
    Attachment, Backpressure, Batch, Channel, Charge, Options, ReadError, Reader, WriteError,
    Writer,
};

pub use loom::{future::block_on, sync::Arc, thread};

/// Every order in which the threads of `run` may go on.
pub fn every_order(run: impl Fn() + Sync + Send + 'static) {
    check(None, run);
}

/// Every order in which threads are interrupted at most `interruptions` times: waiting is none.
/// For models with so many steps that all orders would take minutes.
pub fn orders_within(interruptions: usize, run: impl Fn() + Sync + Send + 'static) {
    check(Some(interruptions), run);
}

fn check(interruptions: Option<usize>, run: impl Fn() + Sync + Send + 'static) {
    let mut model = Builder::new();
    // `LOOM_MAX_PREEMPTIONS` comes first, for those who have the time.
    model.preemption_bound = model.preemption_bound.or(interruptions);
    model.check(run);
}

/// A channel whose writers wait.
pub fn block(capacity: u64) -> Channel {
    let backpressure = Backpressure::Block;
    Channel::new(Options::new(capacity).backpressure(backpressure)).unwrap()
}

pub fn writer(channel: &Channel, strong: bool) -> Writer {
    if strong {
        channel.strong_writer().unwrap()
    } else {
        channel.weak_writer().unwrap()
    }
}

pub fn reader(channel: &Channel, strong: bool) -> Reader {
    if strong {
        channel.strong_reader()
    } else {
        channel.weak_reader()
    }
}

/// A channel, and the means to see that it was freed.
pub fn watched() -> (Channel, Drops) {
    let drops = Drops::default();
    let options = Options::new(8);
    let channel = Channel::with_charge(options, drops.charge()).unwrap();
    (channel, drops)
}

pub fn attach(to: &Writer, attachment: Attachment) {
    let sent = to.try_write_with("x".into(), vec![attachment].into());
    assert_eq!(sent, Ok(true));
}

/// Attaches a handle of `of` to a frame in `to`.
pub fn link(to: &Channel, of: &Channel) {
    let reader = Attachment::Reader(of.weak_reader());
    attach(&writer(to, false), reader);
}

/// The reader that came with the next frame.
pub fn take_reader(reader: &Reader) -> Reader {
    let mut frame = reader.try_read().unwrap().unwrap();
    match frame.attached.pop() {
        Some(Attachment::Reader(reader)) => reader,
        other => panic!("a reader was attached, not {other:?}"),
    }
}

pub fn is_live(reader: &Reader) -> bool {
    !matches!(reader.try_read(), Err(ReadError::Terminated))
}

/// Sends a frame, waiting for room.
pub fn write(writer: &Writer, frame: &'static str) -> Result<bool, WriteError> {
    block_on(writer.write(Bytes::from_static(frame.as_bytes())))
}

/// Takes the next frame, waiting for it; `None` is the end.
pub fn read(reader: &Reader) -> Result<Option<Bytes>, ReadError> {
    block_on(reader.read()).map(|frame| frame.map(|frame| frame.payload))
}

/// Takes frames, waiting for each, until the end.
pub fn read_to_end(reader: &Reader) -> Vec<Bytes> {
    std::iter::from_fn(|| read(reader).unwrap()).collect()
}

/// A batch of these frames.
pub fn batch(frames: &[&str]) -> Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += frame.len() as u32;
        end
    });
    Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

/// Counts how often its charge is dropped.
#[derive(Default)]
pub struct Drops(std::sync::Arc<AtomicUsize>);

impl Drops {
    /// To be given away once.
    pub fn charge(&self) -> Charge {
        struct Counts(std::sync::Arc<AtomicUsize>);
        impl Drop for Counts {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        std::sync::Arc::new(Counts(std::sync::Arc::clone(&self.0)))
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A wait that owns its end, so that a thread can be given it.
pub struct Begun<T>(Pin<Box<dyn Future<Output = T> + Send>>);

impl<T> Begun<T> {
    /// Polled once.
    pub fn new(wait: impl Future<Output = T> + Send + 'static) -> (Self, Poll<T>) {
        let mut begun = Self(Box::pin(wait));
        let poll = begun.poll();
        (begun, poll)
    }

    /// Polled once, and found waiting.
    pub fn waiting(wait: impl Future<Output = T> + Send + 'static) -> Self {
        let (begun, poll) = Self::new(wait);
        assert!(poll.is_pending());
        begun
    }

    pub fn poll(&mut self) -> Poll<T> {
        self.0
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Waits on, with another waker than before.
    pub fn finish(self) -> T {
        block_on(self.0)
    }
}
