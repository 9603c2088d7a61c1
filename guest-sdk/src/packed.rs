//! Packed batches: many frames that cross the guest's boundary in two lists.
//!
//! A call costs as much as copying kilobytes, so frames travel together where
//! they can: [`Batch`] on the way out, [`PackedFrames`] on the way in. For those
//! who would rather see single frames, [`BufferedWriter`] makes batches of a
//! stream of writes and [`BufferedReader`] single frames of batches.

mod batch;
mod buffer;
mod reader;
mod writer;

pub use batch::Batch;
pub(crate) use buffer::Buffer;
pub use reader::{BufferedReader, FrameRef};
pub(crate) use reader::{MAX_BYTES, MAX_FRAMES};
pub use writer::BufferedWriter;
pub(crate) use writer::LIMIT;

use crate::bindings::weft::fabric::{channel as raw, frames};
use crate::channel::{self, Frame, Handle};

/// Frames that were read together.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// let frames = input.read_packed(1024, 64 * 1024).await?;
/// let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct PackedFrames {
    ends: Vec<u32>,
    writers: Vec<u32>,
    payload: Vec<u8>,
    /// The handles of those frames that came with any, by index.
    handles: Vec<(u32, Vec<Handle>)>,
}

impl PackedFrames {
    /// Takes a batch of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::PackedDelivery) -> weft_guest::Result {
    /// let frames = weft_guest::PackedFrames::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::PackedDelivery) -> Self {
        let handles = raw.handles.unwrap_or_default().into_iter();
        PackedFrames {
            ends: raw.frames.ends,
            writers: raw.frames.writers,
            payload: raw.frames.payload,
            handles: handles
                .map(|(index, handles)| (index, channel::lift_handles(handles)))
                .collect(),
        }
    }

    /// A batch of one frame.
    pub(crate) fn one(frame: Frame) -> Self {
        let mut handles = Vec::new();
        if !frame.handles.is_empty() {
            handles.push((0, frame.handles));
        }
        PackedFrames {
            ends: vec![end(frame.payload.len())],
            writers: vec![frame.writer],
            payload: frame.payload,
            handles,
        }
    }

    /// The number of frames. None means the end of the channel.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024).await?;
    /// println!("{} frames", frames.len());
    /// # Ok(()) }
    /// ```
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no frame: the end of the channel.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// while !input.read_packed(1024, 64 * 1024).await?.is_empty() {}
    /// println!("the end");
    /// # Ok(()) }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of payload of all frames together.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024).await?;
    /// println!("{} bytes", frames.bytes());
    /// # Ok(()) }
    /// ```
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// The writer of a frame, and where its bytes end.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> Option<(u32, usize)> {
        Some((*self.writers.get(index)?, *self.ends.get(index)? as usize))
    }

    /// The bytes of all frames.
    #[inline]
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// A frame: the writer that sent it and its bytes.
    ///
    /// ```no_run
    /// # async fn f(frames: weft_guest::PackedFrames) -> weft_guest::Result {
    /// if let Some((writer, payload)) = frames.get(0) {
    ///     println!("{} bytes from writer {writer}", payload.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn get(&self, index: usize) -> Option<(u32, &[u8])> {
        let writer = self.writers.get(index)?;
        Some((*writer, slice(&self.ends, &self.payload, index)?))
    }

    /// Takes the handles that came with a frame; see [`Frame::handles`]. Those
    /// nobody takes are dropped with the batch.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
    /// let mut frames = input.read_packed(1024, 64 * 1024).await?;
    /// for index in 0..frames.len() {
    ///     for handle in frames.take_handles(index) {
    ///         println!("frame {index} brought {handle:?}");
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn take_handles(&mut self, index: usize) -> Vec<Handle> {
        // Nearly always there are none at all.
        let mut all = self.handles.iter_mut();
        let found = all.find(|(of, _)| *of as usize == index);
        found.map_or_else(Vec::new, |(_, handles)| std::mem::take(handles))
    }

    /// The frames' bytes, in order.
    ///
    /// ```no_run
    /// # async fn f(frames: weft_guest::PackedFrames) -> weft_guest::Result {
    /// let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
    /// # Ok(()) }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.with_writers().map(|(_, frame)| frame)
    }

    /// The frames in order, each with the writer that sent it.
    ///
    /// ```no_run
    /// # async fn f(frames: weft_guest::PackedFrames) -> weft_guest::Result {
    /// for (writer, payload) in frames.with_writers() {
    ///     println!("{} bytes from writer {writer}", payload.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn with_writers(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The frames as a batch to be sent on, without touching their bytes.
    /// Handles are dropped.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::Reader, output: weft_guest::Writer) -> weft_guest::Result {
    /// let frames = input.read_packed(1024, 64 * 1024).await?;
    /// output.write_packed(frames.into_batch()).await?;
    /// # Ok(()) }
    /// ```
    pub fn into_batch(self) -> Batch {
        Batch::of(self.ends, self.payload)
    }

    /// As the raw bindings want them, with the handles that are left.
    pub(crate) fn into_raw(self) -> (frames::PackedFrames, Vec<(u32, Vec<raw::Handle>)>) {
        let handles = self.handles.into_iter();
        let handles = handles.filter(|(_, handles)| !handles.is_empty());
        let handles = handles
            .map(|(index, handles)| (index, channel::lower_handles(handles)))
            .collect();
        let frames = frames::PackedFrames {
            ends: self.ends,
            writers: self.writers,
            payload: self.payload,
        };
        (frames, handles)
    }

    /// The frames from this one on.
    pub(crate) fn skip(self, first: usize) -> Self {
        let mut rest = PackedFrames::default();
        for (writer, frame) in self.with_writers().skip(first) {
            rest.payload.extend_from_slice(frame);
            rest.writers.push(writer);
            rest.ends.push(end(rest.payload.len()));
        }
        let handles = self.handles.into_iter().filter_map(|(index, handles)| {
            let index = (index as usize).checked_sub(first)?;
            Some((end(index), handles))
        });
        rest.handles = handles.collect();
        rest
    }
}

