//! The waits for guests with a plain `fn main`, which wait on the guest's own
//! stack: the whole guest waits with them.
//!
//! All that an entry point typed sync may use. Not for `async fn main`: there
//! every other future would stand still meanwhile.
//!
//! Invariant: what buffered writers hold is sent before the guest stands still.
//!
//! ```no_run
//! # mod guest {
//! use weft_guest::blocking::{Reader, Writer};
//!
//! #[weft_guest::main]
//! fn main(mut input: Reader, output: Writer) -> weft_guest::Result {
//!     while let Some(frame) = input.read()? {
//!         output.write(&frame.payload)?;
//!     }
//!     Ok(())
//! }
//! # }
//! # fn main() {}
//! ```

mod buffered;
mod client;

pub use buffered::{BufferedReader, BufferedWriter};
pub use client::Client;

use crate::bindings::weft::fabric::{channel as raw, process as raw_process};
use crate::channel::{self, Frame, Handle};
use crate::error::{CallError, ReadError, WriteError};
use crate::packed::{Batch, PackedFrames};
use crate::process::{Exit, ExitStatus, Monitor, Process, millis};
use crate::task::buffers;
use std::time::Duration;

/// A reading end of a channel. Also an iterator of frames, which ends with the
/// channel.
///
/// Made from an async one with `.into()`; frames that one has taken in a read
/// that was given up, and not handed out, are lost then.
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
            match self.inner.raw().try_read() {
                Err(raw::ReadError::WouldBlock) => buffers::flush_and_wait(),
                read => return Ok(read?.map(Frame::from_raw)),
            }
        }
        Ok(self.inner.raw().read()?.map(Frame::from_raw))
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
        Ok(self.inner.raw().try_read()?.map(Frame::from_raw))
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
        let read = self.inner.raw().read_within(millis(duration))?;
        Ok(read.map(Frame::from_raw))
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
        if buffers::any_dirty() {
            match self.inner.raw().try_read_packed(max_frames, max_bytes) {
                Err(raw::ReadError::WouldBlock) => buffers::flush_and_wait(),
                frames => return Ok(PackedFrames::from_raw(frames?)),
            }
        }
        let frames = self.inner.raw().read_packed(max_frames, max_bytes)?;
        Ok(PackedFrames::from_raw(frames))
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
            inner: channel::Reader::from_raw(reader.into_raw()),
            ended: false,
        }
    }
}

impl From<Reader> for channel::Reader {
    fn from(reader: Reader) -> Self {
        reader.inner
    }
}

/// A writing end of a channel.
///
/// Made from an async one with `.into()`; a frame that one holds as a sink, and
/// has not finished, is not sent then.
///
/// ```no_run
/// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
/// output.write(b"ready")?;
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

    /// Sends a frame, waiting for room unless the channel drops what finds
    /// none. `false`: it was dropped.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let kept = output.write(b"a frame")?; // false: a channel that drops had no room
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::write`].
    pub fn write(&self, payload: &[u8]) -> Result<bool, WriteError> {
        if buffers::any_dirty() {
            match self.inner.shared().try_write(payload) {
                Err(raw::WriteError::WouldBlock) => buffers::flush_and_wait(),
                sent => return Ok(sent?),
            }
        }
        Ok(self.inner.shared().write(payload)?)
    }

    /// Sends a frame without waiting. `false`: it was dropped.
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
    pub fn try_write(&self, payload: &[u8]) -> Result<bool, WriteError> {
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
        buffers::flush_and_wait();
        Ok(self.inner.shared().write_packed(ends, payload)?)
    }

    /// The same writer, collecting frames and handing many over in one call.
    ///
    /// ```no_run
    /// # fn f(output: weft_guest::blocking::Writer) -> weft_guest::Result {
    /// let mut output = output.buffered();
    /// output.send("one")?;
    /// output.send("two")?;
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
    /// output.send("one")?;
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
    /// output.write_with(b"answer here", [replies.strong_writer()?.into()])?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`channel::Writer::write_with`].
    pub fn write_with(
        &self,
        payload: &[u8],
        handles: impl IntoIterator<Item = Handle>,
    ) -> Result<bool, WriteError> {
        buffers::flush_and_wait();
        let handles = channel::lower_handles(handles);
        Ok(self.inner.shared().write_with(payload, handles)?)
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
        Writer {
            inner: channel::Writer::from_raw(writer.into_raw()),
        }
    }
}

impl From<Writer> for channel::Writer {
    fn from(writer: Writer) -> Self {
        writer.inner
    }
}

/// Waits for a process to end. Always the same answer.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::{Process, StartOptions, blocking};
/// let child = Process::start(StartOptions::new("hello").arg("Ada"))?;
/// println!("{}", blocking::wait(&child));
/// # Ok(()) }
/// ```
pub fn wait(process: &Process) -> ExitStatus {
    buffers::flush_and_wait();
    process.raw().wait().into()
}

/// Asks a process to stop, waits for its end and has it killed when `grace` has
/// passed. Of a process that has ended it returns how.
///
/// ```no_run
/// # fn f(child: weft_guest::Process) -> weft_guest::Result {
/// use std::time::Duration;
/// let status = weft_guest::blocking::stop(&child, Duration::from_secs(5))?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Without the capability `process-lifecycle`.
pub fn stop(process: &Process, grace: Duration) -> Result<ExitStatus, CallError> {
    let raw: &raw_process::Process = process.raw();
    buffers::flush_and_wait();
    Ok(raw.stop(millis(grace))?.into())
}

/// The next end that a monitor tells, waiting for one. `None` when nothing is
/// watched and no links are taken.
///
/// ```no_run
/// # fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
/// while let Some(exit) = weft_guest::blocking::next_exit(&monitor) {
///     println!("{}: {}", exit.name, exit.status);
/// }
/// # Ok(()) }
/// ```
pub fn next_exit(monitor: &Monitor) -> Option<Exit> {
    buffers::flush_and_wait();
    monitor.raw().next().map(Exit::from)
}

/// Returns when this process is asked to stop; at once if it was before. Between
/// other work [`stop_requested`](crate::process::stop_requested) tells.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// weft_guest::blocking::stop_request();
/// println!("asked to stop");
/// # Ok(()) }
/// ```
pub fn stop_request() {
    buffers::flush_and_wait();
    raw_process::wait_stop();
}

/// Waits this long.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use std::time::Duration;
/// weft_guest::blocking::sleep(Duration::from_millis(10));
/// # Ok(()) }
/// ```
pub fn sleep(duration: Duration) {
    buffers::flush_and_wait();
    std::thread::sleep(duration);
}
