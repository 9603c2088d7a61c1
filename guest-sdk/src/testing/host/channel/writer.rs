//! The resource `writer`, and the waits for room.

use super::{attach, detach, is_over, sender};
use crate::bindings::weft::fabric::channel::{Handle, Unsent, WriteError, Writer};
use crate::testing::engine::{self, Attachment};
use crate::testing::process::Count;
use crate::testing::world::{Held, world};
use std::rc::Rc;

pub(in crate::testing) fn made(end: engine::Writer) -> Writer {
    let handle = world().hold(Held::Writer(Rc::new(end)));
    crate::bindings::new_writer(handle)
}

fn count(sent: u32) -> u32 {
    if let Some(process) = world().process().filter(|_| sent > 0) {
        process.count(Count::Written, sent as usize);
    }
    sent
}

fn try_send(
    this: &Writer,
    frames: &[&[u8]],
    handles: &mut Vec<Attachment>,
) -> Result<u32, WriteError> {
    if is_over() {
        return Err(WriteError::Terminated);
    }
    Ok(count(sender(this).try_send(frames, handles)?))
}

pub(crate) async fn send(
    this: &Writer,
    frames: &[&[u8]],
    handles: Vec<Handle>,
) -> Result<u32, WriteError> {
    if is_over() {
        return Err(WriteError::Terminated);
    }
    let _note = world().note("for room in a channel");
    let mut handles = handles.into_iter().filter_map(detach).collect();
    Ok(count(sender(this).send(frames, &mut handles).await?))
}

fn send_and_wait(this: &Writer, frames: &[&[u8]], handles: Vec<Handle>) -> Result<u32, WriteError> {
    world().block_on("for room in a channel", send(this, frames, handles))
}

/// The frames of a batch.
pub(crate) fn cut<'a>(ends: &[u32], payload: &'a [u8]) -> Result<Vec<&'a [u8]>, WriteError> {
    let mut start = 0;
    let frames = ends.iter().map(|end| {
        let frame = payload.get(start..*end as usize);
        start = *end as usize;
        frame.ok_or(WriteError::MalformedBatch)
    });
    let frames = frames.collect::<Result<Vec<_>, _>>()?;
    if start == payload.len() {
        Ok(frames)
    } else {
        Err(WriteError::MalformedBatch)
    }
}

pub(crate) fn id(this: &Writer) -> u32 {
    sender(this).id()
}

pub(crate) fn write(this: &Writer, payload: &[u8]) -> Result<bool, WriteError> {
    Ok(send_and_wait(this, &[payload], Vec::new())? > 0)
}

pub(crate) fn try_write(this: &Writer, payload: &[u8]) -> Result<bool, WriteError> {
    Ok(try_send(this, &[payload], &mut Vec::new())? > 0)
}

pub(crate) fn write_packed(this: &Writer, ends: &[u32], payload: &[u8]) -> Result<u32, WriteError> {
    send_and_wait(this, &cut(ends, payload)?, Vec::new())
}

pub(crate) fn try_write_packed(
    this: &Writer,
    ends: &[u32],
    payload: &[u8],
) -> Result<u32, WriteError> {
    try_send(this, &cut(ends, payload)?, &mut Vec::new())
}

pub(crate) fn write_with(
    this: &Writer,
    payload: &[u8],
    handles: Vec<Handle>,
) -> Result<bool, WriteError> {
    Ok(send_and_wait(this, &[payload], handles)? > 0)
}

pub(crate) fn try_write_with(
    this: &Writer,
    payload: &[u8],
    handles: Vec<Handle>,
) -> Result<bool, Unsent> {
    let mut handles = handles.into_iter().filter_map(detach).collect();
    match try_send(this, &[payload], &mut handles) {
        Ok(sent) => Ok(sent > 0),
        Err(error @ WriteError::WouldBlock) => Err(Unsent {
            error,
            handles: handles.into_iter().map(attach).collect(),
        }),
        Err(error) => Err(Unsent {
            error,
            handles: Vec::new(),
        }),
    }
}

pub(crate) fn is_unread(this: &Writer) -> bool {
    sender(this).is_unread()
}

/// Nothing has a name here.
pub(crate) fn channel_name(_: &Writer) -> Option<String> {
    None
}

pub(crate) fn downgrade(this: Writer) -> Writer {
    sender(&this).weaken();
    this
}
