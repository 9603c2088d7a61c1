//! One frame or one batch, as the ring retains it: never split, never copied.
//!
//! Invariant: a segment has at least one frame.

use std::ops::Range;

use bytes::Bytes;

use super::{After, ring::Amount};
use crate::{
    attachment::Attachment,
    batch::{Ends, Parcel},
    frame::{Slice, SliceEnds},
    in_flight::InFlight,
};

#[derive(Debug)]
pub(crate) struct Segment {
    payload: Bytes,
    ends: Ends,
    /// All that was written before it.
    pub(super) before: Amount,
    /// What nobody has taken yet; only ever with a single frame.
    pub attached: Option<InFlight>,
    writer: u32,
}

impl Segment {
    /// The parcel's attachments get in flight by this.
    #[inline]
    pub(super) fn new(parcel: Parcel, writer: u32, before: Amount) -> Self {
        Self {
            payload: parcel.payload,
            ends: parcel.ends,
            before,
            attached: parcel.attached.map(InFlight::new),
            writer,
        }
    }

    #[inline]
    pub fn frames(&self) -> u32 {
        self.ends.frames()
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

    /// The bytes of frame `index`.
    #[inline]
    pub fn payload(&self, index: u32) -> Bytes {
        match &self.ends {
            Ends::Single => self.payload.clone(),
            Ends::Many(_) => self.payload.slice(self.range(index)),
        }
    }

    /// What is attached to the frame, for the first who asks.
    #[inline]
    pub fn take_attached(&mut self, after: &mut After) -> Option<Vec<Attachment>> {
        let (attached, charge) = self.attached.take()?.land().into_parts();
        if let Some(charge) = charge {
            after.drop_charge(charge);
        }
        Some(attached)
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
        }
    }
}
