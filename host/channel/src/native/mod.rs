//! The native engine: channels in this program's memory.
//!
//! It knows nothing of other engines, and those nothing of it. The handles around it call it directly.
//!
//! # Map
//! - `channel`, `writer`, `reader`: what the handles are here, and their futures. They hold no logic
//!   but polling. `permit` is a write in two steps.
//! - `state`: what a channel is, as plain data changed under one lock. It knows
//!   nothing of futures; it stores wakers and says which to wake. A strong reader takes most frames without that lock, see `state::place`.
//! - `shared`: that lock. Whatever may run foreign code (a wake, the drop
//!   of a payload) happens after it is released.
//! - `in_flight`, `cycles`: handles that travel with frames: in a channel, freed where nobody can reach them.
//! - `backlog`, `spent`, `steps`: what a call leaves to do once the lock is released. `release` does it, without
//!   recursion, and `slices` a slice at a time.
//!
//! Invariant: no call fails with `Unavailable`.

mod backlog;
mod channel;
mod cycles;
mod in_flight;
mod permit;
mod reader;
mod release;
mod shared;
mod slices;
mod spent;
mod state;
mod steps;
mod writer;

pub use release::drop_together;
pub use slices::in_slices;

pub(crate) use channel::Channel;
pub(crate) use reader::{ReadBatchFuture, ReadFuture, ReadableFuture, Reader};
pub(crate) use shared::ChannelCore;
pub(crate) use state::{After, Returned, WRITE_COST, WriteTicket};
pub(crate) use writer::{Sending, UnreadFuture, Writer};
