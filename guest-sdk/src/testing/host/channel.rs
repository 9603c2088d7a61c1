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
fn detach(handle: raw::Handle) -> Option<Attachment> {
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
pub(crate) mod channel {
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
}

pub(crate) mod writer {
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

    fn send_and_wait(
        this: &Writer,
        frames: &[&[u8]],
        handles: Vec<Handle>,
    ) -> Result<u32, WriteError> {
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

    pub(crate) fn write_packed(
        this: &Writer,
        ends: &[u32],
        payload: &[u8],
    ) -> Result<u32, WriteError> {
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

    pub(crate) fn downgrade(this: Writer) -> Writer {
        sender(&this).weaken();
        this
    }
}

pub(crate) mod reader {
    use super::{attach, detach, is_over};
    use crate::bindings::weft::fabric::channel::{
        Delivery, Handle, PackedDelivery, ReadError, Reader,
    };
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
        end.end_at_stop(false);
        let handle = world().hold(Held::Reader(Rc::new(end)));
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

    /// As the bindings have them.
    fn deliver(taken: Vec<Delivered>) -> Vec<Delivery> {
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
        Ok(deliver(end(this).try_take(most(frames), bytes)?))
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
        let taken = unless_stopped(&end, end.take(most(frames), bytes)).await;
        Ok(deliver(taken.unwrap_or(Ok(Vec::new()))?))
    }

    /// Waits for a read of it, and no longer than its reads go on. None: they have ended.
    pub(crate) async fn unless_stopped<T>(
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

    pub(crate) fn commit(_: &Reader, _: u32) {}

    pub(crate) fn attempt(_: &Reader) -> u32 {
        0
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

    pub(crate) fn read_within(
        this: &Reader,
        milliseconds: u32,
    ) -> Result<Option<Delivery>, ReadError> {
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
        end(this).put_back(returned);
        Ok(())
    }

    pub(crate) fn downgrade(this: Reader) -> Reader {
        end(&this).weaken();
        this
    }
}
