//! The engine as the suite of the contract takes it.

use std::cell::RefCell;

use handles::{Channel, options};
use weft_channel_contract as contract;
use weft_nats::{ChannelConfig, Format, Server};

use super::Nats;

#[path = "../../../../tests/support/handles.rs"]
mod handles;

/// Dropping an end waits for nothing, and a weak one has nothing left to give back. On a channel that was terminated this changes nothing.
const CLOSES_BY_ASKING: bool = true;

thread_local! {
    /// They outlive the test's last task, which has something to tell them, and end with its thread.
    static SERVERS: RefCell<Vec<Nats>> = const { RefCell::new(Vec::new()) };
}

/// An engine with a server of its own.
pub struct Engine<const PLAIN: bool> {
    server: Server,
    made: std::sync::atomic::AtomicU32,
}

impl<const PLAIN: bool> contract::Engine for Engine<PLAIN> {
    type Channel = Channel;

    async fn start() -> Self {
        let nats = Nats::start().await;
        let server = nats.connect().await;
        SERVERS.with_borrow_mut(|servers| servers.push(nats));
        Self {
            server,
            made: 0.into(),
        }
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Channel {
        let number = self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let options = options(capacity, backpressure);
        let mut config = ChannelConfig::new(format!("channel-{number}"), options);
        if PLAIN {
            config.format = Format::Plain;
        }
        Channel(self.server.channel(config).await.unwrap().channel())
    }
}
