//! The writing end, for async guests.
//!
//! A write tries first and makes a call that waits only when it has to; see
//! [`crate::task`]. Unlike a read, that call belongs to the future the caller
//! holds: a write that is dropped while it waits is cancelled. As a `Sink`, the
//! writer holds the call itself, one at a time.

use crate::bindings::unshare_writer;
use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::channel::{Handle, lower_handles};
use crate::error::WriteError;
use crate::packed::{self, Batch, BufferedWriter};
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use futures::sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A writing end of a channel. Dropping it closes it.
///
/// Also a [`Sink`] of frames, which sends at once what finds room and holds at
/// most one frame that does not.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// output.write("ready").await?;
/// # Ok(()) }
/// ```
pub struct Writer {
    raw: Rc<raw::Writer>,
    /// The write the sink has accepted and not finished.
    sending: Option<LocalBoxFuture<'static, Result<bool, raw::WriteError>>>,
}

impl Writer {
    /// Names this writer in the frames it sends: unique within its channel and
    /// never used again.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer, mut input: weft_guest::Reader) -> weft_guest::Result {
    /// output.write("mine").await?;
    /// if let Some(frame) = input.read().await? {
    ///     println!("mine: {}", frame.writer == output.id());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> u32 {
        self.raw.id()
    }

    /// Sends a frame, waiting for room unless the channel drops what finds
    /// none. `false`: it was dropped.
    ///
    /// A write that is dropped while it waits is cancelled; the frame is sent
    /// whole or not at all.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let kept = output.write("a frame").await?; // false: a channel that drops had no room
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the channel takes no more frames, was terminated, or can never hold
    /// a frame this large; without the capability `channel-writer`.
    pub async fn write(&self, payload: impl Into<Vec<u8>>) -> Result<bool, WriteError> {
        let payload = payload.into();
        match self.raw.try_write(&payload) {
            Err(raw::WriteError::WouldBlock) => {}
            sent => return Ok(sent?),
        }
        let raw = Rc::clone(&self.raw);
        let mut pending = Pending::new(WriteCall { raw, payload });
        Ok(poll_fn(|cx| pending.poll(cx)).await?)
    }

    /// Sends a frame without waiting. `false`: the channel had no room and
    /// dropped it.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// use weft_guest::WriteError;
    /// if let Err(WriteError::WouldBlock) = output.try_write(b"a frame") {
    ///     println!("no room yet");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError::WouldBlock`] where [`Writer::write`] would wait, and as there.
    pub fn try_write(&self, payload: &[u8]) -> Result<bool, WriteError> {
        Ok(self.raw.try_write(payload)?)
    }

    /// Sends a batch, much cheaper than frame by frame, and returns the number
    /// of frames sent.
    ///
    /// Where writers wait, the whole batch is sent at once when there is room
    /// for all of it; a channel that drops sends the frames that fit, from the
    /// first on.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let batch = ["one", "two"].iter().collect();
    /// assert_eq!(output.write_packed(batch).await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`]; [`WriteError::TooLarge`] when the batch as a whole
    /// is larger than the channel. [`BufferedWriter`] splits such batches.
    pub async fn write_packed(&self, batch: Batch) -> Result<u32, WriteError> {
        match self.try_write_packed(&batch) {
            Err(WriteError::WouldBlock) => {}
            sent => return sent,
        }
        let raw = Rc::clone(&self.raw);
        let mut pending = Pending::new(WritePackedCall { raw, batch });
        Ok(poll_fn(|cx| pending.poll(cx)).await?)
    }

    /// Sends a batch without waiting and returns the number of frames sent; the
    /// batch can be cleared and used again.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut batch: weft_guest::Batch = ["one", "two"].iter().collect();
    /// output.try_write_packed(&batch)?;
    /// batch.clear();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError::WouldBlock`] where [`Writer::write_packed`] would wait, and
    /// as there.
    pub fn try_write_packed(&self, batch: &Batch) -> Result<u32, WriteError> {
        let (ends, payload) = batch.parts();
        Ok(self.raw.try_write_packed(ends, payload)?)
    }

    /// Sends a frame with handles, which move to the first reader that reads it.
    ///
    /// They leave this process whatever comes of the call: in a frame that is
    /// not sent, is dropped or is overwritten before anybody read it, they are
    /// dropped. Until they are read they count against this process's limit
    /// `handles`. A batch cannot take handles along.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// use weft_guest::Channel;
    /// let replies = Channel::bounded(1024)?;
    /// let mut mine = replies.strong_reader()?;
    /// output.write_with("send me news", [replies.strong_writer()?.into()]).await?;
    /// let news = mine.read().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`]; [`WriteError::TooManyHandles`].
    pub async fn write_with(
        &self,
        payload: impl Into<Vec<u8>>,
        handles: impl IntoIterator<Item = Handle>,
    ) -> Result<bool, WriteError> {
        let handles = lower_handles(handles);
        Ok(channel_async::write_with(&self.raw, payload.into(), handles).await?)
    }

    /// The same writer, collecting frames and handing many over in one call,
    /// without delay: the quickest way to send single frames.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// for number in 0..1000 {
    ///     output.send(format!("frame {number}")).await?;
    /// }
    /// output.flush().await?;
    /// # Ok(()) }
    /// ```
    pub fn buffered(self) -> BufferedWriter {
        self.buffered_with(packed::LIMIT)
    }

    /// As [`Writer::buffered`], collecting at most about this many bytes.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered_with(1024); // about 1 KiB at a time
    /// output.send("one").await?;
    /// # Ok(()) }
    /// ```
    pub fn buffered_with(self, bytes: usize) -> BufferedWriter {
        BufferedWriter::new(&self, bytes)
    }

    /// Turns a strong writer into a weak one; a weak one stays as it is. A
    /// frame the sink has not finished is not sent.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let output = output.downgrade(); // keeps nothing open any more
    /// # Ok(()) }
    /// ```
    pub fn downgrade(self) -> Self {
        Self::from_raw(raw::Writer::downgrade(self.into_raw()))
    }

    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::Writer) -> weft_guest::Result {
    /// let writer = weft_guest::Writer::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Writer) -> Self {
        Self::from_shared(Rc::new(raw))
    }

    /// Takes a handle that nobody else uses any more.
    pub(crate) fn from_shared(raw: Rc<raw::Writer>) -> Self {
        Writer { raw, sending: None }
    }

    /// Gives the handle of the raw bindings. A frame the sink has not finished
    /// is not sent.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let raw = output.into_raw();
    /// raw.try_write(b"a frame").is_ok();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Writer {
        drop(self.sending);
        unshare_writer(self.raw)
    }

    /// The handle, to be shared with a call under way.
    pub(crate) fn shared(&self) -> &Rc<raw::Writer> {
        &self.raw
    }

    /// Gives the handle, to be shared with a buffer.
    pub(crate) fn into_shared(self) -> Rc<raw::Writer> {
        self.raw
    }

    /// Finishes the write the sink has accepted.
    fn poll_sending(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        if let Some(call) = &mut self.sending {
            let sent = ready!(call.as_mut().poll(cx));
            self.sending = None;
            sent?;
        }
        Poll::Ready(Ok(()))
    }
}

