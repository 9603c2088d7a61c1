//! Sequences of channel operations, run on the engine and on a naive model of it side by side.
//!
//! - `op`: the operations, and how bytes become some;
//! - `reference`: the model. It keeps every frame ever sent and works everything out anew
//!   each time;
//! - `wait`: reads and writes that wait, polled by hand;
//! - `world`: a channel, its ends and its waits beside the model; compares after every step;
//!   `world/hands`: handles of the channel in its own frames.
//!
//! The property test `host/channel/tests/reference.rs` draws sequences at random, the fuzz target
//! `channel` (`just fuzz`) searches for those that reach new code. Both run them here, so what one
//! of them finds, the other can be given.
//!
//! This crate is not: part of what ships. It says no by panicking, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says no by panicking"
)]

mod op;
mod reference;
mod wait;
mod world;

pub use op::{OP_BYTES, Op, Sequence};
