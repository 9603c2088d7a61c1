//! Ends for bulk data: streams of bytes, for which frame boundaries do not matter.
//!
//! A byte of a stream crosses the boundary of a guest in one copy and with no
//! allocation per frame. The host moves the bytes while the guest does other
//! things.
//!
//! Invariant: a read under way belongs to the [`ByteReader`], so that a caller
//! who gives up on it loses no bytes.

use super::{Reader, Writer};
use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::bindings::wit_stream;
use crate::error::{ReadError, WriteError};
use crate::wit_bindgen::{StreamReader, StreamResult, StreamWriter};
use futures::future::{FutureExt as _, LocalBoxFuture};
use futures::sink::SinkExt as _;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

/// Room made for a read when the caller's buffer has none.
const ROOM: usize = 64 * 1024;

/// A read under way: the stream, what became of it, and the bytes.
type Reading = LocalBoxFuture<'static, (StreamReader<u8>, StreamResult, Vec<u8>)>;

/// The payloads of a reader's frames as one stream of bytes. Made by
/// [`Reader::into_bytes`]. Dropping it closes the reader.
///
/// ```no_run
/// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
/// let mut input = input.into_bytes();
/// let mut bytes = Vec::with_capacity(1 << 20);
/// while input.read(&mut bytes).await? > 0 {
///     println!("{} bytes", bytes.len());
/// }
/// # Ok(()) }
/// ```
pub struct ByteReader {
    /// Bytes the reader had taken before it became this.
    ahead: Vec<u8>,
    idle: Option<StreamReader<u8>>,
    reading: Option<Reading>,
    /// How the stream ended, to be asked once it has.
    end: Option<LocalBoxFuture<'static, Result<(), raw::ReadError>>>,
}

impl ByteReader {
    pub(super) fn new(raw: raw::Reader, ahead: Vec<u8>) -> Self {
        let (stream, end) = channel_async::read_bytes(raw);
        ByteReader {
            ahead,
            idle: Some(stream),
            reading: None,
            end: Some(Box::pin(end.into_future())),
        }
    }

    /// Replaces the contents of `buffer` by the next bytes, and returns their number. Waits for the first byte.
    /// Reads at most as many bytes as the buffer has room for, or 64 KiB if it has none. 0 is the end of the
    /// channel.
    ///
    /// A call that is dropped while it waits loses no bytes.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::ByteReader) -> weft_guest::Result {
    /// let mut bytes = Vec::with_capacity(4096);
    /// let read = input.read(&mut bytes).await?; // 0: the end
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], when the bytes before the error have been read.
    pub async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
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

impl fmt::Debug for ByteReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteReader").finish_non_exhaustive()
    }
}

/// A writer that takes a stream of bytes and sends it in frames of at most 64
/// KiB. Made by [`Writer::into_bytes`].
///
/// [`ByteWriter::finish`] waits until the last byte is in the channel. A writer that is dropped without it does
/// not send bytes for which the channel had no room yet.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// let mut output = output.into_bytes();
/// output.write(vec![0; 1 << 20]).await?;
/// assert_eq!(output.finish().await?, 1 << 20);
/// # Ok(()) }
/// ```
pub struct ByteWriter {
    stream: StreamWriter<u8>,
    sending: LocalBoxFuture<'static, Result<u64, WriteError>>,
    /// The result of `sending`.
    sent: Option<Result<u64, WriteError>>,
}

impl ByteWriter {
    pub(super) fn new(mut writer: Writer) -> Self {
        let (stream, source) = wit_stream::new::<u8>();
        ByteWriter {
            stream,
            sending: Box::pin(async move {
                // What its sink has accepted comes first.
                writer.flush().await?;
                Ok(channel_async::write_bytes(writer.shared(), source).await?)
            }),
            sent: None,
        }
    }

    /// Sends bytes, and waits until the host has taken them all. A call that is dropped while it waits may have
    /// sent some of them.
    ///
    /// ```no_run
    /// # async fn f(mut output: weft_guest::ByteWriter) -> weft_guest::Result {
    /// output.write(b"some bytes".to_vec()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`].
    pub async fn write(&mut self, bytes: Vec<u8>) -> Result<(), WriteError> {
        let ByteWriter {
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

    /// Ends the stream, waits until its last byte is in the channel and returns
    /// how many bytes were sent.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::ByteWriter) -> weft_guest::Result {
    /// let sent = output.finish().await?;
    /// println!("{sent} bytes are in the channel");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`]; what was sent before stays sent.
    pub async fn finish(self) -> Result<u64, WriteError> {
        drop(self.stream);
        match self.sent {
            Some(sent) => sent,
            None => self.sending.await,
        }
    }
}

impl fmt::Debug for ByteWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteWriter").finish_non_exhaustive()
    }
}

impl Reader {
    /// Gives the payloads of the frames, one after the other, as a stream of
    /// bytes: for bulk data, for which frame boundaries do not matter. Handles that come with frames are
    /// dropped.
    ///
    /// ```no_run
    /// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let mut input = input.into_bytes();
    /// let mut bytes = Vec::new();
    /// while input.read(&mut bytes).await? > 0 {
    ///     println!("{} bytes", bytes.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn into_bytes(mut self) -> ByteReader {
        self.end_wait();
        let ahead = self.ready().take().into_batch().into_parts().1;
        ByteReader::new(self.into_raw(), ahead)
    }
}

impl Writer {
    /// Takes bulk data as a stream of bytes, and cuts the frames itself.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut output = output.into_bytes();
    /// output.write(vec![0; 1 << 20]).await?;
    /// output.finish().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_bytes(self) -> ByteWriter {
        ByteWriter::new(self)
    }
}
