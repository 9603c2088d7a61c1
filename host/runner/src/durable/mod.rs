//! Channels that a NATS server keeps, as this command has them: the cargo feature `nats`.
//!
//! `server` has them. `absent` stands in its place without the feature: nothing of it can ever be made.

#[cfg(feature = "nats")]
mod server;
#[cfg(feature = "nats")]
pub(crate) use server::{Durable, Engine, Servers};

#[cfg(not(feature = "nats"))]
mod absent;
#[cfg(not(feature = "nats"))]
pub(crate) use absent::{Durable, Engine, Servers};
