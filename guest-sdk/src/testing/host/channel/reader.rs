//! The resource `reader`, and the waits for frames.

use super::{attach, detach, is_over};
use crate::bindings::weft::fabric::channel::{Delivery, Handle, PackedDelivery, ReadError, Reader};
use crate::bindings::weft::fabric::frames::{Frame, PackedFrames};
use crate::bindings::weft::fabric::types::Error;
use crate::testing::engine::{self, Delivered};
use crate::testing::host::{clock, process_async};
use crate::testing::process::Count;
use crate::testing::world::{Held, world};
use futures::future::{Either, select};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

const NANOSECONDS: u64 = 1_000_000;

pub(in crate::testing) fn end(this: &Reader) -> Rc<engine::Reader> {
    world().held(this.handle(), |held| match held {
        Held::Reader(end) => Some(Rc::clone(end)),
        _ => None,
    })
}

pub(in crate::testing) fn made(end: engine::Reader) -> Reader {
    shared(Rc::new(end))
}

/// A handle of an end that the test has too.
pub(in crate::testing) fn shared(end: Rc<engine::Reader>) -> Reader {
    end.end_at_stop(false);
    let handle = world().hold(Held::Reader(end));
    crate::bindings::new_reader(handle)
}

/// The bounds of a batch, at least 1 each.
pub(crate) fn bounds(max_frames: u32, max_bytes: u32) -> (usize, usize) {
    (max_frames.max(1) as usize, max_bytes.max(1) as usize)
}

/// No more than the process may take in one call.
fn most(frames: usize) -> usize {
    let process = world().process();
    process.map_or(frames, |process| process.most_frames().min(frames))
}

/// As the bindings have them, and kept for a successor.
fn deliver(end: &engine::Reader, taken: Vec<Delivered>) -> Vec<Delivery> {
    if let Some(process) = world().process().filter(|_| !taken.is_empty()) {
        end.handed(&taken, process.id);
    }
    let frames: Vec<Delivery> = taken
        .into_iter()
        .map(|taken| Delivery {
            frame: Frame {
                writer: taken.writer,
                payload: taken.payload.to_vec(),
            },
            handles: Some(taken.handles.into_iter().map(attach).collect())
                .filter(|handles: &Vec<Handle>| !handles.is_empty()),
        })
        .collect();
    if let Some(process) = world().process().filter(|_| !frames.is_empty()) {
        process.count(Count::Read, frames.len());
    }
    frames
}

pub(crate) fn try_take(
    this: &Reader,
    frames: usize,
    bytes: usize,
) -> Result<Vec<Delivery>, ReadError> {
    if is_over() {
        return Err(ReadError::Terminated);
    }
    if is_stopped(this) {
        return Ok(Vec::new());
    }
    let end = end(this);
    let frames = end.read_on(most(frames));
    Ok(deliver(&end, end.try_take(frames, bytes)?))
}

pub(crate) async fn take(
    this: &Reader,
    frames: usize,
    bytes: usize,
) -> Result<Vec<Delivery>, ReadError> {
    if is_over() {
        return Err(ReadError::Terminated);
    }
    let _note = world().note("for a frame");
    let end = end(this);
    let frames = end.read_on(most(frames));
    let taken = unless_stopped(&end, end.take(frames, bytes)).await;
    Ok(deliver(&end, taken.unwrap_or(Ok(Vec::new()))?))
}

/// Waits for a read of it, and no longer than its reads go on. None: they have ended.
pub(in crate::testing) async fn unless_stopped<T>(
    end: &engine::Reader,
    read: impl Future<Output = T>,
) -> Option<T> {
    let stop = async {
        process_async::stop_request().await;
        if !end.ends_at_stop() || end.is_ending() {
            std::future::pending::<()>().await;
        }
    };
    match select(pin!(stop), pin!(read)).await {
        Either::Left(_) => None,
        Either::Right((read, _)) => Some(read),
    }
}

pub(crate) fn end_at_stop(this: &Reader, on: bool) {
    end(this).end_at_stop(on);
}

