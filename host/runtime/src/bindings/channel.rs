//! `weft:fabric/channel`: channels and their ends. The calls that wait suspend
//! the guest's fiber.

use super::generated::weft::fabric::channel::{
    self as wit, Backpressure, Frame, Options, PackedFrames, ReadError, Stats, WriteError,
};
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, ReaderHandle, WriterHandle};
use crate::capability::Right;
use crate::process::ProcessState;
use bytes::Bytes;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Resource;
use weft_channel::{Batch, Channel, OpenError, Reader, Writer};

type Answer<T> = Result<std::result::Result<T, Error>>;

impl ProcessState {
    /// The end behind a writer, if the process may write.
    pub(super) fn writer(
        &self,
        handle: &Resource<WriterHandle>,
    ) -> Result<std::result::Result<Arc<Writer>, WriteError>> {
        let writer = self.table.get(handle)?.0.clone();
        Ok(self
            .require(Right::ChannelWriter)
            .map(|()| writer)
            .map_err(WriteError::PermissionDenied))
    }

    /// The end behind a reader, if the process may read.
    pub(super) fn reader(
        &self,
        handle: &Resource<ReaderHandle>,
    ) -> Result<std::result::Result<Arc<Reader>, ReadError>> {
        let reader = self.table.get(handle)?.0.clone();
        Ok(self
            .require(Right::ChannelReader)
            .map(|()| reader)
            .map_err(ReadError::PermissionDenied))
    }

    fn open_writer(
        &mut self,
        handle: &Resource<ChannelHandle>,
        open: fn(&Channel) -> std::result::Result<Writer, OpenError>,
    ) -> Answer<Resource<WriterHandle>> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(Right::ChannelWriter)?;
            not_a_log(&held, "writers")?;
            Ok(self.table.push(WriterHandle::from(open(&held.channel)?))?)
        })())
    }

    fn open_reader(
        &mut self,
        handle: &Resource<ChannelHandle>,
        strong: bool,
    ) -> Answer<Resource<ReaderHandle>> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(Right::ChannelReader)?;
            let reader = if strong {
                not_a_log(&held, "strong readers")?;
                held.channel.strong_reader()
            } else {
                held.channel.weak_reader()
            };
            Ok(self.table.push(ReaderHandle::from(reader))?)
        })())
    }

    fn end_channel(&mut self, handle: &Resource<ChannelHandle>, end: fn(&Channel)) -> Answer<()> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(Right::ChannelLifecycle)?;
            not_a_log(&held, "an end from outside")?;
            end(&held.channel);
            Ok(())
        })())
    }
}

/// A log that was looked up is there to be read.
fn not_a_log(held: &ChannelHandle, what: &str) -> std::result::Result<(), Error> {
    if held.log {
        return Err(Error::Unsupported(format!(
            "the log of a process takes no {what}"
        )));
    }
    Ok(())
}

/// What a packed write needs, checked.
pub(super) fn batch(ends: Vec<u32>, payload: Vec<u8>) -> std::result::Result<Batch, WriteError> {
    Batch::new(ends, Bytes::from(payload)).map_err(|_| WriteError::MalformedBatch)
}

pub(super) fn frame(frame: weft_channel::Frame) -> Frame {
    Frame {
        writer: frame.writer,
        payload: frame.payload.into(),
    }
}

impl wit::Host for ProcessState {}

impl wit::HostChannel for ProcessState {
    fn create(&mut self, options: Options) -> Answer<Resource<ChannelHandle>> {
        Ok((|| {
            self.allow(Right::ChannelLifecycle)?;
            let most = self.live_host()?.config.max_channel_capacity;
            if options.capacity > most {
                let capacity = options.capacity;
                return Err(Error::InvalidArgument(format!(
                    "capacity: {capacity} bytes given, this host allows 1 to {most}"
                )));
            }
            let backpressure = match options.backpressure {
                Backpressure::Park => weft_channel::Backpressure::Park,
                Backpressure::Drop => weft_channel::Backpressure::Drop,
            };
            let options = weft_channel::Options {
                capacity: options.capacity,
                backpressure,
            };
            let channel = Channel::new(options)
                .map_err(|error| Error::InvalidArgument(format!("capacity: {error}")))?;
            Ok(self.table.push(ChannelHandle::from(channel))?)
        })())
    }

    fn attach(&mut self, token: String) -> Answer<Resource<ChannelHandle>> {
        Ok((|| {
            self.allow(Right::ChannelLifecycle)?;
            let found = self.live_host()?.shares.find(&token);
            let (channel, share) = found
                .ok_or_else(|| Error::NotFound("no channel is shared by this token".into()))?;
            let handle = ChannelHandle {
                share,
                ..channel.into()
            };
            Ok(self.table.push(handle)?)
        })())
    }