/// A place in a payload or a batch, as the contract counts them.
fn end(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The bytes of frame `index`.
fn slice<'a>(ends: &[u32], payload: &'a [u8], index: usize) -> Option<&'a [u8]> {
    let end = *ends.get(index)? as usize;
    let start = match index.checked_sub(1) {
        Some(before) => *ends.get(before)? as usize,
        None => 0,
    };
    payload.get(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(frames: &[(u32, &str)]) -> PackedFrames {
        let batch: Batch = frames.iter().map(|(_, frame)| frame).collect();
        let (ends, payload) = batch.into_parts();
        let writers = frames.iter().map(|(writer, _)| *writer).collect();
        PackedFrames {
            ends,
            writers,
            payload,
            handles: Vec::new(),
        }
    }

    #[test]
    fn frames_come_back_as_they_went_in_also_empty_ones() {
        let frames: [&[u8]; 4] = [b"", b"one", b"", b"two"];
        let batch: Batch = frames.iter().collect();
        assert_eq!(batch.iter().collect::<Vec<_>>(), frames);
        assert_eq!((batch.len(), batch.bytes()), (4, 6));
    }

    #[test]
    fn a_failed_encoding_leaves_no_trace() {
        let mut batch = Batch::new();
        batch.push(b"one");
        let failed = batch.push_with(|bytes| {
            bytes.extend_from_slice(b"half");
            Err("no")
        });
        assert_eq!(failed, Err("no"));
        batch.push(b"two");
        assert_eq!(batch.iter().collect::<Vec<_>>(), [b"one", b"two"]);
    }

    #[test]
    fn skipping_keeps_writers_and_bytes_together() {
        let mut frames = packed(&[(1, "one"), (2, ""), (3, "three")]);
        frames.handles = vec![(0, vec![Handle::Lost]), (2, vec![Handle::Lost])];
        let mut rest = frames.skip(1);
        let found: Vec<_> = rest.with_writers().collect();
        assert_eq!(found, [(2, &b""[..]), (3, b"three")]);
        assert_eq!(rest.take_handles(0).len(), 0);
        assert_eq!(rest.take_handles(1).len(), 1);
    }

    #[test]
    fn a_batch_sent_on_keeps_its_frames() {
        let batch = packed(&[(1, "one"), (2, "two")]).into_batch();
        assert_eq!(batch.iter().collect::<Vec<_>>(), [b"one", b"two"]);
    }
}
