//! The `reader` resource, and what all reads have in common.

use super::frames::{Frame, PackedFrames};
use crate::account::Good;
use crate::channel::Committed;
use crate::hostcalls::Call;
use crate::interface::ReaderHandle;
use crate::interface::generated::weft::fabric::channel::{
    self as wit, Delivery, Handle, PackedDelivery, ReadError, WriteError,
};
use crate::interface::generated::weft::fabric::types::Error;
use crate::kept;
use crate::process::{ProcessState, handoff};
use bytes::Bytes;
use std::result::Result as Answer;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::Resource;
use weft_channel::{Attachment, Frames};

impl ProcessState {
    /// The end behind a reader, if the process may read.
    pub(super) fn reader(
        &self,
        handle: &Resource<ReaderHandle>,
        call: Call,
    ) -> Result<Answer<&ReaderHandle, ReadError>> {
        let reader = self.table.get(handle)?;
        handoff::called();
        Ok(self
            .permit(call)
            .map(|()| reader)
            .map_err(ReadError::PermissionDenied))
    }

    /// Keeps what was read from a committed reader. What cannot be paid for is not kept, and the log says so.
    pub(crate) fn keep(&self, committed: Option<&Committed>, frames: Frames) {
        let Some(committed) = committed else {
            return;
        };
        if let Err(exhausted) = committed.took(frames, &self.account) {
            let text = format!("what was read is not kept for a restart: {exhausted}");
            self.log.note_limit(exhausted.limit(), &text);
        }
    }

    /// A frame as the guest gets it, its handles in the guest's table.
    pub(super) fn deliver(
        &mut self,
        committed: &Option<Arc<Committed>>,
        read: Answer<Option<weft_channel::Frame>, weft_channel::ReadError>,
    ) -> Answer<Option<Delivery>, ReadError> {
        let read = read?;
        if let (Some(committed), Some(frame)) = (committed, &read) {
            // A part would keep the whole batch.
            let payload = match frame.kept_bytes() > frame.payload.len() {
                true => Bytes::copy_from_slice(&frame.payload),
                false => frame.payload.clone(),
            };
            let kept = weft_channel::Frame::new(frame.writer, payload, Vec::new());
            self.keep(Some(committed), Frames::from_iter([kept]));
        }
        Ok(read.map(|frame| Delivery {
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
        committed: &Option<Arc<Committed>>,
        read: Answer<Frames, weft_channel::ReadError>,
    ) -> Answer<PackedDelivery, ReadError> {
        let mut frames = read?;
        let handles: Vec<_> = frames
            .take_attached()
            .into_iter()
            // An index is below the number of frames asked for, which is a `u32`.
            .filter_map(|(index, attached)| Some((index as u32, self.detach(attached)?)))
            .collect();
        let packed = frames.pack().into();
        self.keep(committed.as_deref(), frames);
        Ok(PackedDelivery {
            frames: packed,
            handles: (!handles.is_empty()).then_some(handles),
        })
    }
}

/// Frames that a guest gives back, each with its handles.
fn unpack(
    frames: PackedFrames,
    attached: Vec<(u32, Vec<Attachment>)>,
) -> Answer<Vec<weft_channel::Frame>, Error> {
    let invalid = |text: &str| Error::InvalidArgument(format!("frames: {text}"));
    let PackedFrames {
        ends,
        writers,
        payload,
    } = frames;
    if writers.len() != ends.len() {
        return Err(invalid("there must be one writer for each end"));
    }
    let mut start = 0;
    let mut unpacked = Vec::with_capacity(ends.len());
    for (end, writer) in ends.into_iter().zip(writers) {
        let part = payload.get(start..end as usize);
        let part = part.ok_or_else(|| invalid("the ends must ascend within the payload"))?;
        // Each with its own memory: read one by one, they are let go one by one.
        let part = Bytes::copy_from_slice(part);
        unpacked.push(weft_channel::Frame::new(writer, part, Vec::new()));
        start = end as usize;
    }
    if start != payload.len() {
        return Err(invalid("the last end must be that of the payload"));
    }
    for (index, mut handles) in attached {
        let frame = unpacked.get_mut(index as usize);
        let frame = frame.ok_or_else(|| invalid("handles must be those of a frame"))?;
        frame.attached.append(&mut handles);
    }
    Ok(unpacked)
}

/// Why handles were not taken, for a call that is no write.
fn unattached(error: WriteError) -> Error {
    match error {
        WriteError::PermissionDenied(name) => Error::PermissionDenied(name),
        WriteError::Exhausted(text) => Error::Exhausted(text),
        WriteError::TooManyHandles(most) => {
            Error::InvalidArgument(format!("handles: at most {most} may come with one frame"))
        }
        other => Error::Failed(format!("{other:?}")),
    }
}

impl wit::HostReader for ProcessState {
    async fn read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderRead);
        let (committed, read) = match self.reader(&this, Call::ChannelReaderRead)? {
            Ok(source) => {
                source.read_on();
                let read = source.read(&self.shared).await;
                (source.committed.clone(), read)
            }
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(&committed, read))
    }

    fn try_read(
        &mut self,
        this: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderTryRead);
        let (committed, read) = match self.reader(&this, Call::ChannelReaderTryRead)? {
            Ok(source) => {
                source.read_on();
                let read = source.try_read(&self.shared);
                (source.committed.clone(), read)
            }
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(&committed, read))
    }

