//! The `writer` resource, and what all writes have in common.

use crate::account::{Account, Good};
use crate::hostcalls::Call;
use crate::interface::WriterHandle;
use crate::interface::generated::weft::fabric::channel::{self as wit, Handle, Unsent, WriteError};
use crate::limits::Limits;
use crate::process::{ProcessState, handoff};
use bytes::Bytes;
use std::result::Result as Answer;
use std::sync::Arc;
use std::task::Poll;
use wasmtime::Result;
use wasmtime::component::Resource;
use weft_channel::{Batch, MalformedBatch, Writer};

impl ProcessState {
    /// The end behind a writer, if the process may write.
    pub(super) fn writer(
        &self,
        handle: &Resource<WriterHandle>,
        call: Call,
    ) -> Result<Answer<&Arc<Writer>, WriteError>> {
        let writer = &self.table.get(handle)?.0;
        handoff::called();
        Ok(self
            .permit(call)
            .map(|()| writer)
            .map_err(WriteError::PermissionDenied))
    }

    /// What the embedder calls the channel that this writes to.
    pub(crate) fn name_of_channel(&self, writer: &Writer) -> Option<String> {
        self.host.upgrade()?.named.name_of(writer)
    }
}

/// A payload within the process's limit.
pub(super) fn payload(payload: Vec<u8>, limits: &Limits) -> Answer<Bytes, WriteError> {
    if payload.len() > limits.frame_bytes as usize {
        return Err(WriteError::TooLarge(limits.frame_bytes.into()));
    }
    Ok(Bytes::from(payload))
}

/// A batch, checked, of frames within the process's limit.
pub(super) fn batch(
    ends: Vec<u32>,
    payload: Vec<u8>,
    limits: &Limits,
) -> Answer<Batch, WriteError> {
    let batch = Batch::new(ends, Bytes::from(payload)).map_err(|error| match error {
        MalformedBatch::TooManyFrames(_) => WriteError::Exhausted(error.to_string()),
        _ => WriteError::MalformedBatch,
    })?;
    if batch.largest_frame() > limits.frame_bytes as usize {
        return Err(WriteError::TooLarge(limits.frame_bytes.into()));
    }
    Ok(batch)
}

/// Finishes a write; while it waits for room, what it weighs is charged to the process.
///
/// What waits is boxed: the future of a call is moved several times before it is polled.
pub(super) async fn finish<T>(
    mut write: impl Future<Output = Answer<T, weft_channel::WriteError>> + Send + Unpin,
    weight: usize,
    account: &Arc<Account>,
) -> Answer<T, WriteError> {
    if let Poll::Ready(written) = futures::poll!(&mut write) {
        return Ok(written?);
    }
    let charge = account.charge(Good::ChannelBytes, weight as u64);
    let _paid = charge.map_err(|error| WriteError::Exhausted(error.to_string()))?;
    Ok(Box::pin(write).await?)
}

impl Unsent {
    /// A write whose handles are gone.
    fn of(error: WriteError) -> Self {
        Unsent {
            error,
            handles: Vec::new(),
        }
    }
}

impl wit::HostWriter for ProcessState {
    fn id(&mut self, this: Resource<WriterHandle>) -> Result<u32> {
        let _timed = self.timed(Call::ChannelWriterId);
        Ok(self.table.get(&this)?.0.id())
    }

    async fn write(
        &mut self,
        this: Resource<WriterHandle>,
        bytes: Vec<u8>,
    ) -> Result<Answer<bool, WriteError>> {
        let _timed = self.timed(Call::ChannelWriterWrite);
        let size = bytes.len();
        let checked = self
            .writer(&this, Call::ChannelWriterWrite)?
            .and_then(|writer| Ok((writer, payload(bytes, &self.limits)?)));
        Ok(match checked {
            Ok((writer, payload)) => finish(writer.write(payload), size, &self.account).await,
            Err(error) => Err(error),
        })
    }

    fn try_write(
        &mut self,
        this: Resource<WriterHandle>,
        bytes: Vec<u8>,
    ) -> Result<Answer<bool, WriteError>> {
        let _timed = self.timed(Call::ChannelWriterTryWrite);
        Ok(self
            .writer(&this, Call::ChannelWriterTryWrite)?
            .and_then(|writer| {
                let payload = payload(bytes, &self.limits)?;
                Ok(match self.permits.take(writer) {
                    Some(permit) => permit.write(payload)?,
                    None => writer.try_write(payload)?,
                })
            }))
    }

