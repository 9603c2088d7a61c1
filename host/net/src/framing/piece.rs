//! Frames on their way into a channel: as many as go together in one write.
//!
//! Invariant: a piece within its bounds can be sent, once there is room: see [`Bounds::of_channel`].

use bytes::Bytes;
use weft_channel::{Batch, MalformedBatch};

/// Bytes of a piece at most, unless one frame is larger: enough that a write costs little beside them.
const MOST_BYTES: usize = 256 << 10;

/// Frames that any channel takes at once, however small its capacity: a quarter of what it may retain.
const LEAST_FRAMES: usize = 256;

/// Bytes of capacity for each frame of a piece: four pieces fill what a channel may retain.
const BYTES_PER_FRAME: usize = 64;

/// Frames of a piece at most.
const MOST_FRAMES: usize = 16 << 10;

/// How much goes together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Bounds {
    /// For a channel of this capacity in bytes: a quarter of it, so that its writer and its readers work at the same time.
    pub(crate) fn of_channel(capacity: usize) -> Self {
        Self {
            frames: (capacity / BYTES_PER_FRAME).clamp(LEAST_FRAMES, MOST_FRAMES),
            bytes: (capacity / 4).clamp(1, MOST_BYTES),
        }
    }
}

/// Frames that are collected.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    ends: Vec<u32>,
    payload: Vec<u8>,
}

impl Piece {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a frame if it is within the bounds. The first always is: no frame is larger than its channel.
    pub(crate) fn add(&mut self, frame: &[u8], bounds: Bounds) -> bool {
        let bytes = self.payload.len() + frame.len();
        let fits = self.ends.len() < bounds.frames && bytes <= bounds.bytes;
        if !self.ends.is_empty() && !fits {
            return false;
        }
        self.payload.extend_from_slice(frame);
        // No frame is larger than a number of this size, see `Decoder::new`.
        self.ends.push(u32::try_from(bytes).unwrap_or(u32::MAX));
        true
    }

    /// What was collected, as a batch. The piece is empty then.
    pub(crate) fn batch(&mut self) -> Result<Batch, MalformedBatch> {
        let Self { ends, payload } = std::mem::take(self);
        Batch::new(ends, Bytes::from(payload))
    }
}
