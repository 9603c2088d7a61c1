//! Programs that write frames to a channel.
//!
//! ```text
//! source/stream  a stream of bytes to its end: a file, or what the embedder gives
//! source/follow  a file that grows, over rotation and truncation; source/tail reads it
//! source/place   where it was read to, remembered in a file
//! source/ticks   a frame at times; source/cron is when
//! source/feed    frames on their way from bytes to the channel
//! ```
//!
//! Each writes to the argument [`OUTPUT`], and to [`REJECTED`] what makes no frame, if it is there.
//!
//! Invariants:
//! - A request to stop ends a source at its next wait.
//! - A source ends when its channel takes no more frames.

mod cron;
pub(crate) mod feed;
mod follow;
mod place;
mod stream;
mod tail;
mod ticks;

#[cfg(feature = "nats")]
pub(crate) use feed::{Feed, Flow, Intermediate};

pub use crate::rejected::REJECTED;
pub use cron::{Cron, CronFault};
pub use follow::{Begin, Follow};
pub use stream::{Origin, Stream};
pub use ticks::{SHORTEST_TICK, Schedule, Ticks};

use crate::OnError;
use crate::framing::{Decoder, Framing};
use std::path::Path;

/// The name of the argument that a source writes to: a writer.
pub const OUTPUT: &str = "output";

/// How a source makes frames.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Intake {
    /// How frames lie in the bytes.
    pub framing: Framing,
    /// Bytes of a frame at most. It is never more than the capacity of the channel.
    pub max_frame: Option<usize>,
    /// What is done with input that makes no frame.
    pub on_error: OnError,
    /// The capacity of the channel in bytes.
    pub capacity: usize,
}

impl Intake {
    /// Lines, for a channel of this capacity in bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            framing: Framing::default(),
            max_frame: None,
            on_error: OnError::default(),
            capacity,
        }
    }

    /// The same with this framing.
    #[must_use]
    pub fn framing(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    /// The same with this bound on frames.
    #[must_use]
    pub fn max_frame(self, bytes: impl Into<Option<usize>>) -> Self {
        let max_frame = bytes.into();
        Self { max_frame, ..self }
    }

    /// The same, with this done about input that makes no frame.
    #[must_use]
    pub fn on_error(self, on_error: OnError) -> Self {
        Self { on_error, ..self }
    }

    /// Bytes of a frame at most.
    #[cfg(feature = "nats")]
    pub(crate) fn largest(&self) -> usize {
        self.max_frame
            .map_or(self.capacity, |it| it.min(self.capacity))
    }

    fn decoder(&self) -> Decoder {
        Decoder::new(self.framing, self.max_frame, self.capacity)
    }
}

/// A number for the file in which a source remembers its place, made of what tells it from others. It stays the same from one version of
/// this crate to the next.
pub fn key(of: &[&Path]) -> u64 {
    let mut bytes = Vec::new();
    for part in of {
        bytes.extend_from_slice(part.as_os_str().as_encoded_bytes());
        bytes.push(0);
    }
    place::fnv1a(&bytes)
}

/// A number of frames, for people.
pub(crate) fn count(frames: u64) -> String {
    match frames {
        1 => "1 frame".to_owned(),
        frames => format!("{frames} frames"),
    }
}
