//! How a channel is made, and the bounds that follow from it.
//!
//! Invariant: a [`Limits`] comes from checked options only, so its sums fit in `u64`
//! and its byte counts in memory sizes.

use crate::error::OptionsError;

/// The largest frame a channel takes, whatever its capacity: packed batches
/// count bytes in `u32`, and every frame must fit in one.
pub const MAX_FRAME_BYTES: u64 = u32::MAX as u64;

/// Frames any channel may retain, however small its capacity. Empty frames use
/// no capacity, yet each costs the host an entry; this is what bounds them.
const MIN_FRAMES_BOUND: u64 = 1024;

/// A channel may retain one frame for each this many bytes of its capacity, when that
/// is more than [`MIN_FRAMES_BOUND`]. Frames smaller than this cost the host more for
/// their entries than for their payload.
const BYTES_PER_FRAME_BOUND: u64 = 16;

/// What a write does when a strong reader still needs the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backpressure {
    /// The writer waits its turn.
    Park,
    /// The frame is dropped and counted, and the write returns false.
    Drop,
}

/// How a channel is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    /// Bytes of payload the channel retains at most, at least 1. A frame larger
    /// than this can never be written.
    ///
    /// The channel also retains at most `max(1024, capacity / 16)` frames.
    pub capacity: u64,
    /// What happens to a write that finds no room.
    pub backpressure: Backpressure,
}

/// The bounds of a channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of payload retained at most.
    pub bytes: u64,
    /// Frames retained at most.
    pub frames: u64,
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
            let frames = MIN_FRAMES_BOUND.max(bytes / BYTES_PER_FRAME_BOUND);
            Ok(Self { bytes, frames })
        }
    }

    /// The largest payload of one frame.
    pub fn largest_frame(&self) -> u64 {
        self.bytes.min(MAX_FRAME_BYTES)
    }
}
