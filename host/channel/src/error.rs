//! Everything that can go wrong, one enum per kind of call.
//!
//! Invariant: no error carries a backtrace or allocates. `WouldBlock` is an
//! ordinary answer on hot paths and must cost nothing.

use crate::options::MAX_BATCH_FRAMES;

/// Why a channel was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// A channel must hold at least one byte.
    #[error("the capacity of a channel must be at least 1 byte")]
    ZeroCapacity,
    /// More than this machine can address.
    #[error("a capacity of {capacity} bytes is more than this machine can hold ({max})")]
    CapacityTooLarge {
        /// The capacity asked for.
        capacity: u64,
        /// The largest possible.
        max: u64,
    },
}

/// What a channel is behind cannot be reached now: another host, or a server. Channels of the native engine always can be.
///
/// The engine says the cause in its own log, once, when it begins; here is no text, as errors allocate nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the channel cannot be reached now")]
pub struct Unavailable;

/// Why a writer was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The channel takes no more frames: it was drained or terminated, or its
    /// last strong writer is gone.
    #[error("the channel takes no more frames")]
    Ended,
    /// Every writer id was used; ids are never used twice.
    #[error("the channel has no writer ids left")]
    WriterIdsExhausted,
    /// The channel cannot be reached now; see [`Unavailable`].
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a write sent nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The channel takes no more frames: it was drained, or its last strong
    /// writer is gone.
    #[error("the channel takes no more frames")]
    Drained,
    /// The channel was terminated.
    #[error("the channel was terminated")]
    Terminated,
    /// The frame or the batch can never fit.
    #[error("larger than the {capacity} bytes that the channel takes at once")]
    TooLarge {
        /// The channel's capacity in bytes, or [`MAX_FRAME_BYTES`] where that is
        /// less. A batch may also hold too many frames.
        ///
        /// [`MAX_FRAME_BYTES`]: crate::MAX_FRAME_BYTES
        capacity: u64,
    },
    /// Only from `try_` calls on a `Block` channel: no room yet, or others are
    /// waiting for it already.
    #[error("the channel is full")]
    WouldBlock,
    /// The channel takes no handles with its frames. Those of the native engine take any.
    #[error("the channel takes no handles")]
    NoHandles,
    /// The channel cannot be reached now; see [`Unavailable`]. Nothing was sent.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a read returned no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A weak reader was overtaken and lost this many frames. Said once; the
    /// next read goes on with the oldest frame retained.
    #[error("overtaken: {0} frames were lost")]
    Lagged(u64),
    /// The channel was terminated.
    #[error("the channel was terminated")]
    Terminated,
    /// Only from `try_` calls: nothing to read yet.
    #[error("nothing to read yet")]
    WouldBlock,
    /// The channel cannot be reached now; see [`Unavailable`]. The reader keeps its place.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why ends and payload make no batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedBatch {
    /// A frame ends before the frame in front of it.
    #[error("frame {index} ends before the frame in front of it")]
    Decreasing {
        /// Which frame, from 0.
        index: usize,
    },
    /// The last frame does not end where the payload does.
    #[error("the last frame ends at {end}, the payload at {payload}")]
    EndMismatch {
        /// Where the last frame ends; 0 if there is none.
        end: u32,
        /// Length of the payload.
        payload: usize,
    },
    /// More than [`MAX_BATCH_FRAMES`].
    #[error("{0} frames are more than the {MAX_BATCH_FRAMES} that a batch can hold")]
    TooManyFrames(usize),
}
