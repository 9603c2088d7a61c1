//! The channels of Weft: a bounded, many-to-many broadcast of frames.
//!
//! A [`Channel`] retains frames up to its capacity. Every [`Reader`] sees every
//! frame from the oldest one retained when it was opened, and all readers see one order.
//! A frame is visible whole or not at all.
//!
//! - A *strong reader* holds writers back: nothing it has not read is evicted.
//!   A *weak reader* may be overtaken; it is told how many frames it lost.
//! - A *strong writer* keeps the channel open. When the last one of a channel
//!   that had one is gone, the channel has ended: readers read what is left and
//!   then end-of-channel. A *weak writer* keeps nothing open.
//! - A writer that finds no room waits or drops, as [`Backpressure`] says. Where no
//!   strong reader is open there is always room: the oldest frames go.
//!
//! - A frame may carry handles, see [`Attachment`]. They go to the first reader that reads
//!   it. Channels that only such handles keep alive, and that nobody can reach
//!   any more, are freed.
//!
//! The futures belong to no runtime; inside tokio they keep to its cooperative budget, or to that of a turn, see
//! [`in_turn`]. They may be dropped at any time: a read
//! cancelled so loses no frame, a write cancelled so sends none.
//!
//! ```
//! # use weft_channel::{Channel, Options};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let channel = Channel::new(Options::new(1024))?;
//! let writer = channel.strong_writer()?;
//! let reader = channel.strong_reader();
//! writer.try_write("hello".into())?;
//! drop(writer);
//! assert_eq!(reader.try_read()?.map(|frame| frame.payload), Some("hello".into()));
//! assert!(reader.try_read()?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Engines
//! The handles are the same for every engine. Channels made here by [`Channel::new`] are of the native engine, which is called directly. One
//! of another engine implements [`RemoteChannel`] and is made a [`Channel`] by [`Channel::remote`]. Such an engine may have to be waited
//! for, and it may be [`Unavailable`]. So who takes a channel of any engine opens ends by `open_writer` and `open_reader`, and uses the `ask_` calls in place of those
//! that do not wait. All other calls have an answer too; each says which.
//!
//! # Map
//! - `channel`, `writer`, `reader`, `permit`: the handles and their futures. They hold no logic but the choice of the `engine`.
//! - `native`: the engine in this program's memory.
//! - `remote`: what any other engine implements, and what the handles are around one.
//! - `attachment`, `frame`, `batch`, `options`, `stats`, `error`: the values that go in and out.
//! - `observer`, `terminator`: watching a channel, and ending it, without holding it.
//! - `budget`: when a task that never waits lets others run.
//! - `sync`: what the crate synchronises with.
//!
//! This crate is not: a transport between machines, a store that outlives its
//! handles, or aware of wasm. Engines for those are crates of their own.
#![deny(missing_docs)]

mod attachment;
mod batch;
mod budget;
mod channel;
mod engine;
mod error;
mod frame;
mod native;
#[cfg(not(weft_model))]
mod observer;
mod options;
mod permit;
mod reader;
mod remote;
mod stats;
mod sync;
#[cfg(not(weft_model))]
mod terminator;
mod writer;

pub use attachment::{Attachment, Attachments, Charge};
pub use batch::Batch;
pub use budget::in_turn;
pub use channel::Channel;
pub use error::{MalformedBatch, OpenError, OptionsError, ReadError, Unavailable, WriteError};
pub use frame::{Frame, Frames, PackedFrames};
pub use native::{drop_together, in_slices};
#[cfg(not(weft_model))]
pub use observer::Observer;
pub use options::{Backpressure, MAX_BATCH_FRAMES, MAX_FRAME_BYTES, Need, Options, Strength};
pub use permit::{Permit, PermitFuture};
pub use reader::{ReadBatchFuture, ReadFuture, ReadableFuture, Reader};
pub use remote::{Asked, Outgoing, RemoteChannel, RemotePermit, RemoteReader, RemoteWriter};
pub use stats::{Glance, Observation, Stats};
#[cfg(not(weft_model))]
pub use terminator::Terminator;
pub use writer::{UnreadFuture, WriteBatchFuture, WriteFuture, Writer};
