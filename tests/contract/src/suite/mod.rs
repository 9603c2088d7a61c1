//! The sentences of the contract, by subject; each is a test over any engine.

pub mod cancels;
pub mod capacity;
pub mod ending;
pub mod full;
pub mod order;
pub mod readers;
pub mod writers;
