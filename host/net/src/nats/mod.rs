//! NATS at the edges: programs that join an existing NATS system, behind the feature `nats`.
//!
//! ```text
//! nats/source    messages of a subject, or of a stream, become frames
//! nats/requests  messages that want an answer become requests of a server, and its replies the answers
//! nats/calls     the requests that wait for a reply
//! nats/sink      frames become messages of a subject
//! nats/link      the connection that they have
//! ```
//!
//! Durable channels are not here: those are an engine, `weft-nats`.
//!
//! Invariants:
//! - A message is a frame, and a frame is a message.
//! - A message of a stream is acknowledged once its frame is in the channel. What core NATS loses is counted.

mod calls;
mod link;
mod requests;
mod sink;
mod source;

pub use requests::{Answering, NatsRequests};
pub use sink::NatsSink;
pub use source::{Begin, FromStream, NatsSource};
pub use weft_nats::ServerConfig;
