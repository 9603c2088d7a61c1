//! The writing end that waits on the guest's own stack.

use super::BufferedWriter;
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::{self, Handle, Written};
use crate::error::WriteError;
use crate::packed::Batch;
use crate::task::buffers;

/// A writing end of a channel.
///
/// Made from an async one with `.into()`. A frame that the async one still holds as a sink is not sent then.
///
/// ```no_run
/// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
/// output.write(b"ready")?.or_dropped();
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Writer {
    inner: channel::Writer,
}

impl Writer {
    /// Names this writer in the frames it sends.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// println!("writer {}", output.id());
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> u32 {
        self.inner.id()
    }

    /// Sends a frame. Waits for room, unless the channel drops frames that find none: then the answer may be
    /// [`Written::Dropped`].
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// output.write(b"a frame")?.or_dropped();
    /// if output.write(b"another")?.is_dropped() {
    ///     println!("a channel that drops had no room");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::write`].
    pub fn write(&self, payload: impl AsRef<[u8]>) -> Result<Written, WriteError> {
        let payload = payload.as_ref();
        self.inner.send_fed_and_wait();
        if buffers::any_dirty() {
            match self.inner.shared().try_write(payload) {
                Err(raw::WriteError::WouldBlock) => buffers::flush_and_wait(),
                sent => return self.done(sent).map(Written::from),
            }
        }
        self.done(self.inner.shared().write(payload))
            .map(Written::from)
    }

    fn done<T>(&self, sent: Result<T, raw::WriteError>) -> Result<T, WriteError> {
        sent.map_err(|error| WriteError::of(error, self.inner.shared()))
    }

    /// Sends a frame without waiting; see [`Writer::write`].
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
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
        self.inner.try_write(payload)
    }

    /// Sends a batch and returns the number of frames sent; the batch can be
    /// cleared and used again.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let batch = ["one", "two"].iter().collect();
    /// assert_eq!(output.write_packed(&batch)?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::write_packed`].
    pub fn write_packed(&self, batch: &Batch) -> Result<u32, WriteError> {
        let (ends, payload) = batch.parts();
        self.inner.send_fed_and_wait();
        buffers::flush_and_wait();
        self.done(self.inner.shared().write_packed(ends, payload))
    }

    /// The same writer, collecting frames and handing many over in one call.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// output.write("one")?;
    /// output.write("two")?;
    /// output.flush()?;
    /// # Ok(()) }
    /// ```
    pub fn buffered(self) -> BufferedWriter {
        BufferedWriter::new(self.inner.buffered())
    }

    /// As [`Writer::buffered`], collecting at most about this many bytes.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered_with(1024); // about 1 KiB at a time
    /// output.write("one")?;
    /// # Ok(()) }
    /// ```
    pub fn buffered_with(self, bytes: usize) -> BufferedWriter {
        BufferedWriter::new(self.inner.buffered_with(bytes))
    }

    /// Sends a frame with handles; see [`channel::Writer::write_with`].
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let replies = weft_guest::Channel::bounded(1024)?;
    /// output.write_with(b"answer here", [replies.strong_writer()?.into()])?.or_dropped();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::write_with`].
    pub fn write_with(
        &self,
        payload: impl AsRef<[u8]>,
        handles: impl IntoIterator<Item = Handle>,
    ) -> Result<Written, WriteError> {
        self.inner.send_fed_and_wait();
        buffers::flush_and_wait();
        let handles = channel::lower_handles(handles);
        let sent = self.inner.shared().write_with(payload.as_ref(), handles);
        self.done(sent).map(Written::from)
    }

    /// Sends a batch without waiting and returns the number of frames sent.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let batch = ["one", "two"].iter().collect();
    /// let sent = output.try_write_packed(&batch)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::try_write_packed`].
    pub fn try_write_packed(&self, batch: &Batch) -> Result<u32, WriteError> {
        self.inner.try_write_packed(batch)
    }

    /// Turns a strong writer into a weak one.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let output = output.downgrade(); // keeps nothing open any more
    /// # Ok(()) }
    /// ```
    pub fn downgrade(self) -> Self {
        self.inner.downgrade().into()
    }
}

impl From<channel::Writer> for Writer {
    fn from(writer: channel::Writer) -> Self {
        Writer { inner: writer }
    }
}

impl From<Writer> for channel::Writer {
    fn from(writer: Writer) -> Self {
        writer.inner
    }
}