/// A write of one frame that has to wait.
struct WriteCall {
    raw: Rc<raw::Writer>,
    payload: Vec<u8>,
}

impl Call for WriteCall {
    type Output = Result<bool, raw::WriteError>;

    fn wait(self) -> Self::Output {
        self.raw.write(&self.payload)
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move { channel_async::write(&self.raw, self.payload).await })
    }
}

/// A write of a batch that has to wait.
struct WritePackedCall {
    raw: Rc<raw::Writer>,
    batch: Batch,
}

impl Call for WritePackedCall {
    type Output = Result<u32, raw::WriteError>;

    fn wait(self) -> Self::Output {
        let (ends, payload) = self.batch.parts();
        self.raw.write_packed(ends, payload)
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move {
            let (ends, payload) = self.batch.into_parts();
            channel_async::write_packed(&self.raw, ends, payload).await
        })
    }
}

impl Sink<Vec<u8>> for Writer {
    type Error = WriteError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_sending(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, payload: Vec<u8>) -> Result<(), WriteError> {
        let earlier = self.sending.take();
        if earlier.is_none() {
            match self.raw.try_write(&payload) {
                Err(raw::WriteError::WouldBlock) => {}
                sent => return Ok(sent.map(|_| ())?),
            }
        }
        let raw = Rc::clone(&self.raw);
        self.sending = Some(Box::pin(async move {
            // Only a caller who did not ask `poll_ready` has an earlier one;
            // the order holds all the same.
            if let Some(earlier) = earlier {
                earlier.await?;
            }
            channel_async::write(&raw, payload).await
        }));
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_sending(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_sending(cx)
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}
