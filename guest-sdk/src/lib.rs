//! Guests of the Weft fabric, in ordinary Rust.
//!
//! A guest is a component; running, it is a *process*. Processes talk through
//! *channels* of frames and each has a *log*. [`main`] makes a function the
//! entry point of a guest ([`entry_point`] makes more of them), and its parameters are what the guest is started
//! with:
//!
//! ```no_run
//! # mod guest {
//! use weft_guest::{Reader, Writer};
//!
//! // Copies frames until its input ends.
//! #[weft_guest::main]
//! async fn main(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
//!     let mut frames = 0;
//!     while let Some(frame) = input.read().await? {
//!         output.write(frame.payload).await?.or_dropped();
//!         frames += 1;
//!     }
//!     Ok(frames)
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! The crate of such a guest is a `cdylib`, built for `wasm32-wasip2`.
//!
//! Two ways to wait:
//! - An `async fn main` awaits [`Reader`], [`Writer`] and [`Process`], several
//!   at once if it likes: [`futures::join!`], [`select!`],
//!   [`spawn`] and [`time::sleep`] all work.
//! - A plain `fn main` waits with [`blocking`], and the whole guest with it. It
//!   must not drive a future of this crate: the component model ends a guest
//!   that makes an async call from an entry point typed sync.
//!
//! Invariant: every wait tries first and waits second. A call that waits on the guest's own stack is made only
//! by [`blocking`], or when nothing else in the guest could run meanwhile.

// What an example shows is what people copy: a write that is not looked at is an error there too.
#![doc(test(attr(allow(unused), deny(unused_must_use))))]
// Tests fail by panicking.
#![cfg_attr(
    test,
    allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)
)]

pub mod bindings;
pub mod blocking;
pub mod channel;
pub mod codec;
pub mod error;
pub mod log;
pub mod metrics;
pub mod net;
pub mod packed;
pub mod process;
pub mod registry;
pub mod rpc;
#[doc(hidden)]
pub mod rt;
mod select;
pub mod supervisor;
mod task;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod time;
pub mod trace;
pub mod transform;
pub mod typed;

pub use channel::{ByteReader, ByteWriter, Channel, Frame, Handle, Reader, Writer, Written};
pub use codec::{Json, Postcard};
pub use error::{CallError, Context, Error, ReadError, Result, WriteError};
pub use packed::{Batch, BufferedReader, BufferedWriter, FrameRef, PackedFrames};
pub use process::{
    Capability, Exit, ExitStatus, Limits, Monitor, Ownership, Process, StartOptions, Value,
};
pub use supervisor::Supervisor;
pub use task::{Aborted, Task, spawn};
pub use typed::{TypedBufferedWriter, TypedReader, TypedWriter};
#[doc(hidden)]
pub use weft_guest_macros::__wit_step;
pub use weft_guest_macros::{WitType, entry_point, main};

pub use futures;
pub use futures::{SinkExt, StreamExt, join};
pub use serde;
pub use tracing;

#[doc(hidden)]
pub use wit_bindgen;
