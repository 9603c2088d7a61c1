//! The Weft host: runs WebAssembly components as processes.
//!
//! ```text
//! Host ── engine/     wasmtime configured for many small stores; the epoch ticker
//!      ── component/  named components: loaded, checked, introspected and compiled once
//!      ── process/    one store and one driver task per process; how it starts and ends
//!      ── supervise/  processes that are restarted when they end, and reloaded
//!      ── capability/ what a process may do; limits/: how much
//!      ── kept        what the host keeps for a process, and what it weighs
//!      ── channel/    the channels of the host, as an embedder uses and sees them
//!      ── share       channels by token
//!      ── name        names that stay right with several hosts
//!      ── metrics/   what it has done and what goes on in it, as one snapshot
//!      ── log/        every process's log channel; stdout and stderr lines feed it
//!      ── extension/  what a program around the host adds to that: imports and rights of its own
//!      ── interface/  what guests can import: a folder for each capability, of thin adapters over the above
//! ```
//!
//! The crate takes configuration structs and never reads the terminal, the
//! environment or the home folder; an embedder such as the `weft` command owns those.
//!
//! Invariants:
//! - No guest code runs before every check of a start has passed.
//! - Whatever a process held is released before its exit can be observed.
//! - A denial is a typed value in the guest, never a trap.
#![deny(missing_docs)]

mod access;
mod account;
pub mod capability;
mod changes;
pub mod channel;
pub mod component;
mod config;
pub mod engine;
pub mod extension;
mod host;
pub mod hostcalls;
mod interface;
mod kept;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod name;
mod naming;
pub mod process;
mod setters;
mod share;
pub mod supervise;
pub mod usage;
mod wasi;

pub use capability::Capabilities;
pub use changes::HostChanges;
pub use config::{HostConfig, Profile};
pub use host::Host;
pub use limits::Limits;
pub use process::{Argument, Arguments, ExitStatus, Process, StartOptions};
/// The wasmtime that guests run in, whose `bindgen!` makes the adapters of an [`Extension`](extension::Extension)
/// (`wasmtime_crate: weft_host::wasmtime`).
pub use wasmtime;
