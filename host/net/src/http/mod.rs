//! HTTP in front of channels and guests: a program that listens, takes frames from requests, shows frames to who asks, and hands requests to
//! guests that answer them.
//!
//! ```text
//! http/route       what a request is for: a method, a path, and a channel or a guest
//! http/listener    the program: places of connections, and which request is for what
//! http/bind        the address that it listens on
//! http/bounds      what it lets its clients do
//! http/counts      what it counts
//! http/connection  one connection, with its bounds, from the first byte to the last: TLS, HTTP/1.1, HTTP/2
//! http/version     which of them a client speaks
//! http/busy        whether its requests are under way
//! http/secure      TLS in front of a listener
//! http/stall       clients that do not take their answers
//! http/origin      whose pages may use it
//! http/intake      a request's body into frames
//! http/looking     what a client that looks on is shown next
//! http/events      that as an answer that goes on
//! http/websocket   that as messages of a WebSocket
//! http/handler     requests that a guest answers
//! http/answer      the other answers
//! ```
//!
//! Invariants:
//! - Frames of a request are written when all of it has been read and understood. Of a request that is refused for what is in it none is.
//! - A client that only looks on holds no writer back.
//! - What a client makes the host keep is bounded by [`Bounds`], however slow or broken it is.
//! - A page of another origin reads and writes nothing unless [`Origins`] says so.

mod answer;
mod bind;
mod bounds;
mod busy;
mod connection;
mod counts;
mod events;
mod handler;
mod intake;
mod listener;
mod looking;
mod origin;
mod route;
mod secure;
mod stall;
mod version;
mod websocket;

pub use bounds::{Bounds, HEAD_BYTES};
pub use listener::Http;
pub use origin::{OriginFault, Origins};
pub use route::{Route, RouteFault, Target, Use};
pub use secure::Tls;
