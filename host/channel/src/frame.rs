//! Frames on their way out: one, or many as slices of what the channel retains.
//!
//! Invariant: a [`Frames`] copies no payload until it is packed, and holds at most
//! `u32::MAX` frames and bytes, so packing cannot overflow.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use crate::attachment::Attachment;

/// One frame.
#[derive(Debug)]
pub struct Frame {
    /// Id of the writer that sent it.
    pub writer: u32,
    /// Its bytes, shared with the channel and its other readers.
    pub payload: Bytes,
    /// The handles that came with it; empty for nearly all frames, and for every reader but the
    /// first.
    pub attached: Vec<Attachment>,
    /// Bytes of the payload that it is a part of; no payload is longer than ends can say.
    pub(crate) kept: u32,
}

impl Frame {
    /// A frame that a reader is given back, see [`Reader::put_back`](crate::Reader::put_back), or that a remote engine hands out.
    #[must_use]
    pub fn new(writer: u32, payload: Bytes, attached: Vec<Attachment>) -> Self {
        Self {
            writer,
            // No payload is longer than ends can say.
            kept: u32::try_from(payload.len()).unwrap_or(u32::MAX),
            payload,
            attached,
        }
    }

    /// A frame without handles, of a payload of so many bytes.
    #[inline(always)]
    pub(crate) fn read(writer: u32, payload: Bytes, kept: usize) -> Self {
        Self {
            writer,
            payload,
            attached: Vec::new(),
            kept: kept as u32,
        }
    }

    /// Bytes that stay allocated as long as its payload, or any part of that, is held: those of
    /// the whole batch where the frame was written with others, for all of whom there is one buffer.
    ///
    /// A channel counts them until it evicts the frame; from then on they count for nobody. Who keeps frames for long
    /// charges them by this, or copies the payload where that is much less.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.kept as usize
    }
}

/// Frames read together, shared with the channel and its other readers.
#[derive(Debug, Default)]
pub struct Frames {
    slices: Vec<Slice>,
    /// The handles that came with some of the frames.
    attached: Vec<(usize, Vec<Attachment>)>,
    len: usize,
    bytes: usize,
}

/// Neighbouring frames of one segment.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    pub writer: u32,
    /// The bytes of these frames only.
    pub payload: Bytes,
    pub ends: SliceEnds,
    /// Bytes of the segment's payload.
    pub kept: u32,
}

/// Where the frames of a slice end.
#[derive(Debug, Clone)]
pub(crate) enum SliceEnds {
    /// One frame, all of the payload.
    Single,
    /// `ends[range]`, counted from the start of the segment; `base` is where
    /// the slice starts in it.
    Many {
        ends: Arc<[u32]>,
        range: Range<usize>,
        base: u32,
    },
}

/// Frames in flat lists: frame `i` is `payload[ends[i-1]..ends[i]]`, sent by `writers[i]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedFrames {
    /// Where each frame ends in `payload`.
    pub ends: Vec<u32>,
    /// Who sent each frame; as long as `ends`.
    pub writers: Vec<u32>,
    /// The bytes of all frames, one after the other.
    pub payload: Bytes,
}

impl Slice {
    fn len(&self) -> usize {
        match &self.ends {
            SliceEnds::Single => 1,
            SliceEnds::Many { range, .. } => range.len(),
        }
    }

    /// Where each frame ends in this slice's payload.
    fn ends(&self) -> impl Iterator<Item = u32> {
        let (single, many, base) = match &self.ends {
            SliceEnds::Single => (Some(self.payload.len() as u32), None, 0),
            SliceEnds::Many { ends, range, base } => (None, ends.get(range.clone()), *base),
        };
        let many = many.unwrap_or_default().iter().map(move |end| end - base);
        single.into_iter().chain(many)
    }
}

impl Extend<Frame> for Frames {
    /// Puts frames behind those that are there. No more than `u32::MAX` bytes may come together.
    fn extend<I: IntoIterator<Item = Frame>>(&mut self, frames: I) {
        for frame in frames {
            self.push(Slice {
                writer: frame.writer,
                payload: frame.payload,
                ends: SliceEnds::Single,
                kept: frame.kept,
            });
            if !frame.attached.is_empty() {
                self.attach(frame.attached);
            }
        }
    }
}

impl FromIterator<Frame> for Frames {
    /// Frames that an engine hands out. No more than `u32::MAX` bytes may come together.
    fn from_iter<I: IntoIterator<Item = Frame>>(frames: I) -> Self {
        let mut all = Self::default();
        all.extend(frames);
        all
    }
}

impl Frames {
    pub(crate) fn push(&mut self, slice: Slice) {
        self.len += slice.len();
        self.bytes += slice.payload.len();
        self.slices.push(slice);
    }

    pub(crate) fn slices(&self) -> usize {
        self.slices.len()
    }

    /// Attaches handles to the frame that was pushed last.
    pub(crate) fn attach(&mut self, attached: Vec<Attachment>) {
        self.attached.push((self.len.saturating_sub(1), attached));
    }

    /// Takes the handles that came with these frames, in order, each list with the
    /// index of its frame. Frames without handles are not listed.
    #[must_use = "handles that are not kept are closed"]
    pub fn take_attached(&mut self) -> Vec<(usize, Vec<Attachment>)> {
        std::mem::take(&mut self.attached)
    }

    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no frames: end-of-channel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of payload in all frames together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of all payloads that these frames keep in memory: a frame that was written in a batch keeps all of it.
    #[must_use]
    pub fn kept_bytes(&self) -> u64 {
        self.slices.iter().map(|slice| u64::from(slice.kept)).sum()
    }

    /// The frames in order, each sharing its payload, without the handles attached to them.
    pub fn iter(&self) -> impl Iterator<Item = Frame> {
        self.slices.iter().flat_map(|slice| {
            let mut start = 0;
            slice.ends().map(move |end| {
                let payload = slice.payload.slice(start..end as usize);
                start = end as usize;
                Frame {
                    writer: slice.writer,
                    payload,
                    attached: Vec::new(),
                    kept: slice.kept,
                }
            })
        })
    }

    /// The frames in flat lists. Frames that were written together stay together: their
    /// payload is shared. Others are copied, once.
    #[must_use]
    pub fn pack(&self) -> PackedFrames {
        let mut ends = Vec::with_capacity(self.len);
        let mut writers = Vec::with_capacity(self.len);
        let mut start = 0u32;
        for slice in &self.slices {
            ends.extend(slice.ends().map(|end| start.saturating_add(end)));
            writers.resize(writers.len() + slice.len(), slice.writer);
            // Exact: an engine hands out at most `u32::MAX` bytes at once. One that breaks that ends no host.
            start = start.saturating_add(slice.payload.len() as u32);
        }
        let payload = match self.slices.as_slice() {
            [slice] => slice.payload.clone(),
            slices => {
                let mut payload = Vec::with_capacity(self.bytes);
                for slice in slices {
                    payload.extend_from_slice(&slice.payload);
                }
                payload.into()
            }
        };
        PackedFrames {
            ends,
            writers,
            payload,
        }
    }
}
