//! Streams of bytes over channels: a source that reads frames into a guest's
//! `stream<u8>`, and a sink that writes one as frames.
//!
//! Invariants: bytes are copied once on each side, between the guest's memory and a frame, but for what is left of a frame
//! while the guest takes its time;
//! a sink takes from the guest only what it has written, so a cancelled write loses nothing.

use super::channel_async::Writing;
use super::writer::finish;
use crate::account::{Account, Charge, Exhausted, Good};
use crate::interface::ReaderHandle;
use crate::interface::generated::weft::fabric::channel::{ReadError, WriteError};
use crate::process::{ProcessShared, ProcessState};
use ::bytes::{Buf, Bytes, BytesMut};
use std::pin::Pin;
use std::result::Result as Answer;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime::component::{Destination, Source, StreamConsumer, StreamProducer, StreamResult};
use wasmtime::{AsContextMut as _, Result, StoreContextMut};
use weft_channel::Frame;

/// Bytes of the frames that a stream is cut into: large enough that a frame costs
/// little beside its bytes, small enough that reader and writer work side by side.
const FRAME_BYTES: usize = 64 << 10;

/// Bytes handed over at a time to a reader that is not a guest's buffer.
const BUFFER_BYTES: usize = 64 << 10;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The payloads of a reader's frames.
pub(super) struct ByteSource {
    /// With the process that holds it.
    reader: Answer<(ReaderHandle, Arc<ProcessShared>), ReadError>,
    /// What is left of the frame read last.
    rest: Bytes,
    account: Arc<Account>,
    /// For the rest, which the channel may have let go.
    kept: Option<Charge>,
    /// The read under way.
    reading: Option<Boxed<Answer<Option<Frame>, weft_channel::ReadError>>>,
    tell: Option<oneshot::Sender<Answer<(), ReadError>>>,
}

impl ByteSource {
    pub(super) fn new(
        reader: Answer<(ReaderHandle, Arc<ProcessShared>), ReadError>,
        account: Arc<Account>,
        tell: oneshot::Sender<Answer<(), ReadError>>,
    ) -> Self {
        Self {
            reader,
            rest: Bytes::new(),
            account,
            kept: None,
            reading: None,
            tell: Some(tell),
        }
    }

    /// The next frame; false at the end, which has been told then.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let (source, holder) = match &self.reader {
            Ok(reader) => reader,
            Err(denied) => {
                let denied = denied.clone();
                return Poll::Ready(self.end(Err(denied)));
            }
        };
        let read = match &mut self.reading {
            Some(reading) => reading.as_mut().poll(cx),
            None => match source.try_read(holder) {
                Err(weft_channel::ReadError::WouldBlock) => {
                    let (source, holder) = (source.clone(), holder.clone());
                    let read = async move { source.read(&holder).await };
                    let reading = self.reading.insert(Box::pin(read));
                    reading.as_mut().poll(cx)
                }
                read => Poll::Ready(read),
            },
        };
        let Poll::Ready(read) = read else {
            return Poll::Pending;
        };
        self.reading = None;
        Poll::Ready(match read {
            Ok(Some(frame)) => {
                self.rest = frame.payload;
                true
            }
            Ok(None) => self.end(Ok(())),
            Err(error) => self.end(Err(error.into())),
        })
    }

    /// Pays for what is left of a frame while the guest takes its time.
    fn keep(&mut self) -> Answer<(), Exhausted> {
        if self.rest.is_empty() {
            // An empty slice of it would keep the frame.
            self.rest = Bytes::new();
            self.kept = None;
        } else if self.kept.is_none() {
            let bytes = self.rest.len() as u64;
            self.kept = Some(self.account.charge(Good::HostBytes, bytes)?);
            // A slice would keep all of the batch that the frame came in.
            self.rest = Bytes::copy_from_slice(&self.rest);
        }
        Ok(())
    }

    fn end(&mut self, how: Answer<(), ReadError>) -> bool {
        if let Some(tell) = self.tell.take() {
            // A guest that dropped the future does not want to know.
            let _ = tell.send(how);
        }
        false
    }
}

