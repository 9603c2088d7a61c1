//! A writer that collects frames and sends them in batches.
//!
//! The call that sends a batch belongs to the batcher, not to the future the
//! caller holds: giving up on a `write` or a `flush` loses no frame that was
//! accepted, and the next call goes on with it.
//!
//! A channel smaller than a batch would refuse it, so the batcher finds the
//! channel's capacity out when it must: the first batch of each new size is
//! copied, and one that turns out too large is sent again in parts.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::channel::Writer;
use crate::error::WriteError;
use crate::packed::Batch;
use futures::future::LocalBoxFuture;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// What a frame adds to the size of a batch besides its payload: its end.
/// Without it a stream of empty frames would never be sent.
const WEIGHT_OF_A_FRAME: usize = 4;

/// What the sending of a batch comes to.
struct Sent {
    frames: Result<u32, WriteError>,
    /// Bytes of the batch.
    bytes: usize,
    /// The channel's capacity, when the batch was larger.
    capacity: Option<u64>,
}

/// Collects frames and sends them in batches. Made by [`Writer::batched`].
///
/// Frames leave when a batch is full and at [`Batcher::flush`]; dropping a
/// batcher with frames in it loses them and logs a warning.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// let mut output = output.batched(64 * 1024);
/// for line in ["one", "two"] {
///     output.write(line.as_bytes()).await?;
/// }
/// output.flush().await?;
/// # Ok(()) }
/// ```
pub struct Batcher {
    writer: Writer,
    batch: Batch,
    limit: usize,
    /// Batches up to this many bytes are known to fit the channel.
    proven: usize,
    sending: Option<LocalBoxFuture<'static, Sent>>,
    frames_sent: u64,
}

impl Batcher {
    /// Collects up to this many bytes; 0 sends every frame at once.
    pub fn new(writer: Writer, bytes: usize) -> Self {
        Batcher {
            writer,
            batch: Batch::new(),
            limit: bytes,
            proven: 0,
            sending: None,
            frames_sent: 0,
        }
    }

    /// Adds a frame, and sends the batch when it is full.
    ///
    /// # Errors
    ///
    /// As [`Batcher::flush`], about this frame or earlier ones.
    pub async fn write(&mut self, frame: &[u8]) -> Result<(), WriteError> {
        self.make_room(frame.len()).await?;
        self.batch.push(frame);
        self.send_when_full().await
    }

    /// Sends what was collected and waits until it is in the channel.
    ///
    /// # Errors
    ///
    /// As [`Writer::write`]. The frames of the batch that failed are gone, but
    /// for those of its parts that were sent before it.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Frames sent so far, without those still collected. On a channel that
    /// drops, frames that found no room do not count.
    pub fn frames_sent(&self) -> u64 {
        self.frames_sent
    }

    /// The writer's id; see [`Writer::id`].
    pub fn id(&self) -> u32 {
        self.writer.id()
    }

    /// The batch being collected, for encoders that append to it. Call
    /// [`Batcher::send_when_full`] afterwards.
    pub(crate) fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }

    /// Sends the batch when it has reached the limit.
    pub(crate) async fn send_when_full(&mut self) -> Result<(), WriteError> {
        if self.weight() >= self.limit {
            self.flush().await?;
        }
        Ok(())
    }

    /// Sends the batch when a frame of this many bytes would overfill it, so
    /// that only a frame that is itself larger makes a larger batch.
    async fn make_room(&mut self, bytes: usize) -> Result<(), WriteError> {
        if !self.batch.is_empty() && self.weight() + bytes + WEIGHT_OF_A_FRAME > self.limit {
            self.flush().await?;
        }
        Ok(())
    }

    fn weight(&self) -> usize {
        self.batch.bytes() + WEIGHT_OF_A_FRAME * self.batch.len()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        loop {
            if let Some(call) = &mut self.sending {
                let sent = ready!(call.as_mut().poll(cx));
                self.sending = None;
                match sent.capacity {
                    None => self.proven = self.proven.max(sent.bytes),
                    // A quarter, so that a writer can fill one part of the
                    // channel while a reader empties another.
                    Some(capacity) => {
                        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
                        self.limit = self.limit.min(capacity / 4);
                    }
                }
                self.frames_sent += u64::from(sent.frames?);
            } else if self.batch.is_empty() {
                return Poll::Ready(Ok(()));
            } else {
                let batch = std::mem::take(&mut self.batch);
                let copy = (batch.bytes() > self.proven).then(|| batch.clone());
                let raw = Rc::clone(self.writer.shared());
                self.sending = Some(Box::pin(send(raw, batch, copy)));
            }
        }
    }
}

