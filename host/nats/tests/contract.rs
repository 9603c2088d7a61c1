//! The engine is held to the contract of channels, against a real server: see `weft-channel-contract`.
#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

mod common;

mod packed {
    weft_channel_contract::contract_tests!(super::common::engine::Engine<false>, writes_may_land);
}

mod plain {
    weft_channel_contract::contract_tests!(super::common::engine::Engine<true>, writes_may_land);
}
