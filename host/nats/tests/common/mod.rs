//! What the suites of durable channels share: a server of a test's own, and the engine.
#![allow(dead_code, reason = "each suite uses its own part")]

pub mod engine;
#[path = "../../../../tests/support/nats.rs"]
mod nats;

pub use nats::Nats;
use weft_nats::{Server, ServerConfig};

impl Nats {
    /// A connection to it, by someone who does not wait long.
    pub async fn connect(&self) -> Server {
        Server::connect(self.config()).await.unwrap()
    }

    /// How that one connects.
    pub fn config(&self) -> ServerConfig {
        ServerConfig::new(self.address())
    }
}