/// Sends a batch, in parts if the channel is too small and there is a copy.
async fn send(raw: Rc<raw::Writer>, batch: Batch, copy: Option<Batch>) -> Sent {
    let bytes = batch.bytes();
    let (ends, payload) = batch.into_parts();
    let whole = channel_async::write_packed(&raw, ends, payload).await;
    let (Err(raw::WriteError::TooLarge(capacity)), Some(copy)) = (&whole, copy) else {
        return Sent {
            frames: whole.map_err(WriteError::from),
            bytes,
            capacity: None,
        };
    };
    let mut frames = Ok(0);
    for part in split(&copy, usize::try_from(*capacity).unwrap_or(usize::MAX)) {
        let (ends, payload) = part.into_parts();
        let sent = channel_async::write_packed(&raw, ends, payload).await;
        frames = match (frames, sent) {
            (Ok(before), Ok(sent)) => Ok(before + sent),
            (_, Err(error)) => Err(WriteError::from(error)),
            (Err(error), Ok(_)) => Err(error),
        };
        if frames.is_err() {
            break;
        }
    }
    Sent {
        frames,
        bytes,
        capacity: Some(*capacity),
    }
}

/// Cuts a batch into batches of at most this many bytes; a frame that is larger
/// comes alone.
fn split(batch: &Batch, bytes: usize) -> Vec<Batch> {
    let mut parts = Vec::new();
    let mut part = Batch::new();
    for frame in batch.iter() {
        if !part.is_empty() && part.bytes() + frame.len() > bytes {
            parts.push(std::mem::take(&mut part));
        }
        part.push(frame);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

impl Drop for Batcher {
    fn drop(&mut self) {
        if !self.batch.is_empty() || self.sending.is_some() {
            let frames = self.batch.len().to_string();
            crate::log::write(
                crate::log::Level::Warn,
                module_path!(),
                "a batched writer was dropped before it was flushed; its frames are lost",
                &[("frames", &frames)],
            );
        }
    }
}

impl fmt::Debug for Batcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher")
            .field("writer", &self.writer)
            .field("frames", &self.batch.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_split(frames: &[&str], bytes: usize, parts: &[&[&str]]) {
        let batch: Batch = frames.iter().collect();
        let split = split(&batch, bytes);
        let split: Vec<Vec<_>> = split
            .iter()
            .map(|part| part.iter().map(String::from_utf8_lossy).collect())
            .collect();
        assert_eq!(split, parts);
    }

    #[test]
    fn parts_are_as_large_as_they_may_be() {
        check_split(&["aa", "bb", "cc"], 4, &[&["aa", "bb"], &["cc"]]);
        check_split(&["aa", "bb", "cc"], 3, &[&["aa"], &["bb"], &["cc"]]);
        check_split(&["", "", "aa"], 2, &[&["", "", "aa"]]);
    }

    #[test]
    fn a_frame_that_is_too_large_comes_alone() {
        check_split(&["a", "bbbb", "c"], 2, &[&["a"], &["bbbb"], &["c"]]);
    }

    #[test]
    fn nothing_makes_no_parts() {
        check_split(&[], 2, &[]);
    }
}
