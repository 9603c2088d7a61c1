//! Channels: bounded, many-to-many broadcasts of frames.
//!
//! Every reader sees every frame written while it is open, in one order that is
//! the same for all readers. A *strong* reader holds writers back, a *weak* one
//! may be overtaken. A *strong* writer keeps the channel open; when the last is
//! gone, readers read what is left and then the end. A weak writer keeps
//! nothing open.

mod access;
mod bytes;
mod commits;
mod frame;
mod options;
mod read_call;
mod reader;
mod ready;
mod sending;
mod writer;
mod written;

pub use access::Access;
pub use bytes::{ByteReader, ByteWriter};
pub(crate) use commits::Commits;
#[cfg(not(target_family = "wasm"))]
pub(crate) use commits::Watched;
#[cfg(target_family = "wasm")]
pub(crate) use commits::settle as settle_commits;
pub use frame::{Frame, Handle};
pub(crate) use frame::{lift as lift_handles, lower as lower_handles};
pub use options::{Options, Stats};
pub(crate) use read_call::Shape;
pub use reader::Reader;
pub(crate) use ready::Ready;
pub use writer::Writer;
pub use written::Written;

use crate::bindings::weft::fabric::channel as raw;
use crate::error::CallError;

/// A channel held as a whole: the right to make ends of it and to end it.
///
/// Dropping it leaves its ends as they are. Its ends are async; for a plain
/// `fn main` turn them into [`crate::blocking`] ones with `.into()`.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::Channel;
/// let channel = Channel::bounded(64 * 1024)?;
/// let (writer, reader) = (channel.strong_writer()?, channel.strong_reader()?);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Channel {
    raw: raw::Channel,
}

impl Channel {
    /// Makes a channel.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::{Channel, channel::Options};
    /// let channel = Channel::create(Options::bounded(1024).dropping())?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-lifecycle`; for a capacity of 0; when
    /// the process has reached one of its limits `handles`, `channels` and
    /// `channel-bytes`.
    pub fn create(options: Options) -> Result<Self, CallError> {
        let backpressure = if options.dropping {
            raw::Backpressure::Drop
        } else {
            raw::Backpressure::Block
        };
        let raw = raw::Channel::create(raw::Options {
            capacity: options.capacity,
            backpressure,
        })?;
        Ok(Channel { raw })
    }

    /// Makes a channel of this many bytes whose writers wait for room.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let channel = weft_guest::Channel::bounded(64 * 1024)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Channel::create`].
    pub fn bounded(bytes: u64) -> Result<Self, CallError> {
        Self::create(Options::bounded(bytes))
    }

    /// Makes a channel of this many bytes that drops frames for which it has no room.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let channel = weft_guest::Channel::dropping(64 * 1024)?;
    /// let writer = channel.strong_writer()?;
    /// if writer.try_write(b"a frame")?.is_dropped() {
    ///     println!("no room: it is lost");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Channel::create`].
    pub fn dropping(bytes: u64) -> Result<Self, CallError> {
        Self::create(Options::bounded(bytes).dropping())
    }

    /// Takes the channel of a token.
    ///
    /// ```no_run
    /// # fn f(token: String) -> weft_guest::Result {
    /// let channel = weft_guest::Channel::attach(&token)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallError::NotFound`] when the token is invalid or was revoked; without the capability
    /// `channel-lifecycle`.
    pub fn attach(token: &str) -> Result<Self, CallError> {
        Ok(Self::from_raw(raw::Channel::attach(token)?))
    }

    /// Another handle of the same channel, with at most this access. Access that this handle does not have is
    /// left out.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::{Channel, channel::Access};
    /// let channel = Channel::bounded(1024)?;
    /// // Whoever gets this can write and do nothing else.
    /// let inbox = channel.narrow(Access::WRITERS)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When this process holds as many handles as it may.
    pub fn narrow(&self, access: Access) -> Result<Self, CallError> {
        Ok(Self::from_raw(self.raw.narrow(access.into())?))
    }

