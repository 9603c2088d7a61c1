//! One frame or one batch, as the ring retains it: never split, never copied.
//!
//! Invariant: a segment has at least one frame.

use std::ops::Range;

use bytes::Bytes;

use super::After;
use crate::{
    attachment::Attachment,
    batch::{Ends, Parcel},
    frame::{Frame, Slice, SliceEnds},
    in_flight::InFlight,
};

#[derive(Debug)]
pub(crate) struct Segment {
    pub parcel: Parcel,
    pub writer: u32,
    /// Sequence number of its first frame.
    pub first_seq: u64,
    /// Strong readers whose place is in this segment.
    pub strong_here: usize,
    /// What nobody has taken yet; only ever with a single frame.
    pub attached: Option<InFlight>,
}

impl Segment {
    /// Where frame `index` lies in the payload.
    fn range(&self, index: u32) -> Range<usize> {
        match &self.parcel.ends {
            Ends::Single => 0..self.parcel.payload.len(),
            Ends::Many(ends) => {
                let at = |index: usize| ends.get(index).copied().unwrap_or(0) as usize;
                let index = index as usize;
                index.checked_sub(1).map_or(0, at)..at(index)
            }
        }
    }

    /// Frame `index`, without what is attached to it.
    pub fn frame(&self, index: u32) -> Frame {
        Frame {
            writer: self.writer,
            payload: self.slice_payload(self.range(index)),
            attached: Vec::new(),
        }
    }

    /// What is attached to the frame, for the first who asks.
    pub fn take_attached(&mut self, after: &mut After) -> Option<Vec<Attachment>> {
        let (attached, charge) = self.attached.take()?.land().into_parts();
        if let Some(charge) = charge {
            after.drop_charge(charge);
        }
        Some(attached)
    }

    /// How many frames, from frame `index` on, are within both limits together.
    pub fn count_within(&self, index: u32, max_frames: u32, max_bytes: u64) -> u32 {
        match &self.parcel.ends {
            Ends::Single => u32::from(self.parcel.bytes() <= max_bytes),
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
        let last = index.saturating_add(count).saturating_sub(1);
        let bytes = self.range(index).start..self.range(last).end;
        let ends = match &self.parcel.ends {
            Ends::Single => SliceEnds::Single,
            Ends::Many(ends) => SliceEnds::Many {
                ends: ends.clone(),
                range: index as usize..last as usize + 1,
                // An end of the batch, or 0.
                base: bytes.start as u32,
            },
        };
        Slice {
            writer: self.writer,
            payload: self.slice_payload(bytes),
            ends,
        }
    }

    fn slice_payload(&self, range: Range<usize>) -> Bytes {
        self.parcel.payload.slice(range)
    }
}
