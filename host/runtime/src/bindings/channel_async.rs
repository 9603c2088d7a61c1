//! `weft:fabric/channel-async`: the waits of `channel`, beside the guest.
//!
//! A guest that cancels a call drops its future here; the engine's futures lose no
//! frame and send none then.

use super::channel::{batch, frame};
use super::generated::weft::fabric::channel::{Frame, PackedFrames, ReadError, WriteError};
use super::generated::weft::fabric::channel_async as wit;
use super::{Fabric, ReaderHandle, WriterHandle};
use crate::process::ProcessState;
use bytes::Bytes;
use std::result::Result as Answer;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Accessor, Resource};
use weft_channel::{Reader, Writer};

impl wit::Host for ProcessState {}

fn writer(
    store: &Accessor<ProcessState, Fabric>,
    handle: &Resource<WriterHandle>,
) -> Result<Answer<Arc<Writer>, WriteError>> {
    store.with(|mut access| access.get().writer(handle))
}

fn reader(
    store: &Accessor<ProcessState, Fabric>,
    handle: &Resource<ReaderHandle>,
) -> Result<Answer<Arc<Reader>, ReadError>> {
    store.with(|mut access| access.get().reader(handle))
}

impl wit::HostWithStore<ProcessState> for Fabric {
    async fn write(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        payload: Vec<u8>,
    ) -> Result<Answer<bool, WriteError>> {
        Ok(match writer(store, &to)? {
            Ok(writer) => writer.write(Bytes::from(payload)).await.map_err(Into::into),
            Err(denied) => Err(denied),
        })
    }

    async fn write_packed(
        store: &Accessor<ProcessState, Self>,
        to: Resource<WriterHandle>,
        ends: Vec<u32>,
        payload: Vec<u8>,
    ) -> Result<Answer<u32, WriteError>> {
        let checked = writer(store, &to)?.and_then(|writer| Ok((writer, batch(ends, payload)?)));
        Ok(match checked {
            Ok((writer, batch)) => writer.write_batch(batch).await.map_err(Into::into),
            Err(error) => Err(error),
        })
    }

    async fn read(
        store: &Accessor<ProcessState, Self>,
        source: Resource<ReaderHandle>,
    ) -> Result<Answer<Option<Frame>, ReadError>> {
        Ok(match reader(store, &source)? {
            Ok(reader) => reader
                .read()
                .await
                .map(|next| next.map(frame))
                .map_err(Into::into),
            Err(denied) => Err(denied),
        })
    }

    async fn read_packed(
        store: &Accessor<ProcessState, Self>,
        source: Resource<ReaderHandle>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<Answer<PackedFrames, ReadError>> {
        Ok(match reader(store, &source)? {
            Ok(reader) => {
                let frames = reader.read_batch(max_frames, u64::from(max_bytes)).await;
                frames
                    .map(|frames| frames.pack().into())
                    .map_err(Into::into)
            }
            Err(denied) => Err(denied),
        })
    }
}
