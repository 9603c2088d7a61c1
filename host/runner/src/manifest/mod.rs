//! The manifest of `weft up`: components, channels and processes in TOML.
//!
//! `format` is the format, `argument` turns TOML values into arguments, `supervision` is about restarts, `check` finds
//! errors before anything is loaded. The command does the loading and starting.
//!
//! Invariant: a checked manifest refers only to channels and components that it declares.

mod argument;
mod check;
mod format;
mod supervision;

pub(crate) use argument::{End, EndKind, Given};
pub(crate) use check::{Checked, check};
pub(crate) use format::{Manifest, StdioEntry};
