//! The reading end, for async guests.
//!
//! How a read works: frames already taken come first, then `try-read`, and only
//! when that would wait an async call is made. That call belongs to the reader
//! and not to the future the caller holds. A caller who gives up, as `select!`
//! does to every branch but one, drops a future but not the call: when the
//! frame had already arrived, cancelling would throw it away. The next read
//! goes on with the same call. Dropping the reader cancels it.
//!
//! Invariant: at most one call is under way, and while it is, `ready` is empty.

use crate::bindings::unshare_reader;
use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::channel::{Frame, Ready};
use crate::error::ReadError;
use crate::packed::PackedFrames;
use futures::future::LocalBoxFuture;
use futures::stream::{FusedStream, Stream};
use futures::task::noop_waker_ref;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// A call under way.
enum Waiting {
    /// For one frame.
    One(LocalBoxFuture<'static, Result<Option<raw::Delivery>, raw::ReadError>>),
    /// For a batch.
    Packed(LocalBoxFuture<'static, Result<raw::PackedDelivery, raw::ReadError>>),
}

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
    waiting: Option<Waiting>,
    ready: Ready,
    /// Whether the stream has ended. Reads do not look at it.
    ended: bool,
}

impl Reader {
    /// Takes the next frame, waiting for one. `None` is the end of the channel.
    ///
    /// # Errors
    ///
    /// [`ReadError::Lagged`] once after a weak reader lost frames;
    /// [`ReadError::Terminated`]; without the capability `channel-reader`.
    pub async fn read(&mut self) -> Result<Option<Frame>, ReadError> {
        poll_fn(|cx| self.poll_read(cx)).await
    }

    /// Takes the next frame without waiting.
    ///
    /// After a read that was dropped while it waited, what that read gets is
    /// seen here only once the guest has waited for something else.
    ///
    /// # Errors
    ///
    /// [`ReadError::WouldBlock`] where [`Reader::read`] would wait, and as there.
    pub fn try_read(&mut self) -> Result<Option<Frame>, ReadError> {
        if self.waiting.is_some() || !self.ready.is_empty() {
            let mut cx = Context::from_waker(noop_waker_ref());
            return match self.poll_read(&mut cx) {
                Poll::Ready(read) => read,
                Poll::Pending => Err(ReadError::WouldBlock),
            };
        }
        Ok(self.raw.try_read()?.map(Frame::from_raw))
    }

    /// Takes the frames that are there, waiting for the first: much cheaper
    /// than one by one. No frames is the end of the channel.
    ///
    /// At most `max_frames` frames, and at most `max_bytes` bytes of payload
    /// unless the first frame alone is larger; both are taken as at least 1.
    /// Frames that an earlier, dropped call has already taken come alone, and
    /// under that call's bounds.
    ///
    /// # Errors
    ///
    /// As [`Reader::read`].
    pub async fn read_packed(
        &mut self,
        max_frames: u32,
        max_bytes: u32,
    ) -> Result<PackedFrames, ReadError> {
        poll_fn(|cx| self.poll_fill(cx, max_frames, max_bytes)).await?;
        Ok(self.ready.take())
    }

    /// Turns a strong reader into a weak one, at the same place; a weak one
    /// stays as it is.
    pub fn downgrade(self) -> Self {
        let Reader {
            raw,
            waiting,
            ready,
            ended,
        } = self;
        drop(waiting);
        Reader {
            raw: Rc::new(raw::Reader::downgrade(unshare_reader(raw))),
            waiting: None,
            ready,
            ended,
        }
    }

    /// Takes a handle of the raw bindings.
    pub fn from_raw(raw: raw::Reader) -> Self {
        Reader {
            raw: Rc::new(raw),
            waiting: None,
            ready: Ready::default(),
            ended: false,
        }
    }

    /// Gives the handle of the raw bindings. Frames that a dropped read has
    /// taken, and no later read has asked for, are lost.
    pub fn into_raw(self) -> raw::Reader {
        drop(self.waiting);
        unshare_reader(self.raw)
    }

    /// The frames already taken.
    pub(crate) fn ready(&mut self) -> &mut Ready {
        &mut self.ready
    }

    /// The handle, for calls that wait on the guest's own stack.
    pub(crate) fn raw(&self) -> &raw::Reader {
        &self.raw
    }

    /// Makes one frame ready, or finds the end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Frame>, ReadError>> {
        if self.waiting.is_none() {
            if let Some(frame) = self.ready.pop_owned() {
                return Poll::Ready(Ok(Some(frame)));
            }
            match self.raw.try_read() {
                Err(raw::ReadError::WouldBlock) => {}
                read => {
                    return Poll::Ready(read.map(|f| f.map(Frame::from_raw)).map_err(From::from));
                }
            }
            let raw = Rc::clone(&self.raw);
            let call = async move { channel_async::read(&raw).await };
            self.waiting = Some(Waiting::One(Box::pin(call)));
        }
        if let Some(Waiting::One(call)) = &mut self.waiting {
            let read = ready!(call.as_mut().poll(cx));
            self.waiting = None;
            return Poll::Ready(read.map(|f| f.map(Frame::from_raw)).map_err(From::from));
        }
        ready!(self.poll_waiting(cx))?;
        Poll::Ready(Ok(self.ready.pop_owned()))
    }

    /// Makes a batch ready; `false` is the end of the channel.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        max_frames: u32,
        max_bytes: u32,
    ) -> Poll<Result<bool, ReadError>> {
        if self.waiting.is_none() {
            if !self.ready.is_empty() {
                return Poll::Ready(Ok(true));
            }
            // No `try-` call for batches is needed: an async call that finds
            // frames returns them at once, without a task.
            let raw = Rc::clone(&self.raw);
            let call = async move { channel_async::read_packed(&raw, max_frames, max_bytes).await };
            self.waiting = Some(Waiting::Packed(Box::pin(call)));
        }
        ready!(self.poll_waiting(cx))?;
        Poll::Ready(Ok(!self.ready.is_empty()))
    }

    /// Goes on with the call under way and makes ready what it brings.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ReadError>> {
        let brought = match &mut self.waiting {
            None => return Poll::Ready(Ok(())),
            Some(Waiting::One(call)) => {
                let read = ready!(call.as_mut().poll(cx));
                read.map(|frame| frame.map_or_else(PackedFrames::default, one))
            }
            Some(Waiting::Packed(call)) => {
                ready!(call.as_mut().poll(cx)).map(PackedFrames::from_raw)
            }
        };
        self.waiting = None;
        self.ready.put(brought?);
        Poll::Ready(Ok(()))
    }
}

/// A frame as a batch.
fn one(frame: raw::Delivery) -> PackedFrames {
    PackedFrames::one(Frame::from_raw(frame))
}

impl Stream for Reader {
    type Item = Result<Frame, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let read = ready!(self.poll_read(cx));
        // A terminated channel says so once; it would say so for ever.
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
