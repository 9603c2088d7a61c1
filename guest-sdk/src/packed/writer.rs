//! A writer that collects frames and sends them when it is full or the guest is
//! about to wait.
//!
//! The call that sends a batch belongs to the buffer, not to the future the
//! caller holds: giving up on a `send` or a `flush` loses no frame that was
//! accepted. What makes it leave in time is [`crate::task`]'s business.

use crate::bindings::weft::fabric::channel as raw;
use crate::channel::Writer;
use crate::error::WriteError;
use crate::packed::Buffer;
use futures::sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Bytes collected unless told otherwise: larger batches leave the processor's
/// caches and are no cheaper.
pub(crate) const LIMIT: usize = 64 * 1024;

/// A writer that collects frames and hands them over in one call. Made by
/// [`Writer::buffered`].
///
/// Frames are sent when the buffer is full, at [`BufferedWriter::flush`], *and when the guest is about to wait*
/// for anything. So a buffered writer delays nothing: a request needs no flush before the guest waits for its
/// answer. The frames of a dropped writer are sent at the next wait, and all frames before the entry point
/// returns. The next [`send`](BufferedWriter::send) or [`flush`](BufferedWriter::flush) returns an error; if
/// there is none, an entry point that returns a `Result` fails with the error. Frames are lost only if the
/// guest traps or exits.
///
/// Also a [`Sink`] of frames, whose `flush` really flushes.
///
/// ```no_run
/// # async fn f(mut answers: weft_guest::Reader, output: weft_guest::Writer) -> weft_guest::Result {
/// let mut output = output.buffered();
/// for line in ["one", "two"] {
///     output.write(line.as_bytes()).await?;
/// }
/// // Both have left when this waits.
/// let answer = answers.read().await?;
/// # Ok(()) }
/// ```
pub struct BufferedWriter {
    buffer: Rc<Buffer>,
}

impl BufferedWriter {
    /// Collects up to this many bytes; 0 sends every frame at once.
    pub(crate) fn new(writer: &Rc<raw::Writer>, bytes: usize) -> Self {
        BufferedWriter {
            buffer: Rc::new(Buffer::new(Rc::clone(writer), bytes)),
        }
    }

    /// Adds a frame. Waits only when the buffer is full and the channel has no
    /// room for it.
    ///
    /// ```no_run
    /// # async fn f(mut output: weft_guest::BufferedWriter) -> weft_guest::Result {
    /// for number in 0..1000 {
    ///     output.write(format!("frame {number}")).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferedWriter::flush`], about earlier frames; this one is not added
    /// then. A frame that is too large for the channel by itself is left out, and a later call reports it.
    #[inline]
    pub async fn write(&mut self, frame: impl AsRef<[u8]>) -> Result<(), WriteError> {
        let frame = frame.as_ref();
        if self.buffer.push(frame) {
            return Ok(());
        }
        self.send_slowly(frame).await
    }

    /// What [`BufferedWriter::write`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `write` now")]
    pub async fn send(&mut self, frame: impl AsRef<[u8]>) -> Result<(), WriteError> {
        self.write(frame).await
    }

    /// Sends what was collected and waits until it is in the channel.
    ///
    /// ```no_run
    /// # async fn f(mut output: weft_guest::BufferedWriter) -> weft_guest::Result {
    /// output.write("one").await?;
    /// output.flush().await?; // it is in the channel
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`], for the first frame since the last error that could
    /// not be sent. If the channel takes no more frames, the rest is not sent either. If one frame of a batch
    /// is too large, the others are sent.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        poll_fn(|cx| self.buffer.poll_flush(cx)).await
    }

    /// Flushes and gives the writer back.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::BufferedWriter) -> weft_guest::Result {
    /// let output = output.into_inner().await?;
    /// output.write("at once").await?.or_dropped();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferedWriter::flush`].
    pub async fn into_inner(mut self) -> Result<Writer, WriteError> {
        self.flush().await?;
        Ok(self.into_flushed())
    }

    /// What [`BufferedWriter::into_inner`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `into_inner` now")]
    pub async fn into_writer(self) -> Result<Writer, WriteError> {
        self.into_inner().await
    }

    /// The writer, when nothing is left to be sent.
    pub(crate) fn into_flushed(self) -> Writer {
        Writer::from_shared(Rc::clone(self.buffer.raw()))
    }

    /// Frames sent so far, without those still collected. On a channel that
    /// drops, frames that found no room do not count.
    ///
    /// ```no_run
    /// # async fn f(mut output: weft_guest::BufferedWriter) -> weft_guest::Result {
    /// output.write("one").await?;
    /// output.flush().await?;
    /// println!("{} frames so far", output.frames_sent());
    /// # Ok(()) }
    /// ```
    pub fn frames_sent(&self) -> u64 {
        self.buffer.frames_sent()
    }

    /// The writer's id; see [`Writer::id`].
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::BufferedWriter) -> weft_guest::Result {
    /// println!("writer {}", output.id());
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> u32 {
        self.buffer.raw().id()
    }

    /// The frames collected, for encoders that append to them.
    #[inline]
    pub(crate) fn buffer(&self) -> &Rc<Buffer> {
        &self.buffer
    }

    #[cold]
    async fn send_slowly(&mut self, frame: &[u8]) -> Result<(), WriteError> {
        poll_fn(|cx| self.buffer.poll_room(cx, frame.len())).await?;
        self.buffer.add(frame);
        self.send_if_full().await
    }

    /// Sends the batch when it has reached its size.
    pub(crate) async fn send_if_full(&mut self) -> Result<(), WriteError> {
        if self.buffer.is_full() {
            poll_fn(|cx| self.buffer.poll_room(cx, 0)).await?;
        }
        Ok(())
    }
}

impl Sink<Vec<u8>> for BufferedWriter {
    type Error = WriteError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.buffer.poll_room(cx, 0)
    }

    fn start_send(self: Pin<&mut Self>, payload: Vec<u8>) -> Result<(), WriteError> {
        self.buffer.add(&payload);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.buffer.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.buffer.poll_flush(cx)
    }
}

impl fmt::Debug for BufferedWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedWriter")
            .field("writer", self.buffer.raw())
            .field("frames", &self.buffer.frames_held())
            .finish_non_exhaustive()
    }
}
