//! Ends for bulk data: streams of bytes, for which frame boundaries do not matter.
//!
//! A byte of a stream crosses the boundary of a guest in one copy and with no
//! allocation per frame. How, is in `streams`; the test kit has other ones.

#[cfg_attr(not(target_family = "wasm"), path = "bytes/native.rs")]
mod streams;

use super::{Reader, Writer};
use crate::error::{ReadError, WriteError};
use std::fmt;

/// The payloads of a reader's frames as one stream of bytes. Made by
/// [`Reader::into_bytes`]. Dropping it closes the reader.
///
/// ```no_run
/// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
/// let mut input = input.into_bytes();
/// let mut bytes = Vec::with_capacity(1 << 20);
/// while input.read(&mut bytes).await? > 0 {
///     println!("{} bytes", bytes.len());
/// }
/// # Ok(()) }
/// ```
pub struct ByteReader(streams::Source);

impl ByteReader {
    /// Replaces the contents of `buffer` by the next bytes, and returns their number. Waits for the first byte.
    /// Reads at most as many bytes as the buffer has room for, or 64 KiB if it has none. 0 is the end of the
    /// channel.
    ///
    /// A call that is dropped while it waits loses no bytes.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::ByteReader) -> weft_guest::Result {
    /// let mut bytes = Vec::with_capacity(4096);
    /// let read = input.read(&mut bytes).await?; // 0: the end
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], when the bytes before the error have been read.
    pub async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
        self.0.read(buffer).await
    }
}

impl fmt::Debug for ByteReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteReader").finish_non_exhaustive()
    }
}

/// A writer that takes a stream of bytes and sends it in frames of at most 64
/// KiB. Made by [`Writer::into_bytes`].
///
/// [`ByteWriter::finish`] waits until the last byte is in the channel. A writer that is dropped without it does
/// not send bytes for which the channel had no room yet.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// let mut output = output.into_bytes();
/// output.write(vec![0; 1 << 20]).await?;
/// assert_eq!(output.finish().await?, 1 << 20);
/// # Ok(()) }
/// ```
pub struct ByteWriter(streams::Target);

impl ByteWriter {
    /// Sends bytes, and waits until the host has taken them all. A call that is dropped while it waits may have
    /// sent some of them.
    ///
    /// ```no_run
    /// # async fn f(mut output: weft_guest::ByteWriter) -> weft_guest::Result {
    /// output.write("some bytes").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`].
    pub async fn write(&mut self, bytes: impl Into<Vec<u8>>) -> Result<(), WriteError> {
        self.0.write(bytes.into()).await
    }

    /// Ends the stream, waits until its last byte is in the channel and returns
    /// how many bytes were sent.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::ByteWriter) -> weft_guest::Result {
    /// let sent = output.finish().await?;
    /// println!("{sent} bytes are in the channel");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Writer::write`]; what was sent before stays sent.
    pub async fn finish(self) -> Result<u64, WriteError> {
        self.0.finish().await
    }
}

impl fmt::Debug for ByteWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteWriter").finish_non_exhaustive()
    }
}

impl Reader {
    /// Gives the payloads of the frames, one after the other, as a stream of
    /// bytes: for bulk data, for which frame boundaries do not matter. Handles that come with frames are
    /// dropped.
    ///
    /// ```no_run
    /// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let mut input = input.into_bytes();
    /// let mut bytes = Vec::new();
    /// while input.read(&mut bytes).await? > 0 {
    ///     println!("{} bytes", bytes.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn into_bytes(mut self) -> ByteReader {
        self.end_wait();
        let ahead = self.take_ready().into_batch().into_parts().1;
        ByteReader(streams::Source::new(self, ahead))
    }
}

impl Writer {
    /// Takes bulk data as a stream of bytes, and cuts the frames itself.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut output = output.into_bytes();
    /// output.write(vec![0; 1 << 20]).await?;
    /// output.finish().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_bytes(self) -> ByteWriter {
        ByteWriter(streams::Target::new(self))
    }
}
