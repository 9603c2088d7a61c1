//! Networks for guests, beside what the runtime has itself.
//!
//! - [`pattern`]: what the rights `connect` and `listen` say, and which rights lie within others.
//! - [`address`]: the one form of an address, and which addresses are special.
//! - [`sockets`]: `wasi:sockets` under those rights, an extension of the runtime.
//!
//! Nothing here reads the terminal, the environment or the home folder.

pub mod address;
pub mod pattern;
pub mod sockets;
