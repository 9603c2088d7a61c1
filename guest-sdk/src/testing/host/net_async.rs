//! `net-async`: see `net`.

use super::net::no_network;
use crate::bindings::networks::weft::fabric::net::{ConnectOptions, Connection, Error, Listener};

pub(crate) async fn connect(
    _address: String,
    _options: ConnectOptions,
) -> Result<Connection, Error> {
    Err(no_network())
}

pub(crate) async fn await_connection(_source: &Listener) {}