    async fn read_within(
        &mut self,
        this: Resource<ReaderHandle>,
        milliseconds: u32,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderReadWithin);
        let patience = Duration::from_millis(milliseconds.into());
        let (committed, read) = match self.reader(&this, Call::ChannelReaderReadWithin)? {
            Ok(source) => {
                source.read_on();
                let read = tokio::time::timeout(patience, source.read(&self.shared)).await;
                let nothing = Err(weft_channel::ReadError::WouldBlock);
                (source.committed.clone(), read.unwrap_or(nothing))
            }
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver(&committed, read))
    }

    async fn read_packed(
        &mut self,
        this: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedDelivery, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderReadPacked);
        let (committed, read) = match self.reader(&this, Call::ChannelReaderReadPacked)? {
            Ok(source) => {
                let bounds = source.read_on_within(max_frames, max_bytes.into());
                let read = source.read_batch(&self.shared, bounds).await;
                (source.committed.clone(), read)
            }
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver_packed(&committed, read))
    }

    fn try_read_packed(
        &mut self,
        this: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedDelivery, ReadError>> {
        let _timed = self.timed(Call::ChannelReaderTryReadPacked);
        let (committed, read) = match self.reader(&this, Call::ChannelReaderTryReadPacked)? {
            Ok(source) => {
                let bounds = source.read_on_within(max_frames, max_bytes.into());
                let read = source.try_read_batch(&self.shared, bounds);
                (source.committed.clone(), read)
            }
            Err(denied) => return Ok(Err(denied)),
        };
        Ok(self.deliver_packed(&committed, read))
    }

    fn put_back(
        &mut self,
        this: Resource<ReaderHandle>,
        frames: PackedFrames,
        handles: Vec<(u32, Vec<Handle>)>,
    ) -> Result<Answer<(), Error>> {
        let _timed = self.timed(Call::ChannelReaderPutBack);
        let mut attached = Vec::with_capacity(handles.len());
        let mut refused = None;
        for (index, handles) in handles {
            match self.attach(handles)? {
                // Paid for below, together.
                Ok(handles) => attached.push((index, handles.into_vec())),
                Err(error) => refused = Some(unattached(error)),
            }
        }
        let handle = self.table.get(&this)?.clone();
        Ok((|| {
            self.allow(Call::ChannelReaderPutBack)?;
            if let Some(error) = refused {
                return Err(error);
            }
            let frames = unpack(frames, attached)?;
            let bytes = frames
                .iter()
                .map(|frame| frame.payload.len() as u64)
                .sum::<u64>();
            let weight = kept::RETURNED + kept::RETURNED * frames.len() as u64 + bytes;
            let handles = frames.iter().map(|frame| frame.attached.len() as u64).sum();
            let handles = self.account.charge(Good::SentHandles, handles)?;
            let charge = (self.account.charge(Good::HostBytes, weight)?, handles);
            let count = frames.len();
            handle.reader.put_back(frames, Some(Arc::new(charge)));
            if let Some(committed) = &handle.committed {
                committed.given_back(count);
            }
            Ok(())
        })())
    }

    fn commit(&mut self, this: Resource<ReaderHandle>, frames: u32) -> Result<()> {
        let _timed = self.timed(Call::ChannelReaderCommit);
        if let Some(committed) = &self.table.get(&this)?.committed {
            committed.commit(frames);
        }
        Ok(())
    }

    fn attempt(&mut self, this: Resource<ReaderHandle>) -> Result<u32> {
        let _timed = self.timed(Call::ChannelReaderAttempt);
        let committed = self.table.get(&this)?.committed.as_ref();
        Ok(committed.map_or(0, |committed| committed.attempt()))
    }

    fn end_at_stop(&mut self, this: Resource<ReaderHandle>, on: bool) -> Result<()> {
        let _timed = self.timed(Call::ChannelReaderEndAtStop);
        self.table.get_mut(&this)?.ends_at_stop = on;
        Ok(())
    }

    fn is_stopped(&mut self, this: Resource<ReaderHandle>) -> Result<bool> {
        let _timed = self.timed(Call::ChannelReaderIsStopped);
        Ok(self.table.get(&this)?.is_stopped(&self.shared))
    }

    async fn downgrade(&mut self, this: Resource<ReaderHandle>) -> Result<Resource<ReaderHandle>> {
        let _timed = self.timed(Call::ChannelReaderDowngrade);
        let reader = self.table.get(&this)?.reader.clone();
        // Where it fails, every later call of this end says so.
        let _ = reader.ask_weak().await;
        drop(reader);
        // Taken out only now, so that there is a place for it.
        let handle = self.table.delete(this)?;
        Ok(self.table.push(handle)?)
    }

    fn drop(&mut self, this: Resource<ReaderHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