pub(crate) fn is_stopped(this: &Reader) -> bool {
    let process = world().process();
    let asked = process.is_some_and(|process| process.stop_requested());
    let end = end(this);
    asked && end.ends_at_stop() && !end.is_ending()
}

/// A process that has ended finishes nothing.
pub(crate) fn commit(this: &Reader, frames: u32) {
    if !is_over() {
        end(this).commit(frames);
    }
}

pub(crate) fn attempt(this: &Reader) -> u32 {
    end(this).attempt()
}

pub(crate) fn pack(frames: Vec<Delivery>) -> PackedDelivery {
    let (mut writers, mut ends, mut payload) = (Vec::new(), Vec::new(), Vec::new());
    let mut handles = Vec::new();
    for (index, delivery) in (0..).zip(frames) {
        writers.push(delivery.frame.writer);
        payload.extend(delivery.frame.payload);
        ends.push(u32::try_from(payload.len()).unwrap_or(u32::MAX));
        handles.extend(delivery.handles.map(|handles| (index, handles)));
    }
    PackedDelivery {
        frames: PackedFrames {
            ends,
            writers,
            payload,
        },
        handles: Some(handles).filter(|handles| !handles.is_empty()),
    }
}

pub(crate) fn read(this: &Reader) -> Result<Option<Delivery>, ReadError> {
    Ok(world()
        .block_on("for a frame", take(this, 1, usize::MAX))?
        .pop())
}

pub(crate) fn try_read(this: &Reader) -> Result<Option<Delivery>, ReadError> {
    Ok(try_take(this, 1, usize::MAX)?.pop())
}

pub(crate) fn read_within(this: &Reader, milliseconds: u32) -> Result<Option<Delivery>, ReadError> {
    let timer = clock::wait_for(u64::from(milliseconds) * NANOSECONDS);
    let read = async {
        match select(pin!(take(this, 1, usize::MAX)), pin!(timer)).await {
            Either::Left((read, _)) => Ok(read?.pop()),
            Either::Right(_) => Err(ReadError::WouldBlock),
        }
    };
    world().block_on("for a frame", read)
}

pub(crate) fn read_packed(
    this: &Reader,
    max_frames: u32,
    max_bytes: u32,
) -> Result<PackedDelivery, ReadError> {
    let (frames, bytes) = bounds(max_frames, max_bytes);
    let taken = world().block_on("for a frame", take(this, frames, bytes))?;
    Ok(pack(taken))
}

pub(crate) fn try_read_packed(
    this: &Reader,
    max_frames: u32,
    max_bytes: u32,
) -> Result<PackedDelivery, ReadError> {
    let (frames, bytes) = bounds(max_frames, max_bytes);
    Ok(pack(try_take(this, frames, bytes)?))
}

pub(crate) fn put_back(
    this: &Reader,
    frames: &PackedFrames,
    handles: Vec<(u32, Vec<Handle>)>,
) -> Result<(), Error> {
    let cut = super::writer::cut(&frames.ends, &frames.payload);
    let wrong = || Error::InvalidArgument("the lists do not fit each other".to_owned());
    let cut = cut.map_err(|_| wrong())?;
    if cut.len() != frames.writers.len() {
        return Err(wrong());
    }
    let pairs = cut.into_iter().zip(&frames.writers);
    let mut returned: Vec<Delivered> = pairs
        .map(|(payload, writer)| Delivered {
            writer: *writer,
            payload: Arc::from(payload),
            handles: Vec::new(),
        })
        .collect();
    for (index, handles) in handles {
        let frame = returned.get_mut(index as usize).ok_or_else(wrong)?;
        frame.handles = handles.into_iter().filter_map(detach).collect();
    }
    // What a process that has ended had taken is given back already.
    if !is_over() {
        end(this).put_back(returned);
    }
    Ok(())
}

pub(crate) fn downgrade(this: Reader) -> Reader {
    end(&this).weaken();
    this
}
