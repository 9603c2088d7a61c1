//! The resource `channel`: handles of whole channels.

use crate::bindings::weft::fabric::channel::{
    Access, Backpressure, Channel, Options, Reader, Stats, Writer,
};
use crate::bindings::weft::fabric::types::Error;
use crate::testing::engine;
use crate::testing::world::{Held, Shown, world};
use std::rc::Rc;

pub(in crate::testing) fn held(this: &Channel) -> (Rc<engine::Channel>, u8) {
    world().held(this.handle(), |held| match held {
        Held::Channel(channel, access) => Some((Rc::clone(channel), *access)),
        _ => None,
    })
}

pub(in crate::testing) fn made(channel: engine::Channel, access: u8) -> Channel {
    let handle = world().hold(Held::Channel(Rc::new(channel), access));
    crate::bindings::new_channel(handle)
}

/// The channel, if this handle may be used so.
fn allowed(this: &Channel, access: Access, name: &str) -> Result<Rc<engine::Channel>, Error> {
    let (channel, held) = held(this);
    if Access::from_bits_retain(held).contains(access) {
        Ok(channel)
    } else {
        Err(Error::PermissionDenied(format!("{name}(handle)")))
    }
}

fn reads(access: Access) -> bool {
    access.intersects(Access::STRONG_READERS | Access::WEAK_READERS)
}

pub(crate) fn create(options: Options) -> Result<Channel, Error> {
    if options.capacity == 0 {
        let text = "the capacity of a channel must be at least 1 byte";
        return Err(Error::InvalidArgument(text.to_owned()));
    }
    let dropping = options.backpressure == Backpressure::Drop;
    let channel = engine::Channel::new(options.capacity, dropping);
    Ok(made(channel, Access::all().bits()))
}

pub(crate) fn attach(token: &str) -> Result<Channel, Error> {
    let found = {
        let world = world();
        let tokens = world.tokens.borrow();
        let shown = tokens.get(token);
        shown.map(|(channel, access)| (channel.narrow(true), *access))
    };
    let (channel, access) = found.ok_or_else(|| Error::NotFound(token.to_owned()))?;
    Ok(made(channel, access))
}

pub(crate) fn narrow(this: &Channel, access: Access) -> Result<Channel, Error> {
    let (channel, held) = held(this);
    let access = Access::from_bits_retain(held) & access;
    Ok(made(channel.narrow(reads(access)), access.bits()))
}

pub(crate) fn access(this: &Channel) -> Access {
    Access::from_bits_retain(held(this).1)
}

pub(crate) fn share(this: &Channel) -> Result<String, Error> {
    let channel = allowed(this, Access::LIFECYCLE, "channel-lifecycle")?;
    let token = token(this);
    let shown: Shown = (channel.narrow(true), held(this).1);
    world().tokens.borrow_mut().insert(token.clone(), shown);
    Ok(token)
}

pub(crate) fn revoke(this: &Channel) -> Result<(), Error> {
    allowed(this, Access::LIFECYCLE, "channel-lifecycle")?;
    let shown = world().tokens.borrow_mut().remove(&token(this));
    drop(shown);
    Ok(())
}

fn token(this: &Channel) -> String {
    format!("token-{}", this.handle())
}

pub(crate) fn strong_writer(this: &Channel) -> Result<Writer, Error> {
    writer(this, true)
}

pub(crate) fn weak_writer(this: &Channel) -> Result<Writer, Error> {
    writer(this, false)
}

fn writer(this: &Channel, strong: bool) -> Result<Writer, Error> {
    let channel = allowed(this, Access::WRITERS, "channel-writer")?;
    let writer = channel.writer(strong).ok_or(Error::Closed)?;
    Ok(super::writer::made(writer))
}

pub(crate) fn strong_reader(this: &Channel) -> Result<Reader, Error> {
    let channel = allowed(this, Access::STRONG_READERS, "channel-reader")?;
    Ok(super::reader::made(channel.reader(true)))
}

pub(crate) fn weak_reader(this: &Channel) -> Result<Reader, Error> {
    let channel = allowed(this, Access::WEAK_READERS, "channel-reader")?;
    Ok(super::reader::made(channel.reader(false)))
}

pub(crate) fn drain(this: &Channel) -> Result<(), Error> {
    allowed(this, Access::LIFECYCLE, "channel-lifecycle")?.drain();
    Ok(())
}

pub(crate) fn terminate(this: &Channel) -> Result<(), Error> {
    allowed(this, Access::LIFECYCLE, "channel-lifecycle")?.terminate();
    Ok(())
}

pub(crate) fn stats(this: &Channel) -> Stats {
    let stats = held(this).0.stats();
    Stats {
        frames_written: stats.written,
        frames_dropped: stats.dropped,
        frames_held: stats.held,
        bytes_held: stats.bytes,
        capacity: stats.capacity,
        strong_writers: stats.writers.0,
        weak_writers: stats.writers.1,
        strong_readers: stats.readers.0,
        weak_readers: stats.readers.1,
    }
}
