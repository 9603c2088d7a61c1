//! A reader that takes many frames at a time and lends them one by one.

use crate::channel::{Handle, Reader};
use crate::error::ReadError;
use std::future::poll_fn;
use std::ops::Deref;

/// Frames asked for at a time. Enough to make the cost of a call vanish.
pub(crate) const MAX_FRAMES: u32 = 4096;

/// Bytes asked for at a time: larger batches leave the processor's caches.
pub(crate) const MAX_BYTES: u32 = 64 * 1024;

/// A reader that takes frames in packed batches and hands them out one by one,
/// without memory of its own for each. Made by [`Reader::buffered`].
///
/// It may hold frames nobody has asked for yet. So a weak reader that is slow with each frame is overtaken
/// later.
///
/// ```no_run
/// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
/// let mut input = input.buffered();
/// let mut bytes = 0;
/// while let Some(frame) = input.read().await? {
///     bytes += frame.len();
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct BufferedReader {
    reader: Reader,
}

/// A frame lent by a [`BufferedReader`], until it is asked for the next one.
///
/// It is its payload, by `Deref`.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::BufferedReader) -> weft_guest::Result {
/// if let Some(frame) = input.read().await? {
///     println!("{} bytes from writer {}", frame.len(), frame.writer);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRef<'a> {
    /// The writer that sent it; see [`Writer::id`](crate::Writer::id).
    pub writer: u32,
    /// Its bytes.
    pub payload: &'a [u8],
}

impl Deref for FrameRef<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.payload
    }
}

impl AsRef<[u8]> for FrameRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.payload
    }
}

impl BufferedReader {
    pub(crate) fn new(reader: Reader) -> Self {
        BufferedReader { reader }
    }

    /// Lends the next frame, waiting for one. `None` is the end of the channel.
    ///
    /// A call that is dropped while it waits loses no frame.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::BufferedReader) -> weft_guest::Result {
    /// while let Some(frame) = input.read().await? {
    ///     println!("{} bytes", frame.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    #[inline]
    pub async fn read(&mut self) -> Result<Option<FrameRef<'_>>, ReadError> {
        if self.reader.ready().is_empty() {
            self.fill().await?;
        }
        let frame = self.reader.pop();
        Ok(frame.map(|(writer, payload)| FrameRef { writer, payload }))
    }

    /// Takes the handles that came with the frame lent last; see
    /// [`Frame::handles`](crate::Frame::handles).
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::BufferedReader) -> weft_guest::Result {
    /// while input.read().await?.is_some() {
    ///     println!("{} handles came with it", input.take_handles().len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn take_handles(&mut self) -> Vec<Handle> {
        self.reader.take_handles()
    }

    /// As [`Reader::commit`]: the frame lent last is finished too.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::BufferedReader) -> weft_guest::Result {
    /// input.commit();
    /// while let Some(it) = input.read().await? {
    ///     // … and when all that follows from it is done:
    ///     input.commit();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn commit(&mut self) {
        self.reader.commit();
    }

    /// As [`Reader::attempt`].
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::BufferedReader) -> weft_guest::Result {
    /// println!("delivery {}", input.attempt());
    /// # Ok(()) }
    /// ```
    pub fn attempt(&self) -> u32 {
        self.reader.attempt()
    }

    /// Gives the reader back, with the frames it has taken and not handed out.
    ///
    /// ```no_run
    /// # async fn f(input: weft_guest::BufferedReader) -> weft_guest::Result {
    /// let mut input = input.into_inner();
    /// let frame = input.read().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> Reader {
        self.reader
    }

    /// What [`BufferedReader::into_inner`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `into_inner` now")]
    pub fn into_reader(self) -> Reader {
        self.into_inner()
    }

    #[cold]
    async fn fill(&mut self) -> Result<(), ReadError> {
        let reader = self.reader.waiting_guard();
        poll_fn(|cx| reader.0.poll_fill(cx, MAX_FRAMES, MAX_BYTES)).await?;
        Ok(())
    }
}
