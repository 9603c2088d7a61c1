//! One frame or one batch, as the ring retains it: never split, never copied.
//!
//! Invariant: a segment has at least one frame.

use std::ops::Range;

use bytes::Bytes;

use super::amount::Amount;
use crate::{
    attachment::Attachment,
    batch::{Ends, Parcel},
    frame::{Frame, Slice, SliceEnds},
    sync::Once,
};

/// Bytes that a write costs the host besides its payload and the ends of its frames: its entry, and what
/// allocators and counts of references take for the two.
pub(crate) const WRITE_COST: usize = size_of::<Once<Segment>>() + 80;

#[derive(Debug)]
pub(crate) struct Segment {
    payload: Bytes,
    ends: Ends,
    /// All that was written before it.
    pub(super) before: Amount,
    writer: u32,
    /// Whether there was something attached when it was written.
    has_attached: bool,
}

impl Segment {
    /// Of a parcel whose attachments were taken out.
    #[inline]
    pub(super) fn new(parcel: Parcel, has_attached: bool, writer: u32, before: Amount) -> Self {
        Self {
            payload: parcel.payload,
            ends: parcel.ends,
            before,
            writer,
            has_attached,
        }
    }

    #[inline]
    pub(super) fn has_attached(&self) -> bool {
        self.has_attached
    }

    #[inline]
    pub(super) fn amount(&self) -> Amount {
        Amount {
            frames: self.frames().into(),
            bytes: self.bytes() as u64,
        }
    }

    #[inline]
    pub fn frames(&self) -> u32 {
        self.ends.frames()
    }

    /// Bytes of payload, which stay allocated as long as any frame of it is held.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// Where frame `index` lies in the payload.
    fn range(&self, index: u32) -> Range<usize> {
        match &self.ends {
            Ends::Single => 0..self.payload.len(),
            Ends::Many(ends) => {
                let at = |index: usize| ends.get(index).copied().unwrap_or(0) as usize;
                let index = index as usize;
                index.checked_sub(1).map_or(0, at)..at(index)
            }
        }
    }

    pub fn writer(&self) -> u32 {
        self.writer
    }

    /// Frame `index`, with these handles.
    #[inline(always)]
    pub(super) fn frame(&self, index: u32, attached: Vec<Attachment>) -> Frame {
        Frame {
            writer: self.writer,
            payload: self.payload(index),
            attached,
            kept: self.bytes() as u32,
        }
    }

    /// The bytes of frame `index`.
    #[inline]
    pub fn payload(&self, index: u32) -> Bytes {
        match &self.ends {
            Ends::Single => self.payload.clone(),
            Ends::Many(_) => self.payload.slice(self.range(index)),
        }
    }

    /// How many frames, from frame `index` on, are within both limits together.
    pub fn count_within(&self, index: u32, max_frames: u32, max_bytes: u64) -> u32 {
        match &self.ends {
            Ends::Single => u32::from(self.payload.len() as u64 <= max_bytes),
            Ends::Many(ends) => {
                let start = self.range(index).start as u64;
                let from = index as usize;
                let to = from.saturating_add(max_frames as usize).min(ends.len());
                let ends = ends.get(from..to).unwrap_or_default();
                // At most `max_frames`, so it fits.
                ends.partition_point(|&end| u64::from(end) - start <= max_bytes) as u32
            }
        }
    }

    /// `count` frames, at least one, from frame `index` on.
    pub fn slice(&self, index: u32, count: u32) -> Slice {
        let (payload, ends) = match &self.ends {
            Ends::Single => (self.payload.clone(), SliceEnds::Single),
            Ends::Many(ends) => {
                let last = index.saturating_add(count).saturating_sub(1);
                let bytes = self.range(index).start..self.range(last).end;
                let ends = SliceEnds::Many {
                    ends: ends.clone(),
                    range: index as usize..last as usize + 1,
                    // An end of the batch, or 0.
                    base: bytes.start as u32,
                };
                (self.payload.slice(bytes), ends)
            }
        };
        Slice {
            writer: self.writer,
            payload,
            ends,
            kept: self.bytes() as u32,
        }
    }
}
