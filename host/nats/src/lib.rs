//! Channels of Weft on NATS JetStream: they outlive processes, hosts and the server itself.
//!
//! A channel is a stream. Any number of hosts have it open at once, and its handles are those of every other channel.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use weft_channel::{Options, Strength};
//! use weft_nats::{ChannelConfig, ReaderConfig, Server, ServerConfig};
//!
//! let server = Server::connect(ServerConfig::new("nats://127.0.0.1:4222")).await?;
//! let orders = server.channel(ChannelConfig::new("orders", Options::new(1 << 30))).await?;
//!
//! let writer = orders.channel().open_writer(Strength::Strong).await?;
//! writer.write("an order".into()).await?; // The server has it.
//!
//! // Goes on where the reader of this name was, on whichever host.
//! let billing = ReaderConfig::named("billing");
//! let reader = orders.channel_as(billing).open_reader(Strength::Strong).await?;
//! let order = reader.read().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//! - `config`: how a server is reached, and how a channel and its readers are made. `error`: why not.
//! - `server`: the connection. `stats`: what it counts.
//! - `log`: what a channel is made of: records, and the state that follows from them. It does no input or output.
//! - `channel`: the channel as this host has it open, and the tasks that keep it so.
//!
//! How this engine differs from the one in memory is in the book, on the page of durable channels.
//!
//! This crate is not: a reader of the environment, of files or of a terminal, but for the certificates and the file of credentials that its
//! configuration names. It is no source or sink of other NATS systems.
#![deny(missing_docs)]

mod channel;
mod config;
mod error;
mod log;
mod login;
mod server;
mod stats;

pub use channel::Durable;
pub use config::{
    Begin, ChannelConfig, Delivery, Format, ReaderConfig, ServerConfig, Storage, Tls,
};
pub use error::{ChannelError, ConnectError, Difference};
pub use login::Login;
pub use server::{Server, connect};
pub use stats::ServerStats;
