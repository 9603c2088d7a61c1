//! The `reader` resource, and what all reads have in common.

use super::ReaderHandle;
use super::frames::Frame;
use super::generated::weft::fabric::channel::{self as wit, Delivery, PackedDelivery, ReadError};
use crate::capability::Right;
use crate::metrics::Call;
use crate::process::ProcessState;
use std::result::Result as Answer;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Resource;
use weft_channel::{Frames, Reader};

impl ProcessState {
    /// The end behind a reader, if the process may read.
    pub(super) fn reader(
        &self,
        handle: &Resource<ReaderHandle>,
    ) -> Result<Answer<&Arc<Reader>, ReadError>> {
        let reader = &self.table.get(handle)?.0;
        Ok(self
            .require(Right::ChannelReader)
            .map(|()| reader)
            .map_err(ReadError::PermissionDenied))
    }

    /// A frame as the guest gets it, its handles in the guest's table.
    pub(super) fn deliver(
        &mut self,
        read: Answer<Option<weft_channel::Frame>, weft_channel::ReadError>,
    ) -> Answer<Option<Delivery>, ReadError> {
        Ok(read?.map(|frame| Delivery {
            frame: Frame {
                writer: frame.writer,
                payload: frame.payload,
            },
            handles: self.detach(frame.attached),
        }))
    }

    /// Frames as the guest gets them, their handles in the guest's table.
    pub(super) fn deliver_packed(
        &mut self,
        read: Answer<Frames, weft_channel::ReadError>,
    ) -> Answer<PackedDelivery, ReadError> {
        let mut frames = read?;
        let handles: Vec<_> = frames
            .take_attached()
            .into_iter()
            // An index is below the number of frames asked for, which is a `u32`.
            .filter_map(|(index, attached)| Some((index as u32, self.detach(attached)?)))
            .collect();
        Ok(PackedDelivery {
            frames: frames.pack().into(),
            handles: (!handles.is_empty()).then_some(handles),
        })
    }
}

impl wit::HostReader for ProcessState {
    async fn read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderRead);
        let read = match self.reader(&this)? {
            Ok(reader) => reader.read().await,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(read))
    }

    fn try_read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderTryRead);
        let read = match self.reader(&this)? {
            Ok(reader) => reader.try_read(),
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(read))
    }

    async fn read_within(
        &mut self,
        this: Resource<ReaderHandle>,
        milliseconds: u32,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderReadWithin);
        let patience = Duration::from_millis(milliseconds.into());
        let read = match self.reader(&this)? {
            Ok(reader) => tokio::time::timeout(patience, reader.read())
                .await
                .unwrap_or(Err(weft_channel::ReadError::WouldBlock)),
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(read))
    }

    async fn read_packed(
        &mut self,
        this: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedDelivery, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderReadPacked);
        let read = match self.reader(&this)? {
            Ok(reader) => reader.read_batch(max_frames, max_bytes.into()).await,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver_packed(read))
    }

    fn try_read_packed(
        &mut self,
        this: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedDelivery, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderTryReadPacked);
        let read = match self.reader(&this)? {
            Ok(reader) => reader.try_read_batch(max_frames, max_bytes.into()),
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver_packed(read))
    }

    fn downgrade(&mut self, this: Resource<ReaderHandle>) -> Result<Resource<ReaderHandle>> {
        let _timed = self.timed(Call::ChannelReaderDowngrade);
        let handle = self.table.delete(this)?;
        handle.0.set_weak();
        Ok(self.table.push(handle)?)
    }

    fn drop(&mut self, this: Resource<ReaderHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
