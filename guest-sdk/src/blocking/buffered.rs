//! Ends for single frames that cross the boundary many at a time, for a plain
//! `fn main`.

use super::{Reader, Writer};
use crate::channel::Handle;
use crate::error::{ReadError, WriteError};
use crate::packed::{self, FrameRef, MAX_BYTES, MAX_FRAMES};

/// A writer that collects frames and hands them over in one call: when there are
/// enough, and before the guest waits with anything of [`crate::blocking`] or its
/// entry point returns. See [`crate::BufferedWriter`].
///
/// ```no_run
/// # fn f(mut answers: weft_guest::blocking::Reader, output: weft_guest::blocking::Writer) -> weft_guest::Result {
/// let mut output = output.buffered();
/// output.write(b"one")?;
/// output.write(b"two")?;
/// // Both have left when this waits.
/// let answer = answers.read()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct BufferedWriter {
    inner: packed::BufferedWriter,
}

impl BufferedWriter {
    pub(super) fn new(inner: packed::BufferedWriter) -> Self {
        BufferedWriter { inner }
    }

    /// Adds a frame. Waits only when the buffer is full and the channel has no
    /// room for it.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// for number in 0..1000 {
    ///     output.write(format!("frame {number}"))?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`crate::BufferedWriter::send`].
    #[inline]
    pub fn write(&mut self, frame: impl AsRef<[u8]>) -> Result<(), WriteError> {
        let frame = frame.as_ref();
        if self.inner.buffer().push(frame) {
            return Ok(());
        }
        self.send_slowly(frame)
    }

    /// What [`BufferedWriter::write`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `write` now")]
    pub fn send(&mut self, frame: impl AsRef<[u8]>) -> Result<(), WriteError> {
        self.write(frame)
    }

    /// Sends what was collected and waits until it is in the channel.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// output.write("one")?;
    /// output.flush()?; // it is in the channel
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`crate::BufferedWriter::flush`].
    pub fn flush(&mut self) -> Result<(), WriteError> {
        self.inner.buffer().flush_and_wait();
        self.inner.buffer().take_error()
    }

    /// Frames sent so far, without those still collected.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// output.write("one")?;
    /// output.flush()?;
    /// assert_eq!(output.frames_sent(), 1);
    /// # Ok(()) }
    /// ```
    pub fn frames_sent(&self) -> u64 {
        self.inner.frames_sent()
    }

    /// Flushes and gives the writer back.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// output.write("one")?;
    /// let output = output.into_inner()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferedWriter::flush`].
    pub fn into_inner(mut self) -> Result<Writer, WriteError> {
        self.flush()?;
        Ok(self.inner.into_flushed().into())
    }

    /// What [`BufferedWriter::into_inner`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `into_inner` now")]
    pub fn into_writer(self) -> Result<Writer, WriteError> {
        self.into_inner()
    }

    #[cold]
    fn send_slowly(&mut self, frame: &[u8]) -> Result<(), WriteError> {
        let buffer = self.inner.buffer();
        buffer.take_error()?;
        if !buffer.has_space(frame.len()) {
            self.flush()?;
        }
        self.inner.buffer().add(frame);
        if self.inner.buffer().is_full() {
            self.flush()?;
        }
        Ok(())
    }
}

/// A reader that takes many frames at a time and lends them one by one. See
/// [`crate::BufferedReader`].
///
/// ```no_run
/// # fn f(input: weft_guest::blocking::Reader) -> weft_guest::Result {
/// let mut input = input.buffered();
/// let mut bytes = 0;
/// while let Some(frame) = input.read()? {
///     bytes += frame.len();
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct BufferedReader {
    inner: Reader,
}

impl BufferedReader {
    pub(super) fn new(inner: Reader) -> Self {
        BufferedReader { inner }
    }

    /// Lends the next frame, waiting for one. `None` is the end of the channel.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::BufferedReader) -> weft_guest::Result {
    /// if let Some(frame) = input.read()? {
    ///     println!("{} bytes from writer {}", frame.len(), frame.writer);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    #[inline]
    pub fn read(&mut self) -> Result<Option<FrameRef<'_>>, ReadError> {
        if self.inner.inner().ready().is_empty() {
            self.inner.fill(MAX_FRAMES, MAX_BYTES)?;
        }
        let frame = self.inner.inner().pop();
        Ok(frame.map(|(writer, payload)| FrameRef { writer, payload }))
    }

    /// Takes the handles that came with the frame lent last.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::BufferedReader) -> weft_guest::Result {
    /// while input.read()?.is_some() {
    ///     println!("{} handles came with it", input.take_handles().len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn take_handles(&mut self) -> Vec<Handle> {
        self.inner.inner().take_handles()
    }

    /// As [`crate::Reader::commit`]: the frame lent last is finished too.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::BufferedReader) -> weft_guest::Result {
    /// input.commit();
    /// while let Some(frame) = input.read()? {
    ///     // … and when all that follows from it is done:
    ///     input.commit();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn commit(&mut self) {
        self.inner.commit();
    }

    /// As [`crate::Reader::attempt`].
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::blocking::BufferedReader) -> weft_guest::Result {
    /// println!("delivery {}", input.attempt());
    /// # Ok(()) }
    /// ```
    pub fn attempt(&self) -> u32 {
        self.inner.attempt()
    }
}