    async fn write_packed(
        &mut self,
        this: Resource<WriterHandle>,
        ends: Vec<u32>,
        bytes: Vec<u8>,
    ) -> Result<Answer<u32, WriteError>> {
        let _timed = self.timed(Call::ChannelWriterWritePacked);
        let checked = self
            .writer(&this, Call::ChannelWriterWritePacked)?
            .and_then(|writer| Ok((writer, batch(ends, bytes, &self.limits)?)));
        Ok(match checked {
            Ok((writer, batch)) => {
                let weight = batch.weight();
                finish(writer.write_batch(batch), weight, &self.account).await
            }
            Err(error) => Err(error),
        })
    }

    fn try_write_packed(
        &mut self,
        this: Resource<WriterHandle>,
        ends: Vec<u32>,
        bytes: Vec<u8>,
    ) -> Result<Answer<u32, WriteError>> {
        let _timed = self.timed(Call::ChannelWriterTryWritePacked);
        Ok(self
            .writer(&this, Call::ChannelWriterTryWritePacked)?
            .and_then(|writer| {
                let batch = batch(ends, bytes, &self.limits)?;
                Ok(match self.permits.take(writer) {
                    Some(permit) => permit.write_batch(batch)?,
                    None => writer.try_write_batch(batch)?,
                })
            }))
    }

    async fn write_with(
        &mut self,
        this: Resource<WriterHandle>,
        bytes: Vec<u8>,
        handles: Vec<Handle>,
    ) -> Result<Answer<bool, WriteError>> {
        let _timed = self.timed(Call::ChannelWriterWriteWith);
        let size = bytes.len();
        let attached = self.attach(handles)?;
        let checked = self
            .writer(&this, Call::ChannelWriterWriteWith)?
            .and_then(|writer| Ok((writer, payload(bytes, &self.limits)?, attached?)));
        Ok(match checked {
            Ok((writer, payload, attached)) => {
                finish(writer.write_with(payload, attached), size, &self.account).await
            }
            Err(error) => Err(error),
        })
    }

    fn try_write_with(
        &mut self,
        this: Resource<WriterHandle>,
        bytes: Vec<u8>,
        handles: Vec<Handle>,
    ) -> Result<Answer<bool, Unsent>> {
        let _timed = self.timed(Call::ChannelWriterTryWriteWith);
        let size = bytes.len() as u64;
        let checked = self
            .writer(&this, Call::ChannelWriterTryWriteWith)?
            .cloned()
            .and_then(|writer| Ok((writer, payload(bytes, &self.limits)?)));
        let (writer, payload) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                // They leave the caller all the same.
                drop(self.attach(handles)?);
                return Ok(Err(Unsent::of(error)));
            }
        };
        // With a permit of its own the write is not going to wait once the handles are out of the table.
        let permit = match self.permits.take(&writer) {
            Some(permit) => Some(permit),
            None => writer.try_reserve(1, size, size),
        };
        let Some(permit) = permit else {
            let error = WriteError::WouldBlock;
            return Ok(Err(Unsent { error, handles }));
        };
        drop(writer);
        let attached = self.attach(handles)?;
        Ok(attached
            .and_then(|attached| Ok(permit.write_with(payload, attached)?))
            .map_err(Unsent::of))
    }

    fn is_unread(&mut self, this: Resource<WriterHandle>) -> Result<bool> {
        let _timed = self.timed(Call::ChannelWriterIsUnread);
        Ok(self.table.get(&this)?.0.is_unread())
    }

    fn channel_name(&mut self, this: Resource<WriterHandle>) -> Result<Option<String>> {
        let _timed = self.timed(Call::ChannelWriterChannelName);
        Ok(self.name_of_channel(&self.table.get(&this)?.0))
    }

    async fn downgrade(&mut self, this: Resource<WriterHandle>) -> Result<Resource<WriterHandle>> {
        let _timed = self.timed(Call::ChannelWriterDowngrade);
        let writer = self.table.get(&this)?.0.clone();
        // Where it fails, every later call of this end says so.
        let _ = writer.ask_weak().await;
        drop(writer);
        // Taken out only now, so that there is a place for it.
        let handle = self.table.delete(this)?;
        Ok(self.table.push(handle)?)
    }

    fn drop(&mut self, this: Resource<WriterHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
