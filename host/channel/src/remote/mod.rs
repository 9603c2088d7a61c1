//! Channels of other engines: behind a server, or on another host.
//!
//! - `engine`: what such an engine implements.
//! - `reader`, `writer`: what the handles are around it. They hold what every engine would have to do the same way.
//! - `downgrade`: whether an end is strong, and lost.
//! - `call`: an answer that is waited for.
//!
//! Invariants:
//! - No call panics, whatever the engine answers, and none waits that promises not to.
//! - An end whose downgrade has failed, or was given up, says `Unavailable` to every later call. So nobody goes on with
//!   an end that is stronger than he thinks.
//!
//! This is not: an engine, or a transport between hosts.

mod call;
mod downgrade;
mod engine;
mod reader;
mod writer;

pub(crate) use call::{Call, now, try_now};
pub use engine::{Asked, Outgoing, RemoteChannel, RemotePermit, RemoteReader, RemoteWriter};
pub(crate) use reader::Reader;
pub(crate) use writer::Writer;
