//! The snapshot as Prometheus text over HTTP. `server` serves it, `text` writes it.

mod server;
mod text;

pub use server::{ListenError, Listener, Server};
