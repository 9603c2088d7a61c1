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
use weft_channel::{Attachment, Batch, Frames, ReadError, Reader, WriteError, Writer};

use crate::reference::{Frame, Handle, Ticket};

/// What comes of a write or a read, of one frame or of many.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// How many frames were sent.
    Wrote(Result<u32, WriteError>),
    /// No frames is the end.
    Read(Result<Vec<Frame>, ReadError>),
}

/// The handles that came with frames, by the index of the frame.
pub type Attached = Vec<(usize, Attachment)>;

/// What a write sends.
pub enum Offer {
    Frame(Bytes),
    Batch(Batch),
    With(Bytes, Attachment),
}

/// What is waited for, so that the model can be asked for the same.
#[derive(Debug)]
pub enum What {
    Write {
        writer: u32,
        frames: Vec<Bytes>,
        ticket: Ticket,
        handle: Option<Handle>,
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
    future: Pin<Box<dyn Future<Output = (Done, Attached)>>>,
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
    pub fn new(what: What, future: impl Future<Output = (Done, Attached)> + 'static) -> Self {
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

    pub fn poll(&mut self, with_new_waker: bool) -> Poll<(Done, Attached)> {
        if with_new_waker {
            self.flag = Arc::default();
        }
        self.flag.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.flag));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

pub async fn write(writer: Arc<Writer>, offer: Offer) -> (Done, Attached) {
    let wrote = match offer {
        Offer::Frame(frame) => writer.write(frame).await.map(u32::from),
        Offer::Batch(batch) => writer.write_batch(batch).await,
        Offer::With(frame, handle) => {
            let attached = vec![handle].into();
            writer.write_with(frame, attached).await.map(u32::from)
        }
    };
    (Done::Wrote(wrote), vec![])
}

/// The same without waiting.
pub fn try_write(writer: &Writer, offer: Offer) -> Done {
    Done::Wrote(match offer {
        Offer::Frame(frame) => writer.try_write(frame).map(u32::from),
        Offer::Batch(batch) => writer.try_write_batch(batch),
        Offer::With(frame, handle) => {
            let attached = vec![handle].into();
            writer.try_write_with(frame, attached).map(u32::from)
        }
    })
}

/// A read of one frame where there is no limit, else of a batch.
pub async fn read(reader: Arc<Reader>, limits: Option<(u32, u64)>) -> (Done, Attached) {
    match limits {
        None => one(reader.read().await),
        Some((frames, bytes)) => many(reader.read_batch(frames, bytes).await),
    }
}

/// The same without waiting.
pub fn try_read(reader: &Reader, limits: Option<(u32, u64)>) -> (Done, Attached) {
    match limits {
        None => one(reader.try_read()),
        Some((frames, bytes)) => many(reader.try_read_batch(frames, bytes)),
    }
}

pub fn batch(frames: &[Bytes]) -> Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += frame.len() as u32;
        end
    });
    Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

fn one(read: Result<Option<weft_channel::Frame>, ReadError>) -> (Done, Attached) {
    let mut attached = vec![];
    let frames = read.map(|frame| {
        let frame = frame.map(|frame| {
            attached.extend(frame.attached.into_iter().map(|it| (0, it)));
            (frame.writer, frame.payload)
        });
        frame.into_iter().collect()
    });
    (Done::Read(frames), attached)
}

fn many(read: Result<Frames, ReadError>) -> (Done, Attached) {
    let mut attached = vec![];
    let frames = read.map(|mut frames| {
        for (at, handles) in frames.take_attached() {
            attached.extend(handles.into_iter().map(|it| (at, it)));
        }
        list(&frames)
    });
    (Done::Read(frames), attached)
}

/// Packed or one by one, they must be the same.
fn list(frames: &Frames) -> Vec<Frame> {
    let list: Vec<Frame> = frames
        .iter()
        .map(|frame| (frame.writer, frame.payload))
        .collect();
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
    list
}
