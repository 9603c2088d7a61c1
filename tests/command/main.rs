//! The `weft` command, tested through the real binary.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../support/mod.rs"]
mod support;

mod advice;
mod arguments;
mod bad_input;
mod bad_manifests;
mod build;
mod cache;
mod cargo_component;
mod changes;
mod check;
mod compose;
mod control;
mod descriptors;
mod dev;
mod durable;
mod edges;
mod exit_codes;
mod flights;
mod graph;
mod held;
mod help;
mod identity;
mod included;
mod inspect;
mod interrupt;
mod limits;
mod log_watch;
mod logs;
mod manifests;
mod network;
mod new;
mod orchestrator;
mod output;
mod progress;
mod project;
mod random;
mod requests;
mod run;
mod said;
mod supervision;
mod telemetry;
mod top;
mod traps;
mod unread;
mod wasi03_programs;
mod watch;
mod weft;
