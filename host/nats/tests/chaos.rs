//! Faults: hosts, servers and connections fail while programs write and read, and somebody outside of Weft looks at what became of it.
//!
//! After each fault no acknowledged frame is missing, none is there twice, the order of each writer is kept, and readers go on by themselves.
//! What was acknowledged is said by each program to the test as it happens; what is there is read from the stream by a client that uses
//! nothing of Weft. Each test prints how long it took until writes and reads went on.
//!
//! `./dev chaos` runs the long form, in which what stands still does so for 10 seconds and faults come again. Without it each fault is shorter and
//! comes once or twice, with shorter leases.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod common;

#[path = "chaos/decode.rs"]
mod decode;
#[path = "chaos/outside.rs"]
mod outside;
#[path = "chaos/programs.rs"]
mod programs;
#[path = "chaos/proxy.rs"]
mod proxy;
#[path = "chaos/scene.rs"]
mod scene;

#[path = "chaos/clock.rs"]
mod clock;
#[path = "chaos/cluster.rs"]
mod cluster;
#[path = "chaos/disk.rs"]
mod disk;
#[path = "chaos/hosts.rs"]
mod hosts;
#[path = "chaos/network.rs"]
mod network;
#[path = "chaos/server.rs"]
mod server;
