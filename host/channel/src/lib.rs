//! The channel engine of Weft: a bounded, many-to-many broadcast of frames.
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
//! The futures belong to no runtime; inside tokio they keep to its cooperative budget. They may be dropped at any time: a read
//! cancelled so loses no frame, a write cancelled so sends none.
//!
//! ```
//! # use weft_channel::{Backpressure, Channel, Options};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let channel = Channel::new(Options { capacity: 1024, backpressure: Backpressure::Block })?;
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
//! # Map
//! - `channel`, `writer`, `reader`: the handles and their futures. They hold no logic
//!   but polling. `place` is a write in two steps.
//! - `state`: what a channel is, as plain data changed under one lock. It knows
//!   nothing of futures; it stores wakers and says which to wake.
//! - `shared`, `sync`: that lock. Whatever may run foreign code (a wake, the drop
//!   of a payload) happens after it is released.
//! - `attachment`, `in_flight`, `cycles`: handles that travel with frames: as values, in a
//!   channel, freed where nobody can reach them.
//! - `backlog`, `spent`, `steps`: what a call leaves to do once the lock is released. `release` does it, without
//!   recursion, and `slices` a slice at a time.
//! - `observer`: watching a channel without holding it.
//! - `turn`: when a task that never waits lets others run.
//! - `frame`, `batch`, `options`, `stats`, `error`: the values that go in and out.
//!
//! This crate is not: a transport between machines, a store that outlives its
//! handles, or aware of wasm.
#![deny(missing_docs)]

mod attachment;
mod backlog;
mod batch;
mod channel;
mod cycles;
mod error;
mod frame;
mod in_flight;
#[cfg(not(weft_model))]
mod observer;
mod options;
mod place;
mod reader;
mod release;
mod shared;
mod slices;
mod spent;
mod state;
mod stats;
mod steps;
mod sync;
mod turn;
mod writer;

pub use attachment::{Attachment, Attachments, Charge};
pub use batch::Batch;
pub use channel::Channel;
pub use error::{MalformedBatch, OpenError, OptionsError, ReadError, Unavailable, WriteError};
pub use frame::{Frame, Frames, PackedFrames};
#[cfg(not(weft_model))]
pub use observer::{Observation, Observer};
pub use options::{Backpressure, MAX_BATCH_FRAMES, MAX_FRAME_BYTES, Options};
pub use place::{Place, PlaceFuture};
pub use reader::{ReadBatchFuture, ReadFuture, ReadableFuture, Reader};
pub use release::drop_together;
pub use slices::in_slices;
pub use stats::Stats;
pub use writer::{UnreadFuture, WriteBatchFuture, WriteFuture, Writer};
