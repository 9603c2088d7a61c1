//! HTTP in front of channels and guests: a program that listens, takes frames from requests, shows frames to who asks, and hands requests to
//! guests that answer them.
//!
//! ```text
//! http/route     what a request is for: a method, a path, and a channel or a guest
//! http/listener  connections, with their bounds, from the first to the last
//! http/intake    a request's body into frames
//! http/events    a channel's frames as an answer that goes on
//! http/handler   requests that a guest answers
//! http/answer    the other answers
//! ```
//!
//! HTTP/1.1, without TLS: what faces the open net stands behind a proxy that has it.
//!
//! Invariants:
//! - Frames of a request are written when all of it has been read and understood. Of a request that is refused for what is in it none is.
//! - A client that only looks on holds no writer back.
//! - What a client makes the host keep is bounded by [`Bounds`], however slow or broken it is.

mod answer;
mod events;
mod handler;
mod intake;
mod listener;
mod route;

pub use listener::{Bounds, Http};
pub use route::{Route, RouteFault, Target, Use};
