//! The reading end that waits on the guest's own stack.

use super::BufferedReader;
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::{self, Frame};
use crate::error::ReadError;
use crate::packed::PackedFrames;
use crate::process::millis;
use crate::task::buffers;
use std::time::Duration;

/// A reading end of a channel. Also an iterator of frames, which ends with the
/// channel.
///
/// Made from an async one with `.into()`, and goes on where that was: frames that a dropped read has taken come first.
///
/// ```no_run
/// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
/// while let Some(frame) = input.read()? {
///     println!("{} bytes", frame.payload.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Reader {
    inner: channel::Reader,
    ended: bool,
}

impl Reader {
    /// Takes the next frame, waiting for one. `None` is the end of the channel.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let frame = input.read()?; // `None`: the end of the channel
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Reader::read`].
    pub fn read(&mut self) -> Result<Option<Frame>, ReadError> {
        if buffers::any_dirty() {
            match self.inner.read_now() {
                Err(ReadError::WouldBlock) => buffers::flush_and_wait(),
                read => return read,
            }
        }
        self.inner.read_by(raw::Reader::read)
    }

    /// Takes the next frame without waiting.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// use weft_guest::ReadError;
    /// match input.try_read() {
    ///     Err(ReadError::WouldBlock) => println!("nothing there yet"),
    ///     frame => println!("{:?}", frame?),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError::WouldBlock`] where [`Reader::read`] would wait, and as there.
    pub fn try_read(&mut self) -> Result<Option<Frame>, ReadError> {
        self.inner.read_now()
    }

    /// Takes the next frame, waiting for one no longer than this (in whole
    /// milliseconds, rounded up). Needs no clock.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// use std::time::Duration;
    /// let frame = input.read_within(Duration::from_millis(100))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError::WouldBlock`] when none came, and as [`Reader::read`].
    pub fn read_within(&mut self, duration: Duration) -> Result<Option<Frame>, ReadError> {
        buffers::flush_and_wait();
        let within = millis(duration);
        self.inner.read_by(|raw| raw.read_within(within))
    }

    /// Takes the frames that are there, waiting for the first; bounds and end
    /// as [`channel::Reader::read_packed`].
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024)?;
    /// println!("{} frames of {} bytes", frames.len(), frames.bytes());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub fn read_packed(
        &mut self,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<PackedFrames, ReadError> {
        self.fill(max_frames, max_bytes)?;
        Ok(self.inner.take_ready())
    }

    /// Makes frames ready to be handed out, waiting for the first.
    pub(super) fn fill(&mut self, max_frames: u32, max_bytes: u32) -> Result<(), ReadError> {
        if buffers::any_dirty() {
            let read = |raw: &raw::Reader| raw.try_read_packed(max_frames, max_bytes);
            match self.inner.read_packed_by(read) {
                Err(ReadError::WouldBlock) => buffers::flush_and_wait(),
                filled => return filled,
            }
        }
        let read = |raw: &raw::Reader| raw.read_packed(max_frames, max_bytes);
        self.inner.read_packed_by(read)
    }

    /// What it holds of frames, and how far that is handed out.
    pub(super) fn inner(&mut self) -> &mut channel::Reader {
        &mut self.inner
    }

    /// As [`channel::Reader::commit`].
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
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

    /// As [`channel::Reader::commit_first`].
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024)?;
    /// for frame in frames.iter() {
    ///     println!("{} bytes", frame.len());
    ///     input.commit_first(1);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn commit_first(&mut self, frames: u32) {
        self.inner.commit_first(frames);
    }

    /// As [`channel::Reader::attempt`].
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// while let Some(frame) = input.read()? {
    ///     println!("{} bytes, delivery {}", frame.payload.len(), input.attempt());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn attempt(&self) -> u32 {
        self.inner.attempt()
    }

    /// As [`channel::Reader::past_stop`].
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let mut input = input.past_stop();
    /// # Ok(()) }
    /// ```
    #[must_use = "the reader is moved"]
    pub fn past_stop(self) -> Self {
        Reader {
            inner: self.inner.past_stop(),
            ..self
        }
    }

    /// As [`channel::Reader::is_stopped`].
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// if input.is_stopped() {
    ///     println!("asked to stop, there may be more");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn is_stopped(&self) -> bool {
        self.inner.is_stopped()
    }

    /// The same reader, taking many frames at a time and lending them one by
    /// one.
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let mut input = input.buffered();
    /// while let Some(frame) = input.read()? {
    ///     println!("{} bytes", frame.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn buffered(self) -> BufferedReader {
        BufferedReader::new(self)
    }

    /// Turns a strong reader into a weak one, at the same place.
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::blocking::Reader) -> weft_guest::Result {
    /// let input = input.downgrade(); // holds nobody back any more
    /// # Ok(()) }
    /// ```
    pub fn downgrade(self) -> Self {
        self.inner.downgrade().into()
    }
}

impl Iterator for Reader {
    type Item = Result<Frame, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read();
        self.ended = !matches!(read, Ok(Some(_)) | Err(ReadError::Lagged(_)));
        read.transpose()
    }
}

impl From<channel::Reader> for Reader {
    fn from(reader: channel::Reader) -> Self {
        Reader {
            inner: channel::Reader::unchanged(reader.into_raw()),
            ended: false,
        }
    }
}

impl From<Reader> for channel::Reader {
    fn from(reader: Reader) -> Self {
        reader.inner
    }
}
