//! The writing ends for values: one frame at a time, or many at once.

use crate::channel::{Writer, Written};
use crate::codec::{Codec, Json};
use crate::error::WriteError;
use crate::packed::{self, BufferedWriter};
use serde::Serialize;
use std::fmt;
use std::marker::PhantomData;

/// Why a value was not sent.
///
/// ```no_run
/// # async fn f(counts: weft_guest::TypedWriter<u64>) -> weft_guest::Result {
/// use weft_guest::typed::SendError;
/// match counts.write(&1).await {
///     Err(SendError::Write(error)) => println!("nobody takes it: {error}"),
///     sent => println!("{:?}", sent?),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum SendError<E: std::error::Error + 'static> {
    /// The frame could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The codec has no bytes for this value.
    #[error("the value cannot be encoded")]
    Encode(#[source] E),
}

/// A writing end for values of one type, one frame each, sent at once.
///
/// For many small values [`TypedWriter::buffered`] is much quicker.
///
/// ```no_run
/// # async fn f(counts: weft_guest::TypedWriter<(String, u64)>) -> weft_guest::Result {
/// counts.write(&("LAX".to_owned(), 42)).await?.or_dropped();
/// # Ok(()) }
/// ```
pub struct TypedWriter<T: ?Sized, C = Json> {
    writer: Writer,
    value: PhantomData<fn(&T) -> C>,
}

impl<T: Serialize + ?Sized, C: Codec> TypedWriter<T, C> {
    /// Sends a value. Waits for room, unless the channel drops frames that find none: then the answer may be
    /// [`Written::Dropped`].
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedWriter<u64>) -> weft_guest::Result {
    /// counts.write(&42).await?.or_dropped();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`], and for a value that cannot be encoded.
    pub async fn write(&self, value: &T) -> Result<Written, SendError<C::Error>> {
        let mut bytes = Vec::new();
        C::encode(value, &mut bytes).map_err(SendError::Encode)?;
        Ok(self.writer.write(bytes).await?)
    }

    /// What [`TypedWriter::write`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `write` now")]
    pub async fn send(&self, value: &T) -> Result<Written, SendError<C::Error>> {
        self.write(value).await
    }
}

impl<T: ?Sized, C> TypedWriter<T, C> {
    /// The same, collecting values and handing many over in one call, without
    /// delay; see [`BufferedWriter`].
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedWriter<u64>) -> weft_guest::Result {
    /// let mut counts = counts.buffered();
    /// for count in 0..1000 {
    ///     counts.write(&count).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn buffered(self) -> TypedBufferedWriter<T, C> {
        self.buffered_with(packed::LIMIT)
    }

    /// As [`TypedWriter::buffered`], collecting at most about this many bytes.
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedWriter<u64>) -> weft_guest::Result {
    /// let mut counts = counts.buffered_with(1024); // about 1 KiB at a time
    /// counts.write(&42).await?;
    /// # Ok(()) }
    /// ```
    pub fn buffered_with(self, bytes: usize) -> TypedBufferedWriter<T, C> {
        TypedBufferedWriter {
            writer: self.writer.buffered_with(bytes),
            value: PhantomData,
        }
    }

    /// Gives the writer back.
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedWriter<u64>) -> weft_guest::Result {
    /// counts.into_inner().write("bytes").await?.or_dropped();
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> Writer {
        self.writer
    }

    /// What [`TypedWriter::into_inner`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `into_inner` now")]
    pub fn into_writer(self) -> Writer {
        self.into_inner()
    }
}

impl<T: ?Sized, C> From<Writer> for TypedWriter<T, C> {
    fn from(writer: Writer) -> Self {
        TypedWriter {
            writer,
            value: PhantomData,
        }
    }
}

impl<T: ?Sized, C> fmt::Debug for TypedWriter<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedWriter").field(&self.writer).finish()
    }
}

/// A writing end for values that collects them and hands many over in one call:
/// when there are enough, when the guest is about to wait, and when asked. See
/// [`BufferedWriter`], also for when errors are reported.
///
/// ```no_run
/// # async fn f(delays: weft_guest::TypedWriter<i32>) -> weft_guest::Result {
/// let mut delays = delays.buffered();
/// for delay in [66, 95, -5] {
///     delays.write(&delay).await?;
/// }
/// # Ok(()) }
/// ```
pub struct TypedBufferedWriter<T: ?Sized, C = Json> {
    writer: BufferedWriter,
    value: PhantomData<fn(&T) -> C>,
}

impl<T: Serialize + ?Sized, C: Codec> TypedBufferedWriter<T, C> {
    /// Adds a value. Waits only when the buffer is full and the channel has no
    /// room for it.
    ///
    /// ```no_run
    /// # async fn f(mut counts: weft_guest::TypedBufferedWriter<u64>) -> weft_guest::Result {
    /// counts.write(&42).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferedWriter::write`]; for a value that cannot be encoded, which is
    /// left out.
    #[inline]
    pub async fn write(&mut self, value: &T) -> Result<(), SendError<C::Error>> {
        if !self.writer.buffer().has_room() {
            self.writer.send_if_full().await?;
        }
        let encode = |bytes: &mut Vec<u8>| C::encode(value, bytes);
        self.writer
            .buffer()
            .push_with(encode)
            .map_err(SendError::Encode)
    }

    /// What [`TypedBufferedWriter::write`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `write` now")]
    pub async fn send(&mut self, value: &T) -> Result<(), SendError<C::Error>> {
        self.write(value).await
    }
}

impl<T: ?Sized, C> TypedBufferedWriter<T, C> {
    /// Sends what was collected and waits until it is in the channel.
    ///
    /// ```no_run
    /// # async fn f(mut counts: weft_guest::TypedBufferedWriter<u64>) -> weft_guest::Result {
    /// counts.write(&42).await?;
    /// counts.flush().await?; // it is in the channel
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferedWriter::flush`].
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        self.writer.flush().await
    }

    /// Values sent so far; see [`BufferedWriter::frames_sent`].
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedBufferedWriter<u64>) -> weft_guest::Result {
    /// println!("{} values so far", counts.frames_sent());
    /// # Ok(()) }
    /// ```
    pub fn frames_sent(&self) -> u64 {
        self.writer.frames_sent()
    }

    /// The writer for single frames, which takes bytes of any kind.
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedBufferedWriter<u64>) -> weft_guest::Result {
    /// let mut bytes = counts.into_inner();
    /// bytes.write("of any kind").await?;
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> BufferedWriter {
        self.writer
    }
}

impl<T: ?Sized, C> fmt::Debug for TypedBufferedWriter<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedBufferedWriter")
            .field(&self.writer)
            .finish()
    }
}
