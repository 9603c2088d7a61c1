//! The edges of a Weft host: where frames come from and go to outside it, and networks for guests.
//!
//! ```text
//! framing/      frames in a stream of bytes, both ways
//! source/       programs that write frames to a channel: from files, streams and clocks
//! sink/         programs that read frames from a channel: to files and streams
//! nats/         programs that join a NATS system, behind the feature `nats`
//! http/         a program that listens: requests to channels, and channels to clients
//! rejected      what is done with input that makes no frame
//! counters      what all of these count
//!
//! pattern/      what the rights `connect` and `listen` say, and which rights lie within others
//! address/      the one form of an address, and which addresses are special
//! sockets/      `wasi:sockets` under those rights, an extension of the runtime
//! connections/  `weft:fabric/net` and `quic`: connections as ends of channels, of the same extension
//! tls/          certificates, and who is trusted
//! wasi_http/    `wasi:http` for guests under those rights
//! serve/        hands requests to guests that export a handler
//! bind          sockets that listen; `wire`: streams with TLS or without; `keep_alive`: other sides that are gone without a word
//! paced         bodies for which nobody waits too long
//! ```
//!
//! Sources, sinks and what listens are [programs](weft_host::process::Program): the host runs each as a process, without a guest.
//!
//! The crate takes configuration structs and never reads the terminal, the environment or the home folder. Stdin and stdout are streams
//! that the embedder gives.
//!
//! Invariants:
//! - Frames keep their order.
//! - What a program holds in memory is bounded by constants, its settings and the capacity of its channel.
//! - What is refused or lost is counted, and said once.
#![deny(missing_docs)]

pub mod address;
mod bind;
mod connections;
pub mod counters;
pub mod framing;
pub mod http;
mod keep_alive;
#[cfg(feature = "nats")]
pub mod nats;
mod paced;
pub mod pattern;
mod rejected;
pub mod serve;
pub mod sink;
pub mod sockets;
pub mod source;
pub mod tls;
mod wasi_http;
mod wire;

pub use rejected::OnError;
