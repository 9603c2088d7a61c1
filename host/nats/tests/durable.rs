//! What only durable channels promise: see the page of durable channels in the book.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod common;

#[path = "durable/proxy.rs"]
mod proxy;
#[path = "durable/support.rs"]
mod support;

#[path = "durable/book.rs"]
mod book;
#[path = "durable/cluster.rs"]
mod cluster;
#[path = "durable/encrypted.rs"]
mod encrypted;
#[path = "durable/killed.rs"]
mod killed;
#[path = "durable/login.rs"]
mod login;
#[path = "durable/numbers.rs"]
mod numbers;
#[path = "durable/permits.rs"]
mod permits;
#[path = "durable/places.rs"]
mod places;
#[path = "durable/restarts.rs"]
mod restarts;
#[path = "durable/settings.rs"]
mod settings;
#[path = "durable/sharing.rs"]
mod sharing;
