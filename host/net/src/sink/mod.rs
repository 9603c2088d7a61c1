//! Programs that read frames from a channel.
//!
//! ```text
//! sink/drain   frames on their way from the channel to bytes
//! sink/file    into a file, which may be rotated
//! sink/stream  into a stream that the embedder gives
//! ```
//!
//! Each reads from the argument [`INPUT`], and writes to [`REJECTED`] what it cannot write, if it is there.
//!
//! Invariants:
//! - A sink reads to the end of its channel. Asked to stop, it reads what is there.
//! - It reads on when what it has read is written. So a [committed](weft_host::channel::ReaderHandle::committed) reader gives what was
//!   not written to the process that takes its place.

mod drain;
mod file;
mod stream;

pub use crate::rejected::REJECTED;
pub use file::{FileSink, Fsync, Rotation};
pub use stream::StreamSink;

use crate::OnError;
use crate::framing::Framing;

/// The name of the argument that a sink reads from: a reader.
pub const INPUT: &str = "input";

/// How a sink writes frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outflow {
    /// How frames lie in the bytes.
    pub framing: Framing,
    /// What is done with frames that cannot be written so.
    pub on_error: OnError,
}
