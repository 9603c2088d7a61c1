//! `channel`: the ends that the processes of a test hold, over the engine of the kit.
//!
//! Invariant: a process that has ended reads and writes nothing.

use crate::bindings::weft::fabric::channel as raw;
use crate::testing::engine::{self, Attachment, ReadFault, WriteFault};
use crate::testing::world::{Held, world};
use std::rc::Rc;

pub(super) fn sender(writer: &raw::Writer) -> Rc<engine::Writer> {
    world().held(writer.handle(), |held| match held {
        Held::Writer(end) => Some(Rc::clone(end)),
        _ => None,
    })
}

fn is_over() -> bool {
    world().process().is_some_and(|process| process.is_over())
}

/// Takes a handle out of the table, to travel with a frame.
#[allow(clippy::panic, reason = "a test says no by panicking")]
pub(in crate::testing) fn detach(handle: raw::Handle) -> Option<Attachment> {
    let handle = match &handle {
        raw::Handle::Channel(channel) => channel.take_handle(),
        raw::Handle::Reader(reader) => reader.take_handle(),
        raw::Handle::Writer(writer) => writer.take_handle(),
        raw::Handle::Lost => return None,
    };
    let attached = match world().release(handle)? {
        Held::Channel(channel, access) => {
            Rc::into_inner(channel).map(|it| Attachment::Channel(it, access))
        }
        Held::Reader(reader) => Rc::into_inner(reader).map(Attachment::Reader),
        Held::Writer(writer) => Rc::into_inner(writer).map(Attachment::Writer),
        _ => None,
    };
    match attached {
        Some(attached) => Some(attached),
        None => panic!("a handle was given away while a call with it was under way"),
    }
}

/// Puts a handle into the table.
fn attach(attached: Attachment) -> raw::Handle {
    match attached {
        Attachment::Channel(end, access) => raw::Handle::Channel(channel::made(end, access)),
        Attachment::Reader(end) => raw::Handle::Reader(reader::made(end)),
        Attachment::Writer(end) => raw::Handle::Writer(writer::made(end)),
    }
}

impl From<ReadFault> for raw::ReadError {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Lagged(frames) => raw::ReadError::Lagged(frames),
            ReadFault::Terminated => raw::ReadError::Terminated,
            ReadFault::WouldBlock => raw::ReadError::WouldBlock,
        }
    }
}

impl From<WriteFault> for raw::WriteError {
    fn from(fault: WriteFault) -> Self {
        match fault {
            WriteFault::Drained => raw::WriteError::Drained,
            WriteFault::Terminated => raw::WriteError::Terminated,
            WriteFault::TooLarge(most) => raw::WriteError::TooLarge(most),
            WriteFault::WouldBlock => raw::WriteError::WouldBlock,
        }
    }
}

#[allow(
    clippy::module_inception,
    reason = "the resource has the name of its interface"
)]
pub(crate) mod channel;

pub(crate) mod writer;

pub(crate) mod reader;