impl StreamProducer<ProcessState> for ByteSource {
    type Item = u8;
    type Buffer = BytesMut;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, ProcessState>,
        to: Destination<'a, u8, BytesMut>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        // A guest that asks whether there is something to read: the answer is the next read's.
        if to.remaining(store.as_context_mut()) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let mut to = to.as_direct(store, BUFFER_BYTES);
        let mut written = 0;
        loop {
            let room = to.remaining();
            let count = room.len().min(self.rest.len());
            if let (Some(room), Some(bytes)) = (room.get_mut(..count), self.rest.get(..count)) {
                room.copy_from_slice(bytes);
            }
            self.rest.advance(count);
            to.mark_written(count);
            written += count;
            if to.remaining().is_empty() {
                self.keep()?;
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            self.kept = None;
            // More only where it is there already, once something was written.
            match self.poll_frame(cx) {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Ok(StreamResult::Dropped)),
                Poll::Pending if written > 0 => return Poll::Ready(Ok(StreamResult::Completed)),
                Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// A stream on its way into a channel.
pub(super) struct ByteSink {
    to: Writing,
    /// The write that waits for room, and the bytes it is of.
    writing: Option<(Boxed<Answer<bool, WriteError>>, usize)>,
    frame_bytes: usize,
    sent: u64,
    tell: Option<oneshot::Sender<Answer<u64, WriteError>>>,
}

impl ByteSink {
    pub(super) fn new(to: Writing, tell: oneshot::Sender<Answer<u64, WriteError>>) -> Self {
        Self {
            frame_bytes: FRAME_BYTES.min(to.limits.frame_bytes as usize),
            to,
            writing: None,
            sent: 0,
            tell: Some(tell),
        }
    }

    /// Writes the first bytes of `bytes` as a frame and says how many.
    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Answer<usize, WriteError>> {
        loop {
            if let Some((writing, count)) = &mut self.writing {
                let Poll::Ready(written) = writing.as_mut().poll(cx) else {
                    return Poll::Pending;
                };
                let count = *count;
                self.writing = None;
                return Poll::Ready(written.map(|taken| self.count(taken, count)));
            }
            let count = bytes.len().min(self.frame_bytes);
            let frame = bytes.get(..count).unwrap_or(bytes);
            let frame = Bytes::copy_from_slice(frame);
            match self.to.writer.try_write(frame.clone()) {
                Ok(taken) => return Poll::Ready(Ok(self.count(taken, count))),
                Err(weft_channel::WriteError::WouldBlock) => {
                    let (writer, account) = (self.to.writer.clone(), self.to.account.clone());
                    let write = async move { finish(writer.write(frame), count, &account).await };
                    self.writing = Some((Box::pin(write), count));
                }
                // The channel is smaller than the frames: smaller frames then.
                Err(weft_channel::WriteError::TooLarge { capacity })
                    if (capacity as usize) < count =>
                {
                    self.frame_bytes = (capacity as usize).max(1);
                }
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    fn count(&mut self, taken: bool, count: usize) -> usize {
        if taken {
            self.sent += count as u64;
        }
        count
    }
}

impl StreamConsumer<ProcessState> for ByteSink {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, ProcessState>,
        from: Source<'_, u8>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        // The call that the guest made is gone, and with it who would hear of errors.
        if self.tell.as_ref().is_none_or(oneshot::Sender::is_closed) {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        let mut from = from.as_direct(store);
        let mut taken = false;
        loop {
            let bytes = from.remaining();
            if bytes.is_empty() {
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            match self.poll_write(cx, bytes) {
                Poll::Ready(Ok(count)) => {
                    from.mark_read(count);
                    taken = true;
                }
                Poll::Ready(Err(error)) => {
                    if let Some(tell) = self.tell.take() {
                        let _ = tell.send(Err(error));
                    }
                    return Poll::Ready(Ok(StreamResult::Dropped));
                }
                Poll::Pending if taken || finish => {
                    // What was not taken comes again, and is copied anew then.
                    self.writing = None;
                    return Poll::Ready(Ok(match taken {
                        true => StreamResult::Completed,
                        false => StreamResult::Cancelled,
                    }));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Drop for ByteSink {
    fn drop(&mut self) {
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(Ok(self.sent));
        }
    }
}
