//! Reads and writes that wait, polled by hand.
//!
//! Invariant: a wait is woken by its newest waker only; one that it was polled with before
//! may be called, and counts for nothing.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::Bytes;
use weft_channel::{Batch, Frames, ReadError, Reader, WriteError, Writer};

use crate::reference::{Frame, Ticket};

/// What comes of a write or a read, of one frame or of many.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// How many frames were sent.
    Wrote(Result<u32, WriteError>),
    /// No frames is the end.
    Read(Result<Vec<Frame>, ReadError>),
}

/// What is waited for, so that the model can be asked for the same.
#[derive(Debug)]
pub enum What {
    Write {
        writer: u32,
        frames: Vec<Bytes>,
        ticket: Ticket,
    },
    Read {
        reader: u32,
        frames: u32,
        bytes: u64,
    },
}

/// A read or a write that was begun.
pub struct Wait {
    pub what: What,
    future: Pin<Box<dyn Future<Output = Done>>>,
    flag: Arc<Flag>,
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Wait {
    pub fn new(what: What, future: impl Future<Output = Done> + 'static) -> Self {
        Self {
            what,
            future: Box::pin(future),
            flag: Arc::default(),
        }
    }

    /// Whether it was woken since it was polled last.
    pub fn is_woken(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }

    pub fn poll(&mut self, with_new_waker: bool) -> Poll<Done> {
        if with_new_waker {
            self.flag = Arc::default();
        }
        self.flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.flag));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// A write of one frame where `batch` is not, else of a batch.
pub async fn write(writer: Arc<Writer>, frames: Vec<Bytes>, is_batch: bool) -> Done {
    Done::Wrote(match frames.as_slice() {
        [frame] if !is_batch => writer.write(frame.clone()).await.map(u32::from),
        _ => writer.write_batch(batch(&frames)).await,
    })
}

/// The same without waiting.
pub fn try_write(writer: &Writer, frames: &[Bytes], is_batch: bool) -> Done {
    Done::Wrote(match frames {
        [frame] if !is_batch => writer.try_write(frame.clone()).map(u32::from),
        _ => writer.try_write_batch(batch(frames)),
    })
}

/// A read of one frame where there is no limit, else of a batch.
pub async fn read(reader: Arc<Reader>, limits: Option<(u32, u64)>) -> Done {
    Done::Read(match limits {
        None => one(reader.read().await),
        Some((frames, bytes)) => many(reader.read_batch(frames, bytes).await),
    })
}

/// The same without waiting.
pub fn try_read(reader: &Reader, limits: Option<(u32, u64)>) -> Done {
    Done::Read(match limits {
        None => one(reader.try_read()),
        Some((frames, bytes)) => many(reader.try_read_batch(frames, bytes)),
    })
}

fn batch(frames: &[Bytes]) -> Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += frame.len() as u32;
        end
    });
    Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

fn one(read: Result<Option<weft_channel::Frame>, ReadError>) -> Result<Vec<Frame>, ReadError> {
    let frame = read?.map(|frame| (frame.writer, frame.payload));
    Ok(frame.into_iter().collect())
}

fn many(read: Result<Frames, ReadError>) -> Result<Vec<Frame>, ReadError> {
    let frames = read?;
    let list: Vec<Frame> = frames
        .iter()
        .map(|frame| (frame.writer, frame.payload))
        .collect();
    // Packed or one by one, they must be the same.
    let packed = frames.pack();
    assert_eq!(
        (list.len(), packed.payload.len()),
        (frames.len(), frames.bytes())
    );
    assert_eq!(packed.ends.len(), list.len());
    assert!(list.iter().map(|frame| frame.0).eq(packed.writers));
    let mut start = 0;
    for (frame, end) in list.iter().zip(packed.ends) {
        assert_eq!(packed.payload[start..end as usize], frame.1);
        start = end as usize;
    }
    assert_eq!(start, packed.payload.len());
    Ok(list)
}
