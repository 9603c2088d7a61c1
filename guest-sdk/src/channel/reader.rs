//! The reading end, for async guests.
//!
//! How a read works: frames already taken come first, then a `try-` call, and
//! only when that would wait a call that waits; [`crate::task`] decides which.
//! An async call only waits, see `read_call`: a caller who gives up, as `select!` does
//! to every branch but one, loses no frame. The call stays with the reader, for the next read
//! to go on with.
//!
//! How it waits is in `wait`, how it comes from a handle of the raw bindings and becomes one again in `handle`.
//!
//! Invariant: what is handed out goes through `pop`, `take_ready` or a read of one frame, which tell `commits`.
//!
//! Invariant: at most one call is under way. What was taken and not handed out, which only reads of
//! many frames leave behind, is in `ready`, and goes where the reader goes.

mod handle;
mod wait;

use super::read_call::{ReadCall, Shape};
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::{Commits, Frame, Ready};
use crate::error::ReadError;
use crate::packed::{BufferedReader, PackedFrames};
use crate::process::millis;
use crate::task::Pending;
use crate::time;
use futures::stream::{FusedStream, Stream};
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A reading end of a channel, with a place of its own in it.
///
/// Also a [`Stream`] of frames: the end of the channel ends the stream, and
/// [`ReadError::Lagged`] is an item after which the stream goes on. A future of
/// this type that is dropped before it is ready loses no frame; the next read
/// gets what it was waiting for. Dropping the reader closes it.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// while let Some(frame) = input.read().await? {
///     println!("{} bytes from writer {}", frame.payload.len(), frame.writer);
/// }
/// # Ok(()) }
/// ```
pub struct Reader {
    raw: Rc<raw::Reader>,
    waiting: Option<Pending<ReadCall>>,
    ready: Ready,
    /// The error that a read without waiting found instead of frames.
    failed: Option<ReadError>,
    /// Whether the stream has ended. Reads do not look at it.
    ended: bool,
    commits: Commits,
}

impl Reader {
    /// Takes the next frame, waiting for one. `None` is the end of the channel.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// while let Some(frame) = input.read().await? {
    ///     println!("{} bytes", frame.payload.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError::Lagged`] once after a weak reader lost frames;
    /// [`ReadError::Terminated`]; without the capability `channel-reader`.
    pub async fn read(&mut self) -> Result<Option<Frame>, ReadError> {
        if let Some(read) = self.retry() {
            return read;
        }
        let reader = self.waiting_guard();
        poll_fn(|cx| reader.0.poll_read(cx, Shape::One)).await
    }

