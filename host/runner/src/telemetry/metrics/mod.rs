//! `--metrics`: the snapshot as Prometheus text, over HTTP. `server` serves it, `text` writes it.

mod server;
mod text;

pub(super) use server::{Listener, Server};
