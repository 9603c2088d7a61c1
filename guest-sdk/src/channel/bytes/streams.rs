//! The streams of the host.
//!
//! The host moves the bytes while the guest does other things.
//!
//! Invariant: a read under way belongs to the [`Source`], so that a caller
//! who gives up on it loses no bytes.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::bindings::wit_stream;
use crate::channel::{Reader, Writer};
use crate::error::{ReadError, WriteError};
use crate::wit_bindgen::{StreamReader, StreamResult, StreamWriter};
use futures::future::{FutureExt as _, LocalBoxFuture};
use futures::sink::SinkExt as _;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

/// Room made for a read when the caller's buffer has none.
const ROOM: usize = 64 * 1024;

/// A read under way: the stream, what became of it, and the bytes.
type Reading = LocalBoxFuture<'static, (StreamReader<u8>, StreamResult, Vec<u8>)>;

/// The frames of a reader as a stream of the host's.
pub(super) struct Source {
    /// Bytes the reader had taken before it became this.
    ahead: Vec<u8>,
    idle: Option<StreamReader<u8>>,
    reading: Option<Reading>,
    /// How the stream ended, to be asked once it has.
    end: Option<LocalBoxFuture<'static, Result<(), raw::ReadError>>>,
}

impl Source {
    pub(super) fn new(reader: Reader, ahead: Vec<u8>) -> Self {
        let raw = reader.into_raw();
        let (stream, end) = channel_async::read_bytes(raw);
        Source {
            ahead,
            idle: Some(stream),
            reading: None,
            end: Some(Box::pin(end.into_future())),
        }
    }

    /// As [`super::ByteReader::read`].
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
        buffer.clear();
        let ended = poll_fn(|cx| self.poll_read(cx, buffer)).await;
        if ended && let Some(end) = &mut self.end {
            let result = end.await;
            self.end = None;
            result?;
        }
        Ok(buffer.len())
    }

    /// Fills the buffer; `true` is the end of the stream.
    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<u8>) -> Poll<bool> {
        if !self.ahead.is_empty() {
            *buffer = std::mem::take(&mut self.ahead);
            return Poll::Ready(false);
        }
        loop {
            if let Some(reading) = &mut self.reading {
                let (stream, result, bytes) = ready!(reading.as_mut().poll(cx));
                self.reading = None;
                *buffer = bytes;
                if !buffer.is_empty() {
                    self.idle = Some(stream);
                    return Poll::Ready(false);
                }
                if matches!(result, StreamResult::Dropped) {
                    return Poll::Ready(true);
                }
                self.idle = Some(stream);
            }
            let Some(mut stream) = self.idle.take() else {
                return Poll::Ready(true);
            };
            let mut bytes = std::mem::take(buffer);
            if bytes.capacity() == 0 {
                bytes.reserve(ROOM);
            }
            self.reading = Some(Box::pin(async move {
                let (result, bytes) = stream.read(bytes).await;
                (stream, result, bytes)
            }));
        }
    }
}

/// A stream that the host cuts into frames.
pub(super) struct Target {
    stream: StreamWriter<u8>,
    sending: LocalBoxFuture<'static, Result<u64, WriteError>>,
    /// The result of `sending`.
    sent: Option<Result<u64, WriteError>>,
}

impl Target {
    pub(super) fn new(mut writer: Writer) -> Self {
        let (stream, source) = wit_stream::new::<u8>();
        Target {
            stream,
            sending: Box::pin(async move {
                // What its sink has accepted comes first.
                writer.flush().await?;
                Ok(channel_async::write_bytes(writer.shared(), source).await?)
            }),
            sent: None,
        }
    }

    /// As [`super::ByteWriter::write`].
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), WriteError> {
        let Target {
            stream,
            sending,
            sent,
        } = self;
        let mut write = std::pin::pin!(stream.write_all(bytes).fuse());
        poll_fn(|cx| {
            // First, as the host takes nothing before it has been called.
            if sent.is_none()
                && let Poll::Ready(done) = sending.as_mut().poll(cx)
            {
                *sent = Some(done);
            }
            if let Some(Err(error)) = sent {
                return Poll::Ready(Err(error.clone()));
            }
            match write.as_mut().poll(cx) {
                Poll::Ready(rest) if rest.is_empty() => Poll::Ready(Ok(())),
                _ if sent.is_some() => Poll::Ready(Err(WriteError::Drained)),
                // Bytes are left because the call has failed, and it is about to report why.
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// As [`super::ByteWriter::finish`].
    pub(super) async fn finish(self) -> Result<u64, WriteError> {
        drop(self.stream);
        match self.sent {
            Some(sent) => sent,
            None => self.sending.await,
        }
    }
}
