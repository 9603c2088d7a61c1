//! Frames in a stream of bytes, both ways.
//!
//! ```text
//! framing/decode  bytes into frames
//! framing/encode  frames into bytes
//! framing/piece   frames on their way into a channel, together
//! framing/bad     input that makes no frame
//! ```

mod bad;
mod decode;
mod encode;
mod piece;

pub use bad::{Bad, Fault};
pub(crate) use decode::{Decoder, Next, json, most_of};
pub(crate) use encode::{Encoder, on_one_line};
pub(crate) use piece::{Bounds, Piece};

/// How frames lie in a stream of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// A frame a line, without the newline. The last line needs none.
    #[default]
    Lines,
    /// A frame a line, each a JSON text. Blank lines are no frames.
    Json,
    /// Frames without any meaning, as the bytes come: for streams whose bytes are all that matters.
    Chunks,
    /// Before each frame its length in bytes, as a number of four bytes, the highest first.
    LengthPrefixed,
}

impl Framing {
    /// What a frame is called in messages.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Framing::Lines | Framing::Json => "line",
            Framing::Chunks | Framing::LengthPrefixed => "frame",
        }
    }
}

/// Bytes of the length before a frame.
const PREFIX: usize = size_of::<u32>();
