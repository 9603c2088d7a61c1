//! The writing ends for values: one frame at a time, or in batches.

use crate::channel::Writer;
use crate::codec::{Codec, Json};
use crate::error::WriteError;
use crate::packed::Batcher;
use serde::Serialize;
use std::fmt;
use std::marker::PhantomData;

/// Why a value was not sent.
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
/// For many small values [`TypedWriter::batched`] is much quicker.
pub struct TypedWriter<T: ?Sized, C = Json> {
    writer: Writer,
    value: PhantomData<fn(&T) -> C>,
}

impl<T: Serialize + ?Sized, C: Codec> TypedWriter<T, C> {
    /// Sends a value, waiting for room unless the channel drops what finds
    /// none. `false`: it was dropped.
    ///
    /// # Errors
    ///
    /// As [`Writer::write`], and for a value that cannot be encoded.
    pub async fn send(&self, value: &T) -> Result<bool, SendError<C::Error>> {
        let mut bytes = Vec::new();
        C::encode(value, &mut bytes).map_err(SendError::Encode)?;
        Ok(self.writer.write(bytes).await?)
    }
}

impl<T: ?Sized, C> TypedWriter<T, C> {
    /// The same, in batches of about this many bytes.
    pub fn batched(self, bytes: usize) -> TypedBatcher<T, C> {
        TypedBatcher {
            batcher: self.writer.batched(bytes),
            value: PhantomData,
        }
    }

    /// Gives the writer back.
    pub fn into_writer(self) -> Writer {
        self.writer
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

/// A writing end for values that collects them in batches.
///
/// Values leave when a batch is full and at [`TypedBatcher::flush`]; dropping
/// it with values in it loses them and logs a warning.
///
/// ```no_run
/// # async fn f(delays: weft_guest::TypedWriter<i32>) -> weft_guest::Result {
/// let mut delays = delays.batched(64 * 1024);
/// for delay in [66, 95, -5] {
///     delays.send(&delay).await?;
/// }
/// delays.flush().await?;
/// # Ok(()) }
/// ```
pub struct TypedBatcher<T: ?Sized, C = Json> {
    batcher: Batcher,
    value: PhantomData<fn(&T) -> C>,
}

impl<T: Serialize + ?Sized, C: Codec> TypedBatcher<T, C> {
    /// Adds a value, and sends the batch when it is full.
    ///
    /// # Errors
    ///
    /// As [`Batcher::flush`], about this value or earlier ones; for a value
    /// that cannot be encoded, which is left out.
    pub async fn send(&mut self, value: &T) -> Result<(), SendError<C::Error>> {
        self.batcher
            .batch()
            .push_with(|bytes| C::encode(value, bytes))
            .map_err(SendError::Encode)?;
        Ok(self.batcher.send_when_full().await?)
    }
}

impl<T: ?Sized, C> TypedBatcher<T, C> {
    /// Sends what was collected and waits until it is in the channel.
    ///
    /// # Errors
    ///
    /// As [`Batcher::flush`].
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        self.batcher.flush().await
    }

    /// Values sent so far; see [`Batcher::frames_sent`].
    pub fn frames_sent(&self) -> u64 {
        self.batcher.frames_sent()
    }
}

impl<T: ?Sized, C> fmt::Debug for TypedBatcher<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedBatcher").field(&self.batcher).finish()
    }
}