    /// What this handle may be used for.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// use weft_guest::channel::Access;
    /// if channel.access().contains(Access::WRITERS) {
    ///     channel.weak_writer()?.try_write(b"a frame")?.or_dropped();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn access(&self) -> Access {
        self.raw.access().into()
    }

    /// Gives an unguessable token for this channel, to be sent inside other
    /// bytes: whoever has it can [`attach`](Channel::attach) and gets the access
    /// of this handle. The token stays the same until it is revoked. It becomes invalid once the last handle it
    /// was made through is dropped.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::Channel;
    /// let channel = Channel::bounded(1024)?;
    /// let token = channel.share()?;
    /// let same = Channel::attach(&token)?;
    /// channel.revoke()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-lifecycle`; for a handle without
    /// [`Access::LIFECYCLE`], as that of a log is; when the system has no random numbers.
    pub fn share(&self) -> Result<String, CallError> {
        Ok(self.raw.share()?)
    }

    /// Makes the token invalid. Handles that were attached with it stay valid.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// use weft_guest::{CallError, Channel};
    /// let token = channel.share()?;
    /// channel.revoke()?;
    /// assert!(matches!(Channel::attach(&token), Err(CallError::NotFound(_))));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-lifecycle`; for a handle without [`Access::LIFECYCLE`].
    pub fn revoke(&self) -> Result<(), CallError> {
        Ok(self.raw.revoke()?)
    }

    /// Makes a writer that keeps the channel open.
    ///
    /// ```no_run
    /// # async fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// let writer = channel.strong_writer()?;
    /// writer.write("a frame").await?.or_dropped();
    /// drop(writer); // the last one: readers see the end
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-writer`; for a handle without [`Access::WRITERS`]; when the channel
    /// has ended; when this process holds as many handles as it may.
    pub fn strong_writer(&self) -> Result<Writer, CallError> {
        Ok(Writer::from_raw(self.raw.strong_writer()?))
    }

    /// Makes a writer that keeps nothing open.
    ///
    /// ```no_run
    /// # async fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// channel.weak_writer()?.write("a frame").await?.or_dropped(); // and the channel stays as open as it was
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Channel::strong_writer`].
    pub fn weak_writer(&self) -> Result<Writer, CallError> {
        Ok(Writer::from_raw(self.raw.weak_writer()?))
    }

    /// Makes a reader that holds writers back until it has read.
    ///
    /// ```no_run
    /// # async fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// let mut reader = channel.strong_reader()?;
    /// let frame = reader.read().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-reader`; for a handle without [`Access::STRONG_READERS`]; when
    /// this process holds as many handles as it may. A channel that has ended is no error: its remaining frames
    /// can be read.
    pub fn strong_reader(&self) -> Result<Reader, CallError> {
        Ok(Reader::from_raw(self.raw.strong_reader()?))
    }

    /// Makes a reader that may be overtaken.
    ///
    /// ```no_run
    /// # async fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// use weft_guest::ReadError;
    /// let mut reader = channel.weak_reader()?;
    /// match reader.read().await {
    ///     Err(ReadError::Lagged(lost)) => println!("missed {lost} frames"),
    ///     frame => println!("{:?}", frame?),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Channel::strong_reader`], with [`Access::WEAK_READERS`].
    pub fn weak_reader(&self) -> Result<Reader, CallError> {
        Ok(Reader::from_raw(self.raw.weak_reader()?))
    }

    /// The channel takes no more frames: readers read the rest and then the end.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// use weft_guest::WriteError;
    /// let writer = channel.strong_writer()?;
    /// channel.drain()?;
    /// assert_eq!(writer.try_write(b"late"), Err(WriteError::Drained));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-lifecycle`.
    pub fn drain(&self) -> Result<(), CallError> {
        Ok(self.raw.drain()?)
    }

    /// Fails every pending and later operation with `Terminated`, at once.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// use weft_guest::ReadError;
    /// let mut reader = channel.weak_reader()?;
    /// channel.terminate()?;
    /// assert_eq!(reader.try_read().unwrap_err(), ReadError::Terminated);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `channel-lifecycle`.
    pub fn terminate(&self) -> Result<(), CallError> {
        Ok(self.raw.terminate()?)
    }

    /// Reads the counters.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// println!("{} frames were dropped", channel.stats().frames_dropped);
    /// # Ok(()) }
    /// ```
    pub fn stats(&self) -> Stats {
        let stats = self.raw.stats();
        Stats {
            frames_written: stats.frames_written,
            frames_dropped: stats.frames_dropped,
            frames_held: stats.frames_held,
            bytes_held: stats.bytes_held,
            capacity: stats.capacity,
            strong_writers: stats.strong_writers,
            weak_writers: stats.weak_writers,
            strong_readers: stats.strong_readers,
            weak_readers: stats.weak_readers,
        }
    }

    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::Channel) -> weft_guest::Result {
    /// let channel = weft_guest::Channel::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Channel) -> Self {
        Channel { raw }
    }

    /// Gives the handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
    /// let raw = channel.into_raw();
    /// println!("{:?}", raw.stats());
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Channel {
        self.raw
    }

    /// The handle of the raw bindings.
    pub(crate) fn raw(&self) -> &raw::Channel {
        &self.raw
    }
}
