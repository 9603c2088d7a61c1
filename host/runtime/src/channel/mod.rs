//! The channels of a host, as an embedder uses and sees them. Channels themselves are those of [`weft_channel`].
//!
//! This is not what guests import: that is `interface/channel` and `interface/registry`.

mod committed;
mod made;
mod named;

pub use committed::Redelivery;
pub(crate) use committed::{Committed, CommittedReaders, Rejected};
pub use made::ChannelUsage;
pub(crate) use made::{Channels, NoChannel};
pub use named::NamedChannel;
pub(crate) use named::NamedChannels;

pub use crate::interface::registry::{PublishError, Registration};
pub use crate::interface::{ChannelHandle, ReaderHandle, WriterHandle};
pub use weft_channel::{
    Backpressure, Batch, Channel, Frame, Frames, MAX_BATCH_FRAMES, MAX_FRAME_BYTES, MalformedBatch,
    Observation, Observer, OpenError, Options, OptionsError, PackedFrames, ReadError, Reader,
    Stats, Strength, Unavailable, WriteError, Writer,
};
