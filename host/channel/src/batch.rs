//! Frames on their way in: a checked batch, and the parcel that any write is made of.
//!
//! Invariant: the ends of a [`Batch`] never decrease and stop where its payload does, so
//! slicing by them cannot fail.

use std::sync::Arc;

use bytes::Bytes;

use crate::{attachment::Attachments, error::MalformedBatch, options::MAX_BATCH_FRAMES};

/// Frames to be written together: frame `i` is `payload[ends[i-1]..ends[i]]`.
///
/// Cloning one copies no frame.
#[derive(Debug, Clone)]
pub struct Batch {
    ends: Ends,
    payload: Bytes,
    largest: u64,
}

impl Batch {
    /// Checks that there are no more than [`MAX_BATCH_FRAMES`], that `ends` never decrease and that the last one is the length of
    /// `payload`.
    pub fn new(ends: Vec<u32>, payload: Bytes) -> Result<Self, MalformedBatch> {
        if ends.len() > MAX_BATCH_FRAMES as usize {
            return Err(MalformedBatch::TooManyFrames(ends.len()));
        }
        let mut end = 0;
        let mut largest = 0;
        for (index, &next) in ends.iter().enumerate() {
            let Some(len) = next.checked_sub(end) else {
                return Err(MalformedBatch::Decreasing { index });
            };
            largest = largest.max(len);
            end = next;
        }
        if end as usize != payload.len() {
            let payload = payload.len();
            return Err(MalformedBatch::EndMismatch { end, payload });
        }
        let ends = match ends.len() {
            1 => Ends::Single,
            _ => Ends::Many(ends.into()),
        };
        Ok(Self {
            ends,
            payload,
            largest: largest.into(),
        })
    }

    /// The same frames in a buffer of their own: a payload that is a small part of a large allocation keeps all of it.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self {
            payload: Bytes::copy_from_slice(&self.payload),
            ..self.clone()
        }
    }

    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.frames() as usize
    }

    /// Whether there are no frames.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of payload in all frames together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// The bytes of all frames, one after the other.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Where each frame ends in the payload.
    pub fn ends(&self) -> impl Iterator<Item = u32> {
        let (single, many) = match &self.ends {
            // No payload of a batch is longer than ends can say.
            Ends::Single => (Some(self.payload.len() as u32), &[][..]),
            Ends::Many(ends) => (None, &**ends),
        };
        single.into_iter().chain(many.iter().copied())
    }

    /// Bytes that it takes, those of its payload and those of the ends of its frames: what to charge for it as long
    /// as it waits for room.
    #[must_use]
    pub fn weight(&self) -> usize {
        let ends = match &self.ends {
            Ends::Single => 0,
            Ends::Many(ends) => size_of_val(&**ends),
        };
        self.bytes().saturating_add(ends)
    }

    /// Bytes of its largest frame.
    #[must_use]
    pub fn largest_frame(&self) -> usize {
        // Measured on a payload in memory.
        self.largest as usize
    }

    pub(crate) fn into_parcel(self) -> Parcel {
        Parcel {
            payload: self.payload,
            ends: self.ends,
            largest: self.largest,
            attached: None,
            cut: None,
        }
    }
}

/// Where the frames of a parcel end.
#[derive(Debug, Clone)]
pub(crate) enum Ends {
    /// One frame, which ends where the payload does.
    Single,
    /// Any number of frames; shared, so that readers need no copy.
    Many(Arc<[u32]>),
}

impl Ends {
    #[inline]
    pub fn frames(&self) -> u32 {
        match self {
            Self::Single => 1,
            // Checked when the batch was made.
            Self::Many(ends) => ends.len() as u32,
        }
    }
}

/// What one write sends: one frame or one batch.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub payload: Bytes,
    pub ends: Ends,
    /// Length of the largest frame.
    pub largest: u64,
    /// The handles of a single frame; never empty. Boxed, as nearly all have none.
    pub attached: Option<Box<Attachments>>,
    /// The first part of a batch that does not fit whole.
    pub cut: Option<Box<Cut>>,
}

/// The first frames of a batch, for a channel that drops the rest.
#[derive(Debug)]
pub(crate) enum Cut {
    /// So many of them would fit.
    Wanted(u32),
    Made(Parcel),
}

impl Parcel {
    pub fn with(payload: Bytes, attached: Attachments) -> Self {
        Self {
            attached: (!attached.is_empty()).then(|| Box::new(attached)),
            ..Self::single(payload)
        }
    }

    pub fn single(payload: Bytes) -> Self {
        let largest = payload.len() as u64;
        Self {
            payload,
            ends: Ends::Single,
            largest,
            attached: None,
            cut: None,
        }
    }

    pub fn frames(&self) -> u32 {
        self.ends.frames()
    }

    pub fn bytes(&self) -> u64 {
        self.payload.len() as u64
    }

    /// How many frames, from the first on, are within both limits together.
    pub fn prefix_within(&self, max_frames: u64, max_bytes: u64) -> u32 {
        match &self.ends {
            Ends::Single => u32::from(max_frames >= 1 && self.bytes() <= max_bytes),
            Ends::Many(ends) => {
                let count = ends.partition_point(|&end| u64::from(end) <= max_bytes);
                (count as u64).min(max_frames) as u32
            }
        }
    }

    /// The first `frames` frames of a batch, copied: a slice would keep the memory of the
    /// rest, which counts for nobody.
    pub fn copy_prefix(&self, frames: u32) -> Self {
        let Ends::Many(ends) = &self.ends else {
            return Self::single(self.payload.clone());
        };
        let ends = ends.get(..frames as usize).unwrap_or(ends);
        let end = ends.last().copied().unwrap_or(0) as usize;
        let payload = self.payload.get(..end).unwrap_or(&self.payload);
        Self {
            payload: Bytes::copy_from_slice(payload),
            ends: Ends::Many(ends.into()),
            largest: self.largest,
            attached: None,
            cut: None,
        }
    }

    /// Makes the cut that was asked for, if one was. Not under the lock: that would be held for as long as it takes
    /// to copy megabytes.
    pub fn make_cut(&mut self) -> bool {
        let Some(Cut::Wanted(frames)) = self.cut.as_deref() else {
            return false;
        };
        self.cut = Some(Box::new(Cut::Made(self.copy_prefix(*frames))));
        true
    }

    /// The first frames, at most so many, if they have been copied. Else that is asked for.
    pub fn take_cut(&mut self, frames: u32) -> Option<Self> {
        match self.cut.take().map(|cut| *cut) {
            Some(Cut::Made(cut)) if cut.frames() <= frames => Some(cut),
            _ => {
                self.cut = Some(Box::new(Cut::Wanted(frames)));
                None
            }
        }
    }
}
