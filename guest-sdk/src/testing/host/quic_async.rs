//! `quic-async`: see `net`.

use super::net::no_network;
use crate::bindings::networks::weft::fabric::net::{ConnectOptions, Connection, Error};
use crate::bindings::networks::weft::fabric::quic::{Endpoint, Session};

pub(crate) async fn connect(_address: String, _options: ConnectOptions) -> Result<Session, Error> {
    Err(no_network())
}

pub(crate) async fn open(_of: &Session) -> Result<Connection, Error> {
    Err(no_network())
}

pub(crate) async fn await_stream(_of: &Session) {}

pub(crate) async fn await_session(_source: &Endpoint) {}
