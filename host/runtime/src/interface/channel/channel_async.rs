//! `weft:fabric/channel-async`: the waits of `channel`, beside the guest, and streams of
//! bytes.
//!
//! A guest that cancels a call drops its future here; the engine's futures lose no
//! frame and send none then.

use super::bytes::{ByteSink, ByteSource};
use super::writer::{batch, finish, payload};
use crate::account::Account;
use crate::hostcalls::Call;
use crate::interface::generated::weft::fabric::channel::{
    Delivery, Handle, PackedDelivery, ReadError, WriteError,
};
use crate::interface::generated::weft::fabric::channel_async as wit;
use crate::interface::waiting::paid;
use crate::interface::{Fabric, ReaderHandle, WriterHandle};
use crate::limits::Limits;
use crate::process::{ProcessShared, ProcessState};
use std::result::Result as Answer;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::{Access, Accessor, FutureReader, Resource, StreamReader};
use weft_channel::Writer;

impl wit::Host for ProcessState {}

/// What a write outlives its look at the store with.
pub(super) struct Writing {
    pub(super) writer: Arc<Writer>,
    pub(super) account: Arc<Account>,
    pub(super) limits: Limits,
}

fn writing(
    state: &ProcessState,
    handle: &Resource<WriterHandle>,
    call: Call,
) -> Result<Answer<Writing, WriteError>> {
    Ok(state.writer(handle, call)?.map(|writer| Writing {
        writer: writer.clone(),
        account: state.account.clone(),
        limits: state.limits,
    }))
}

/// A reader to wait on, and the process that waits and pays for it.
type Waiting = (ReaderHandle, Arc<ProcessShared>, Arc<Account>);

fn reader(
    store: &Accessor<ProcessState, Fabric>,
    handle: &Resource<ReaderHandle>,
    call: Call,
) -> Result<Answer<Waiting, ReadError>> {
    store.with(|mut access| {
        let state = access.get();
        let reader = state.reader(handle, call)?.cloned();
        Ok(reader.map(|reader| (reader, state.shared.clone(), state.account.clone())))
    })
}