    /// Takes the next frame without waiting.
    ///
    /// ```no_run
    /// # fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
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
        self.withdraw();
        if let Some(brought) = self.waiting.as_mut().and_then(Pending::take_done) {
            self.waiting = None;
            if let Some(read) = self.accept(brought?) {
                return Ok(read);
            }
        }
        if let Some(frame) = self.pop_owned() {
            return Ok(Some(frame));
        }
        self.take_failed()?;
        self.read_now()
    }

    /// Takes the next frame, waiting for one no longer than this (in whole
    /// milliseconds, rounded up). Needs no clock. The next read gets the frame for which a timed-out call was
    /// waiting.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// use std::time::Duration;
    /// use weft_guest::ReadError;
    /// match input.read_within(Duration::from_secs(1)).await {
    ///     Err(ReadError::WouldBlock) => println!("nothing came"),
    ///     frame => println!("{:?}", frame?),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError::WouldBlock`] when none came, and as [`Reader::read`].
    pub async fn read_within(&mut self, duration: Duration) -> Result<Option<Frame>, ReadError> {
        if let Some(read) = self.retry() {
            return read;
        }
        let reader = self.waiting_guard();
        let mut timer = pin!(time::sleep(duration));
        poll_fn(|cx| {
            let shape = Shape::Within(millis(duration));
            if let Poll::Ready(read) = reader.0.poll_read(cx, shape) {
                return Poll::Ready(read);
            }
            if !reader.0.is_calling() {
                // If a call is made, the call keeps the time itself.
                return Poll::Pending;
            }
            ready!(timer.as_mut().poll(cx));
            Poll::Ready(Err(ReadError::WouldBlock))
        })
        .await
    }

    /// Takes the frames that are there, waiting for the first: much cheaper
    /// than one by one. No frames is the end of the channel.
    ///
    /// At most `max_frames` frames, and at most `max_bytes` bytes of payload
    /// unless the first frame alone is larger; both are taken as at least 1.
    /// Frames that an earlier, dropped call has already taken come alone, and
    /// under that call's bounds.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024).await?;
    /// for frame in frames.iter() {
    ///     println!("{} bytes", frame.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub async fn read_packed(
        &mut self,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<PackedFrames, ReadError> {
        let reader = self.waiting_guard();
        poll_fn(|cx| reader.0.poll_fill(cx, max_frames, max_bytes)).await?;
        Ok(reader.0.take_ready())
    }

    /// The same reader, taking many frames at a time and lending them one by
    /// one: the quickest way to read single frames.
    ///
    /// ```no_run
    /// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let mut input = input.buffered();
    /// while let Some(frame) = input.read().await? {
    ///     println!("{} bytes", frame.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn buffered(self) -> BufferedReader {
        BufferedReader::new(self)
    }

    /// Turns a strong reader into a weak one, at the same place; a weak one
    /// stays as it is.
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let input = input.downgrade(); // holds nobody back any more
    /// # Ok(()) }
    /// ```
    pub fn downgrade(mut self) -> Self {
        self.end_wait();
        let (ready, failed, ended) = (
            std::mem::take(&mut self.ready),
            self.failed.take(),
            self.ended,
        );
        let commits = self.commits.renewed();
        Reader {
            raw: Rc::new(raw::Reader::downgrade(self.into_handle())),
            waiting: None,
            ready,
            failed,
            ended,
            commits,
        }
    }

    /// Says that the guest has finished with all frames it was handed so far. From the first call on reading on does not say
    /// so any more: call it once before the first read to have it all in your hands.
    ///
    /// This is about a reader whose frames come again to the next incarnation of a process that fails, as `weft up` gives one to
    /// every process that it restarts. Without this call a guest has finished with a frame, or a batch, when it reads on and
    /// what it has written with buffered writers is out. It has not finished with the frame it was handed last when it panics or lets go of
    /// the reader. A guest that handles several frames at once says by hand what it has finished with. Nothing happens with any other reader.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// input.commit();
    /// while let Some(frame) = input.read().await? {
    ///     // … and when all that follows from it is done:
    ///     input.commit();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn commit(&mut self) {
        self.commit_first(u32::MAX);
    }

    /// As [`Reader::commit`], for the first so many of the frames that the guest was handed and has not finished with. So a guest that
    /// reads many together finishes with them up to the one it has come to; after a failure only the others come again.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// loop {
    ///     let frames = input.read_packed(1024, 64 * 1024).await?;
    ///     if frames.is_empty() {
    ///         return Ok(());
    ///     }
    ///     for frame in frames.iter() {
    ///         println!("{} bytes", frame.len());
    ///         input.commit_first(1);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn commit_first(&mut self, frames: u32) {
        self.end_wait();
        self.commits.commit(&self.raw, frames);
    }

    /// Which delivery the frame read last is: 1, or more if a process that had read it before has failed or was killed before it
    /// had finished with it. 0 for a reader whose frames do not come again.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// while let Some(frame) = input.read().await? {
    ///     if input.attempt() > 1 {
    ///         println!("once more, with care: {} bytes", frame.payload.len());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn attempt(&self) -> u32 {
        self.raw.attempt()
    }

    /// The same reader, whose reads go on when the process is asked to stop: for a guest that finishes what is in the channel
    /// first, and sees for itself to its end within the time it is given.
    ///
    /// Without this, reads end then as at the end of the channel, so that an ordinary loop stops. If the channel takes no more
    /// frames, they go on to its end in any case.
    ///
    /// ```no_run
    /// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let mut input = input.past_stop();
    /// while let Some(frame) = input.read().await? {
    ///     println!("{} bytes", frame.payload.len());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use = "the reader is moved"]
    pub fn past_stop(self) -> Self {
        self.raw.end_at_stop(false);
        self
    }

    /// Whether reads have ended as the process was asked to stop, and not as the channel did.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// while let Some(frame) = input.read().await? {
    ///     println!("{} bytes", frame.payload.len());
    /// }
    /// if input.is_stopped() {
    ///     println!("asked to stop, there may be more");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn is_stopped(&self) -> bool {
        self.raw.is_stopped()
    }
}

/// A committed reader says how far its guest has got: what it was not handed is another's to read, at once.
impl Drop for Reader {
    fn drop(&mut self) {
        if self.commits.any() {
            self.end_wait();
            // Where it cannot be given back it comes again as what was not finished does.
            let _ = self.give_back();
            self.commits.let_go();
        }
    }
}

impl Stream for Reader {
    type Item = Result<Frame, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let read = ready!(self.poll_read(cx, Shape::One));
        // The stream reports a terminated channel once; reads report it each time.
        self.ended = !matches!(read, Ok(Some(_)) | Err(ReadError::Lagged(_)));
        Poll::Ready(read.transpose())
    }
}

impl FusedStream for Reader {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}
