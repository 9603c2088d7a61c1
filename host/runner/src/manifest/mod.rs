//! The manifest of `weft up`: components, channels and processes in TOML.
//!
//! `source` is where it comes from, `files` are its text and those that it includes, `merge` makes one table of them and of profiles, `read` reads that with the `variables` in its strings and what the command line `set`s, `format` is the format, `component` is an entry of its
//! components, `edge` are its sources and sinks, `network` its certificates and bounds of connections, `engine` the channels that NATS servers keep, `nats` where those are, `place` where readers of such channels begin, `wiring` how channels connect the parts, `argument` turns TOML values into arguments, `supervision` is about restarts, `delivery` about the frames that come again then, `check` finds
//! errors before anything is loaded, `schema` is the format for editors. The command does the loading and starting.
//!
//! Invariant: a checked manifest refers only to channels and components that it declares.

mod argument;
mod check;
mod component;
mod delivery;
mod edge;
#[cfg_attr(not(feature = "nats"), allow(dead_code))]
mod engine;
mod files;
mod format;
mod merge;
#[cfg_attr(not(feature = "nats"), allow(dead_code))]
mod nats;
mod network;
#[cfg_attr(not(feature = "nats"), allow(dead_code))]
mod place;
mod read;
mod schema;
mod set;
mod source;
mod supervision;
mod variables;
mod wiring;

pub(crate) use argument::{End, EndKind, Given};
pub(crate) use check::{Checked, CheckedProcess, Part, check};
pub(crate) use delivery::Again;
pub(crate) use edge::{Edge, What};
pub(crate) use engine::EngineEntry;
#[cfg(feature = "nats")]
pub(crate) use engine::{FormatEntry, StorageEntry};
pub(crate) use format::{Manifest, OnNoReader, Process, StdioEntry};
#[cfg(feature = "nats")]
pub(crate) use nats::{server, without_login};
#[cfg(feature = "nats")]
pub(crate) use place::Begin;
pub(crate) use place::Place;
pub(crate) use read::Changes;
pub(crate) use schema::schema;
pub(crate) use source::Source;
pub(crate) use variables::Variables;
