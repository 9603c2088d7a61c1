//! What the tests share: short constructors, futures polled by hand, bounded waits.
//!
//! Invariant: nothing here sleeps. The limit on waits only turns a hang into a failure.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic)]

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use bytes::Bytes;
use weft_channel::{Backpressure, Batch, Channel, Frame, Frames, Options, ReadError, Reader};

pub fn block(capacity: u64) -> Channel {
    channel(capacity, Backpressure::Block)
}

pub fn dropping(capacity: u64) -> Channel {
    channel(capacity, Backpressure::Drop)
}

pub fn channel(capacity: u64, backpressure: Backpressure) -> Channel {
    Channel::new(Options::new(capacity).backpressure(backpressure)).unwrap()
}

/// A batch of these frames.
pub fn batch(frames: &[&str]) -> Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += frame.len() as u32;
        end
    });
    let ends = ends.collect();
    Batch::new(ends, frames.concat().into()).unwrap()
}

/// The payloads of these frames.
pub fn texts(frames: &Frames) -> Vec<String> {
    frames.iter().map(|frame| text(&frame.payload)).collect()
}

/// Who sent what, of a read that brought no handles.
pub fn plain(read: Result<Option<Frame>, ReadError>) -> Result<Option<(u32, Bytes)>, ReadError> {
    read.map(|frame| frame.map(sent))
}

/// Who sent what, of a frame without handles.
pub fn sent(frame: Frame) -> (u32, Bytes) {
    assert!(frame.attached.is_empty(), "nothing was attached");
    (frame.writer, frame.payload)
}

/// Everything that can be read now, as text; the error or `end` last.
pub fn rest(reader: &Reader) -> Vec<String> {
    let mut read = Vec::new();
    loop {
        match reader.try_read() {
            Ok(Some(frame)) => read.push(text(&frame.payload)),
            Ok(None) => read.push("end".into()),
            Err(error) => read.push(format!("{error:?}")),
        }
        if matches!(
            read.last().unwrap().as_str(),
            "end" | "WouldBlock" | "Terminated"
        ) {
            return read;
        }
    }
}

fn text(payload: &[u8]) -> String {
    String::from_utf8(payload.to_vec()).unwrap()
}

/// A future polled by hand, with a count of how often it was woken.
pub struct Hand<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<F: Future> Hand<F> {
    pub fn new(future: F) -> Self {
        Self {
            future: Box::pin(future),
            wakes: Arc::default(),
        }
    }

    /// Polled once and found waiting.
    pub fn waiting(future: F) -> Self {
        let mut hand = Self::new(future);
        assert!(hand.poll().is_pending(), "should wait");
        assert_eq!(hand.wakes(), 0);
        hand
    }

    pub fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    pub fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }

    /// Drops the future; whether its waker is still kept somewhere.
    pub fn cancel_leaves_waker(self) -> bool {
        drop(self.future);
        Arc::strong_count(&self.wakes) > 1
    }

    /// The output of a future that was woken.
    pub fn woken(mut self) -> F::Output {
        assert!(self.wakes() > 0, "should have been woken");
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("woken for nothing"),
        }
    }
}

/// The output of a future that does not wait.
pub fn ready<F: Future>(future: F) -> F::Output {
    match Hand::new(future).poll() {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("should not wait"),
    }
}

/// Fails instead of hanging for ever.
pub async fn bounded<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), future)
        .await
        .unwrap()
}
