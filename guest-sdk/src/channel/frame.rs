//! What a channel carries: frames, and the handles that travel with them.

use super::{Channel, Reader, Writer};
use crate::bindings::weft::fabric::{channel as raw, frames};
use crate::typed::{TypedReader, TypedWriter};

/// One frame.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// if let Some(frame) = input.read().await? {
///     println!("{} bytes from writer {}", frame.payload.len(), frame.writer);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Frame {
    /// The writer that sent it; see [`Writer::id`].
    pub writer: u32,
    /// Its bytes, which Weft never looks into.
    pub payload: Vec<u8>,
    /// The handles that came with it, if any. Only the first reader of the frame gets them; all others get the
    /// frame without.
    pub handles: Vec<Handle>,
}

impl Frame {
    /// Takes a frame of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::Delivery) -> weft_guest::Result {
    /// let frame = weft_guest::Frame::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Delivery) -> Self {
        let frames::Frame { writer, payload } = raw.frame;
        Frame {
            writer,
            payload,
            handles: lift(raw.handles.unwrap_or_default()),
        }
    }
}

/// A handle that travels with a frame, made with `.into()` from an end or a
/// channel.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::Handle;
/// for handle in input.read().await?.unwrap_or_default().handles {
///     match handle {
///         Handle::Writer(writer) => {
///             writer.write("thank you").await?.or_dropped();
///         }
///         other => println!("{other:?} came too"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub enum Handle {
    /// A channel, with the access its handle had.
    Channel(Channel),
    /// A reader, at its place.
    Reader(Reader),
    /// A writer.
    Writer(Writer),
    /// Only in frames that were read: a handle that was dropped, because this process has reached its limit
    /// `handles`. Writes leave it out.
    Lost,
}

impl Handle {
    /// The channel, if it is one.
    ///
    /// ```no_run
    /// # async fn f(handle: weft_guest::Handle) -> weft_guest::Result {
    /// if let Some(channel) = handle.channel() {
    ///     println!("{:?}", channel.stats());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn channel(self) -> Option<Channel> {
        match self {
            Handle::Channel(channel) => Some(channel),
            _ => None,
        }
    }

    /// The reader, if it is one.
    ///
    /// ```no_run
    /// # async fn f(handle: weft_guest::Handle) -> weft_guest::Result {
    /// if let Some(mut reader) = handle.reader() {
    ///     println!("{:?}", reader.read().await?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn reader(self) -> Option<Reader> {
        match self {
            Handle::Reader(reader) => Some(reader),
            _ => None,
        }
    }

    /// The writer, if it is one.
    ///
    /// ```no_run
    /// # async fn f(handle: weft_guest::Handle) -> weft_guest::Result {
    /// if let Some(writer) = handle.writer() {
    ///     writer.write("a reply").await?.or_dropped();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn writer(self) -> Option<Writer> {
        match self {
            Handle::Writer(writer) => Some(writer),
            _ => None,
        }
    }

    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::Handle) -> weft_guest::Result {
    /// let handle = weft_guest::Handle::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Handle) -> Self {
        match raw {
            raw::Handle::Channel(raw) => Handle::Channel(Channel::from_raw(raw)),
            raw::Handle::Reader(raw) => Handle::Reader(Reader::from_raw(raw)),
            raw::Handle::Writer(raw) => Handle::Writer(Writer::from_raw(raw)),
            raw::Handle::Lost => Handle::Lost,
        }
    }

    /// Gives the handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(handle: weft_guest::Handle) -> weft_guest::Result {
    /// let raw = handle.into_raw();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Handle {
        match self {
            Handle::Channel(channel) => raw::Handle::Channel(channel.into_raw()),
            Handle::Reader(reader) => raw::Handle::Reader(reader.into_raw()),
            Handle::Writer(writer) => raw::Handle::Writer(writer.into_raw()),
            Handle::Lost => raw::Handle::Lost,
        }
    }
}

/// Takes the handles of one frame.
pub(crate) fn lift(raw: Vec<raw::Handle>) -> Vec<Handle> {
    raw.into_iter().map(Handle::from_raw).collect()
}

/// Gives the handles of one frame.
pub(crate) fn lower(handles: impl IntoIterator<Item = Handle>) -> Vec<raw::Handle> {
    handles.into_iter().map(Handle::into_raw).collect()
}

impl From<Channel> for Handle {
    fn from(channel: Channel) -> Self {
        Handle::Channel(channel)
    }
}

impl From<Reader> for Handle {
    fn from(reader: Reader) -> Self {
        Handle::Reader(reader)
    }
}

impl From<Writer> for Handle {
    fn from(writer: Writer) -> Self {
        Handle::Writer(writer)
    }
}

impl<T, C> From<TypedReader<T, C>> for Handle {
    fn from(reader: TypedReader<T, C>) -> Self {
        Handle::Reader(reader.into_inner())
    }
}

impl<T: ?Sized, C> From<TypedWriter<T, C>> for Handle {
    fn from(writer: TypedWriter<T, C>) -> Self {
        Handle::Writer(writer.into_inner())
    }
}