impl wit::HostWithStore<ProcessState> for Fabric {
    async fn write(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        bytes: Vec<u8>,
    ) -> Result<Answer<bool, WriteError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncWrite));
        let size = bytes.len();
        let checked = store
            .with(|mut access| writing(access.get(), &to, Call::ChannelAsyncWrite))?
            .and_then(|to| Ok((payload(bytes, &to.limits)?, to)));
        Ok(match checked {
            Ok((payload, to)) => {
                let write = to.writer.write(payload);
                paid(&to.account, finish(write, size, &to.account)).await?
            }
            Err(error) => Err(error),
        })
    }

    async fn write_packed(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        ends: Vec<u32>,
        bytes: Vec<u8>,
    ) -> Result<Answer<u32, WriteError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncWritePacked));
        let checked = store
            .with(|mut access| writing(access.get(), &to, Call::ChannelAsyncWritePacked))?
            .and_then(|to| Ok((batch(ends, bytes, &to.limits)?, to)));
        Ok(match checked {
            Ok((batch, to)) => {
                let weight = batch.weight();
                let write = to.writer.write_batch(batch);
                paid(&to.account, finish(write, weight, &to.account)).await?
            }
            Err(error) => Err(error),
        })
    }

    async fn write_with(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        bytes: Vec<u8>,
        handles: Vec<Handle>,
    ) -> Result<Answer<bool, WriteError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncWriteWith));
        let size = bytes.len();
        let (attached, to) = store.with(|mut access| {
            let state = access.get();
            Ok::<_, wasmtime::Error>((
                state.attach(handles)?,
                writing(state, &to, Call::ChannelAsyncWriteWith)?,
            ))
        })?;
        let checked = to.and_then(|to| Ok((payload(bytes, &to.limits)?, attached?, to)));
        Ok(match checked {
            Ok((payload, attached, to)) => {
                let write = to.writer.write_with(payload, attached);
                paid(&to.account, finish(write, size, &to.account)).await?
            }
            Err(error) => Err(error),
        })
    }

    async fn await_frame(
        store: &Accessor<ProcessState, Self>,
        source: Resource<ReaderHandle>,
    ) -> Result<()> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncAwaitFrame));
        match reader(store, &source, Call::ChannelAsyncAwaitFrame)? {
            Ok((source, holder, account)) => {
                let readable = source.unless_stopped(&holder, source.reader.readable());
                paid(&account, readable).await.map(|_| ())
            }
            // The read says so.
            Err(_) => Ok(()),
        }
    }

    async fn await_room(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        frames: u32,
        bytes: u64,
    ) -> Result<()> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncAwaitRoom));
        let writing =
            store.with(|mut access| writing(access.get(), &to, Call::ChannelAsyncAwaitRoom))?;
        // The write says why there is none.
        if let Ok(Writing {
            writer, account, ..
        }) = writing
        {
            let largest = bytes / u64::from(frames.max(1));
            let permit = writer.reserve(frames, bytes, largest);
            drop(writer);
            let permit = paid(&account, permit).await?;
            store.with(|mut access| access.get().permits.put(permit));
        }
        Ok(())
    }

    async fn await_unread(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
    ) -> Result<()> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncAwaitUnread));
        let (writer, account) = store.with(|mut access| {
            let state = access.get();
            let writer = state.table.get(&to)?.0.clone();
            wasmtime::error::Ok((writer, state.account.clone()))
        })?;
        paid(&account, writer.unread()).await
    }

    async fn write_bytes(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        bytes: StreamReader<u8>,
    ) -> Result<Answer<u64, WriteError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncWriteBytes));
        let sent = store.with(|mut access| {
            Ok::<_, wasmtime::Error>(
                match writing(access.get(), &to, Call::ChannelAsyncWriteBytes)? {
                    Ok(to) => {
                        let (tell, sent) = oneshot::channel();
                        bytes.pipe(&mut access, ByteSink::new(to, tell))?;
                        Ok(sent)
                    }
                    Err(error) => {
                        let mut bytes = bytes;
                        bytes.close(&mut access)?;
                        Err(error)
                    }
                },
            )
        })?;
        Ok(match sent {
            // The sink always tells; a store that goes away takes this call with it.
            Ok(sent) => sent.await.unwrap_or(Ok(0)),
            Err(error) => Err(error),
        })
    }

    fn read_bytes(
        mut access: Access<'_, ProcessState, Self>,
        source: Resource<ReaderHandle>,
    ) -> Result<(StreamReader<u8>, FutureReader<Answer<(), ReadError>>)> {
        let _timed = access.get().timed(Call::ChannelAsyncReadBytes);
        let state = access.get();
        let allowed = state
            .reader(&source, Call::ChannelAsyncReadBytes)?
            .map(|_| ());
        let source = state.table.delete(source)?;
        // What a stream carries is the guest's.
        source.read_on();
        let (tell, told) = oneshot::channel();
        let account = state.account.clone();
        let holder = state.shared.clone();
        let source = ByteSource::new(allowed.map(|()| (source, holder)), account, tell);
        let stream = StreamReader::new(&mut access, source)?;
        // A source dropped before its end, with the stream, has nothing to tell.
        let end = async move { Ok::<_, wasmtime::Error>(told.await.unwrap_or(Ok(()))) };
        let end = FutureReader::new(&mut access, end)?;
        Ok((stream, end))
    }

    async fn read(
        store: &Accessor<ProcessState, Self>,
        source: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Delivery>, ReadError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncRead));
        let (source, holder, account) = match reader(store, &source, Call::ChannelAsyncRead)? {
            Ok(found) => found,
            Err(denied) => return Ok(Err(denied)),
        };
        source.read_on();
        let read = paid(&account, source.read(&holder)).await?;
        Ok(store.with(|mut access| access.get().deliver(&source.committed, read)))
    }

    async fn read_packed(
        store: &Accessor<ProcessState, Self>,
        source: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedDelivery, ReadError>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ChannelAsyncReadPacked));
        let (source, holder, account) = match reader(store, &source, Call::ChannelAsyncReadPacked)?
        {
            Ok(found) => found,
            Err(denied) => return Ok(Err(denied)),
        };
        let bounds = source.read_on_within(max_frames, max_bytes.into());
        let read = paid(&account, source.read_batch(&holder, bounds)).await?;
        Ok(store.with(|mut access| access.get().deliver_packed(&source.committed, read)))
    }
}
