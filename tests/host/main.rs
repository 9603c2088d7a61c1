//! The host, driven with real guests.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod bytes;
mod capabilities;
mod channels;
mod children;
mod exits;
mod family;
mod handles;
mod limits;
mod loading;
mod logs;
mod names;
mod room;
mod scale;
mod sdk_buffered;
mod sdk_carried;
mod sdk_rpc;
mod sdk_waits;
mod start;
mod stop;
