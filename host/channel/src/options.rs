//! How a channel is made, and the bounds that follow from it.
//!
//! Invariants: a [`Limits`] comes from checked options only, so its sums fit in `u64` and its byte
//! counts in memory sizes. What a channel keeps for its frames is at most [`Options::most_bytes`].

use crate::{error::OptionsError, native::WRITE_COST};

/// The largest frame a channel takes, whatever its capacity: packed batches
/// count bytes in `u32`, and every frame must fit in one.
pub const MAX_FRAME_BYTES: u64 = u32::MAX as u64;

/// Frames any channel may retain, however small its capacity. Empty frames use
/// no capacity, yet each costs the host an entry; this is what bounds them.
const MIN_FRAMES_BOUND: u64 = 1024;

/// A channel may retain one frame for each this many bytes of its capacity, when that
/// is more than [`MIN_FRAMES_BOUND`].
const BYTES_PER_FRAME_BOUND: u64 = 16;

/// The most frames of a batch, and frames that any channel may retain, however large its capacity. To check so
/// many takes a millisecond. Their ends are 4 MiB, half of what the frames of a large channel may cost.
pub const MAX_BATCH_FRAMES: u32 = 1 << 20;

/// Bytes that the frames of any channel may cost besides their payload, however small its capacity: the cost of
/// [`MIN_FRAMES_BOUND`] single frames.
const MIN_COST_BOUND: u64 = cost(MIN_FRAMES_BOUND, MIN_FRAMES_BOUND);

/// The same, however large its capacity. It allows some 50,000 writes. One large frame may evict all of them, and the channel
/// stands still for the millisecond or two that this takes.
const MAX_COST_BOUND: u64 = 8 << 20;

/// Bytes that frames cost besides their payload: so many writes, of one frame or of a batch each, and so many frames
/// in them.
pub(crate) const fn cost(writes: u64, frames: u64) -> u64 {
    writes * WRITE_COST as u64 + frames * END_COST
}

/// Bytes of frames that have made room and are still in memory, at most: a small part of the capacity. Frames are freed together, as
/// readers take no lock between those of one chunk.
#[cfg(not(weft_model))]
const CHUNK_PART: u64 = 16;
/// In a model channels are small, and have chunks all the same.
#[cfg(weft_model)]
const CHUNK_PART: u64 = 1;

/// The same, however large the capacity. Where it takes longer to copy a frame than to take the lock there is nothing to gain.
const MAX_CHUNK_BYTES: u64 = 8 << 10;

/// The end of a frame, a `u32`.
pub(crate) const END_COST: u64 = size_of::<u32>() as u64;

/// What a write does when a strong reader still needs the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backpressure {
    /// The writer waits its turn.
    Block,
    /// The frame is dropped and counted, and the write returns false.
    Drop,
}

/// What an end holds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strength {
    /// A reader holds writers back, a writer keeps the channel open.
    Strong,
    /// A reader may be overtaken, a writer keeps nothing open.
    Weak,
}

/// What a write needs, for those who wait for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Frames.
    pub frames: u32,
    /// Bytes of all their payloads.
    pub bytes: u64,
    /// Bytes of the largest of them.
    pub largest: u64,
}

/// How a channel is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Options {
    /// Bytes of payload the channel retains at most, at least 1. A frame larger
    /// than this can never be written.
    ///
    /// Frames cost the host some bytes besides their payload: 160 for each write, of a frame or of a batch, and
    /// 4 for each frame. These bytes are at most as many as the capacity. Beyond that the oldest frames go, or writers wait, as if the
    /// capacity was used up. But there is always room for those of 1,024 single frames, and never for more than 8 MiB.
    ///
    /// Frames are freed together, so of those that have gone up to a sixteenth of the capacity, and 8 KiB, may be in memory a while longer.
    ///
    /// It also retains at most `capacity / 16` frames, but 1,024 if that is less and
    /// 1,048,576 if it is more.
    pub capacity: u64,
    /// What happens to a write that finds no room.
    pub backpressure: Backpressure,
}

impl Options {
    /// A channel that retains so many bytes at most. A write that finds no room [waits](Backpressure::Block).
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        Self {
            capacity,
            backpressure: Backpressure::Block,
        }
    }

    /// The same, with this backpressure.
    #[must_use]
    pub fn backpressure(mut self, backpressure: Backpressure) -> Self {
        self.backpressure = backpressure;
        self
    }

    /// Bytes that the frames of such a channel take at most, with what they cost besides their payload. None for a capacity
    /// that no channel has.
    ///
    /// This holds where each payload is a buffer of its own that is no larger than the frame, or the batch. Handles
    /// attached to frames are not among it.
    #[must_use]
    pub fn most_bytes(&self) -> Option<u64> {
        let limits = Limits::new(*self).ok()?;
        let frames = limits.bytes.checked_add(limits.cost)?;
        frames.checked_add(limits.chunk_bytes)
    }
}

/// The bounds of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of payload retained at most.
    pub bytes: u64,
    /// Frames retained at most.
    pub frames: u64,
    /// What they cost besides at most.
    pub cost: u64,
    /// Payload that lies in one chunk at most, unless it is one write's.
    pub chunk_bytes: u64,
}

impl Limits {
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        let bytes = options.capacity;
        // No Rust allocation is larger, so no more could ever be held.
        let max = isize::MAX as u64;
        if bytes == 0 {
            Err(OptionsError::ZeroCapacity)
        } else if bytes > max {
            Err(OptionsError::CapacityTooLarge {
                capacity: bytes,
                max,
            })
        } else {
            let frames = bytes / BYTES_PER_FRAME_BOUND;
            Ok(Self {
                bytes,
                frames: frames.clamp(MIN_FRAMES_BOUND, MAX_BATCH_FRAMES.into()),
                cost: bytes.clamp(MIN_COST_BOUND, MAX_COST_BOUND),
                chunk_bytes: (bytes / CHUNK_PART).min(MAX_CHUNK_BYTES),
            })
        }
    }

    /// The largest payload of one frame.
    pub fn largest_frame(&self) -> u64 {
        self.bytes.min(MAX_FRAME_BYTES)
    }
}
