//! The manifest of `weft up`: components, channels and processes in TOML.
//!
//! `format` is what can be written, `argument` turns its values into arguments,
//! `supervision` is about restarts, `check` finds what is wrong before anything is loaded. The command itself does
//! the loading and starting.
//!
//! Invariant: a checked manifest names only channels and components it declares.

mod argument;
mod check;
mod format;
mod supervision;

pub(crate) use argument::{End, EndKind, Given};
pub(crate) use check::{Checked, check};
pub(crate) use format::{Manifest, StdioEntry};