    fn share(&mut self, this: Resource<ChannelHandle>) -> Answer<String> {
        let held = self.table.get(&this)?.clone();
        Ok((|| {
            self.allow(Right::ChannelLifecycle)?;
            not_a_log(&held, "sharing")?;
            let host = self.live_host()?;
            host.shares
                .share(&held.channel, &held.share)
                .map_err(|error| Error::Failed(error.to_string()))
        })())
    }

    fn revoke(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let held = self.table.get(&this)?.clone();
        Ok(self
            .allow(Right::ChannelLifecycle)
            .map(|()| held.share.revoke()))
    }

    fn strong_writer(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<WriterHandle>> {
        self.open_writer(&this, Channel::strong_writer)
    }

    fn weak_writer(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<WriterHandle>> {
        self.open_writer(&this, Channel::weak_writer)
    }

    fn strong_reader(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<ReaderHandle>> {
        self.open_reader(&this, true)
    }

    fn weak_reader(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<ReaderHandle>> {
        self.open_reader(&this, false)
    }

    fn drain(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        self.end_channel(&this, Channel::drain)
    }

    fn terminate(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        self.end_channel(&this, Channel::terminate)
    }

    fn stats(&mut self, this: Resource<ChannelHandle>) -> Result<Stats> {
        let stats = self.table.get(&this)?.channel.stats();
        Ok(Stats {
            frames_written: stats.frames_written,
            frames_dropped: stats.frames_dropped,
            frames_held: stats.frames_held,
            bytes_held: stats.bytes_held,
            capacity: stats.capacity,
            strong_writers: stats.strong_writers,
            weak_writers: stats.weak_writers,
            strong_readers: stats.strong_readers,
            weak_readers: stats.weak_readers,
        })
    }

    fn drop(&mut self, this: Resource<ChannelHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostWriter for ProcessState {
    fn id(&mut self, this: Resource<WriterHandle>) -> Result<u32> {
        Ok(self.table.get(&this)?.0.id())
    }

    async fn write(
        &mut self,
        this: Resource<WriterHandle>,
        payload: Vec<u8>,
    ) -> Result<std::result::Result<bool, WriteError>> {
        let writer = match self.writer(&this)? {
            Ok(writer) => writer,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(writer.write(Bytes::from(payload)).await.map_err(Into::into))
    }

    fn try_write(
        &mut self,
        this: Resource<WriterHandle>,
        payload: Vec<u8>,
    ) -> Result<std::result::Result<bool, WriteError>> {
        Ok(self
            .writer(&this)?
            .and_then(|writer| writer.try_write(Bytes::from(payload)).map_err(Into::into)))
    }

    async fn write_packed(
        &mut self,
        this: Resource<WriterHandle>,
        ends: Vec<u32>,
        payload: Vec<u8>,
    ) -> Result<std::result::Result<u32, WriteError>> {
        let checked = self
            .writer(&this)?
            .and_then(|writer| Ok((writer, batch(ends, payload)?)));
        match checked {
            Ok((writer, batch)) => Ok(writer.write_batch(batch).await.map_err(Into::into)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn downgrade(&mut self, this: Resource<WriterHandle>) -> Result<Resource<WriterHandle>> {
        let handle = self.table.delete(this)?;
        handle.0.set_weak();
        Ok(self.table.push(handle)?)
    }

    fn drop(&mut self, this: Resource<WriterHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostReader for ProcessState {
    async fn read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<std::result::Result<Option<Frame>, ReadError>> {
        let reader = match self.reader(&this)? {
            Ok(reader) => reader,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(reader
            .read()
            .await
            .map(|next| next.map(frame))
            .map_err(Into::into))
    }

    fn try_read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<std::result::Result<Option<Frame>, ReadError>> {
        Ok(self.reader(&this)?.and_then(|reader| {
            reader
                .try_read()
                .map(|next| next.map(frame))
                .map_err(Into::into)
        }))
    }

    async fn read_packed(
        &mut self,
        this: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<std::result::Result<PackedFrames, ReadError>> {
        let reader = match self.reader(&this)? {
            Ok(reader) => reader,
            Err(denied) => return Ok(Err(denied)),
        };
        let frames = reader.read_batch(max_frames, u64::from(max_bytes)).await;
        Ok(frames
            .map(|frames| frames.pack().into())
            .map_err(Into::into))
    }

    fn downgrade(&mut self, this: Resource<ReaderHandle>) -> Result<Resource<ReaderHandle>> {
        let handle = self.table.delete(this)?;
        handle.0.set_weak();
        Ok(self.table.push(handle)?)
    }

    fn drop(&mut self, this: Resource<ReaderHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
