//! The writing end, for async guests.
//!
//! A write tries first and waits only when it has to, see `sending`. The wait belongs to the future
//! the caller holds: a write that is dropped before it is ready has sent nothing, and can be made
//! again. As a `Sink`, the writer holds one frame that has found no room.
//!
//! Invariant: the sink's frame is sent before anything that is written later.

use super::sending::{Fed, Load, Sending};
use crate::bindings::unshare_writer;
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::{Handle, Written, lower_handles};
use crate::error::WriteError;
use crate::log;
use crate::packed::{self, Batch, BufferedWriter};
use futures::sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A writing end of a channel. Dropping it closes it.
///
/// Also a [`Sink`] of frames. It sends a frame at once if there is room, and otherwise holds it; it holds at
/// most one.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// output.write("ready").await?.or_dropped();
/// # Ok(()) }
/// ```
pub struct Writer {
    raw: Rc<raw::Writer>,
    /// The frame the sink has accepted and not sent.
    fed: Rc<Fed>,
    /// The sink's wait for room.
    sending: Option<Sending>,
}

impl Writer {
    /// Names this writer in the frames it sends: unique within its channel and
    /// never used again.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer, mut input: weft_guest::Reader) -> weft_guest::Result {
    /// output.write("mine").await?.or_dropped();
    /// if let Some(frame) = input.read().await? {
    ///     println!("mine: {}", frame.writer == output.id());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> u32 {
        self.raw.id()
    }

    /// Sends a frame. Waits for room, unless the channel drops frames that find none: then the answer may be
    /// [`Written::Dropped`].
    ///
    /// A write that is dropped before it is ready has sent nothing, so a write that timed out can be repeated.
    /// The frame is sent whole or not at all.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// output.write("a frame").await?.or_dropped();
    /// if output.write("another").await?.is_dropped() {
    ///     println!("a channel that drops had no room");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the channel takes no more frames, was terminated, or can never hold
    /// a frame this large; without the capability `channel-writer`.
    pub async fn write(&self, payload: impl Into<Vec<u8>>) -> Result<Written, WriteError> {
        let sent = self.send(Load::Frame(payload.into())).await?;
        Ok((sent > 0).into())
    }

    /// Sends a frame without waiting; see [`Writer::write`].
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
    pub fn try_write(&self, payload: impl AsRef<[u8]>) -> Result<Written, WriteError> {
        self.try_fed()?;
        let sent = self.raw.try_write(payload.as_ref());
        Ok(sent.map_err(|error| self.failed(error))?.into())
    }

    /// Sends a batch, much cheaper than frame by frame, and returns the number
    /// of frames sent.
    ///
    /// Where writers wait, the whole batch is sent at once when there is room
    /// for all of it; a channel that drops takes the first frames, as many as fit, and drops the rest.
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
        self.send(Load::Batch(batch)).await
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
        self.try_fed()?;
        let (ends, payload) = batch.parts();
        let sent = self.raw.try_write_packed(ends, payload);
        sent.map_err(|error| self.failed(error))
    }

    /// Sends a frame with handles, which move to the first reader that reads it.
    ///
    /// They leave this process even if the call fails. If the frame is not sent, is dropped, or is evicted
    /// unread, they are dropped. Until they are read they count against this process's limit `handles`. A batch
    /// cannot take handles along.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// use weft_guest::Channel;
    /// let replies = Channel::bounded(1024)?;
    /// let mut mine = replies.strong_reader()?;
    /// output.write_with("send me news", [replies.strong_writer()?.into()]).await?.or_dropped();
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
    ) -> Result<Written, WriteError> {
        let load = Load::Carrying(payload.into(), lower_handles(handles));
        Ok((self.send(load).await? > 0).into())
    }

    /// The same writer, collecting frames and handing many over in one call,
    /// without delay: the quickest way to send single frames.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// for number in 0..1000 {
    ///     output.write(format!("frame {number}")).await?;
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
    /// output.write("one").await?;
    /// # Ok(()) }
    /// ```
    pub fn buffered_with(self, bytes: usize) -> BufferedWriter {
        let buffered = BufferedWriter::new(&self.raw, bytes);
        if let Some(frame) = self.fed.take() {
            buffered.buffer().add(&frame);
        }
        buffered
    }

    /// Turns a strong writer into a weak one; a weak one stays as it is. A
    /// frame the sink has not sent yet goes with it.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let output = output.downgrade(); // keeps nothing open any more
    /// # Ok(()) }
    /// ```
    pub fn downgrade(self) -> Self {
        let Writer { raw, fed, sending } = self;
        drop(sending);
        Writer {
            raw: Rc::new(raw::Writer::downgrade(unshare_writer(raw))),
            fed,
            sending: None,
        }
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
        Writer {
            raw,
            fed: Rc::default(),
            sending: None,
        }
    }

    /// Gives the handle of the raw bindings. Flush the sink first: if there is still no room for a frame that
    /// it holds, the frame is lost, and a log entry says so. The same applies when a writer is passed as an
    /// argument or with a frame.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let raw = output.into_raw();
    /// let sent = raw.try_write(b"a frame").is_ok();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Writer {
        drop(self.sending);
        if !self.fed.try_send(&self.raw) {
            log::write(
                log::Level::Warn,
                module_path!(),
                "a frame was lost that a sink held when its writer was handed on",
                &[],
            );
        }
        unshare_writer(self.raw)
    }

    /// The handle, to be shared with a call under way.
    pub(crate) fn shared(&self) -> &Rc<raw::Writer> {
        &self.raw
    }

    /// Sends what the sink holds, waiting on the guest's own stack.
    pub(crate) fn send_fed_and_wait(&self) {
        self.fed.send_and_wait(&self.raw);
    }

    /// Gives the handle, to be shared with a buffer.
    pub(crate) fn into_shared(self) -> Rc<raw::Writer> {
        self.raw
    }

    /// Sends the sink's frame. The next flush returns an error.
    fn poll_fed(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        if self.sending.is_none() && !self.fed.try_send(&self.raw) {
            self.sending = Some(Sending::new(&self.raw, &self.fed, Load::Fed));
        }
        if let Some(sending) = &mut self.sending {
            let sent = ready!(sending.poll(cx));
            self.sending = None;
            sent?;
        }
        Poll::Ready(self.fed.take_error())
    }

    /// Sends what the sink holds, without waiting.
    fn try_fed(&self) -> Result<(), WriteError> {
        match self.fed.try_send(&self.raw) {
            true => Ok(()),
            false => Err(WriteError::WouldBlock),
        }
    }

    fn failed(&self, error: raw::WriteError) -> WriteError {
        WriteError::of(error, &self.raw)
    }

    async fn send(&self, load: Load) -> Result<u32, WriteError> {
        let mut sending = Sending::new(&self.raw, &self.fed, load);
        poll_fn(|cx| sending.poll(cx)).await
    }
}

impl Sink<Vec<u8>> for Writer {
    type Error = WriteError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_fed(cx)
    }

    fn start_send(self: Pin<&mut Self>, payload: Vec<u8>) -> Result<(), WriteError> {
        if self.fed.try_send(&self.raw) {
            self.fed.take_error()?;
            match self.raw.try_write(&payload) {
                Err(raw::WriteError::WouldBlock) => {}
                sent => return sent.map(|_| ()).map_err(|error| self.failed(error)),
            }
        }
        self.fed.put(payload);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_fed(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        self.poll_fed(cx)
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}
