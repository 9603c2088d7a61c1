//! Channel ends for values: a codec on top of a reader or a writer.
//!
//! Nothing here is known to the channel, which sees bytes only: the other end
//! may be a guest in another language that speaks the same codec.

mod reader;
mod writer;

pub use reader::{RecvError, TypedReader};
pub use writer::{SendError, TypedBufferedWriter, TypedWriter};
