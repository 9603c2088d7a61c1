//! The book in `docs/` and the README say what is so: their sessions are run, their code is that of
//! files that are compiled and run, their lists are complete, and their links lead somewhere.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../support/mod.rs"]
mod support;

mod code;
mod containment;
mod control;
mod links;
mod lists;
mod page;
mod schema;
mod sessions;
mod snippets;
mod tutorial;
