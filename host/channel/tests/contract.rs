//! Every engine is held to the contract of channels: see `weft-channel-contract`. Here that is the native one, and a remote one
//! whose every call has to be waited for.
//!
//! Only what can be done with any engine is there, and only by calls that work with any. What is said of the native one alone, such as who is
//! woken when, is in the files beside this one; what the handles add around a remote one, in `remote`.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../tests/support/remote.rs"]
mod far;
#[path = "../../../tests/support/handles.rs"]
mod handles;

use std::sync::Arc;

use far::{Delay, Line};
use handles::{Channel, options};
use weft_channel_contract as contract;

/// Both hear of a dropped end at once.
const CLOSES_BY_ASKING: bool = false;

mod native {
    weft_channel_contract::contract_tests!(super::Native);
}

mod remote {
    weft_channel_contract::contract_tests!(super::Remote);
}

#[derive(Debug)]
struct Native;

#[derive(Debug)]
struct Remote(Arc<Line>);

impl contract::Engine for Native {
    type Channel = Channel;

    async fn start() -> Self {
        Self
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Channel {
        Channel(weft_channel::Channel::new(options(capacity, backpressure)).unwrap())
    }
}

impl contract::Engine for Remote {
    type Channel = Channel;

    async fn start() -> Self {
        Self(Line::new(Delay::Turns(1)))
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Channel {
        Channel(self.0.channel(options(capacity, backpressure)))
    }
}
