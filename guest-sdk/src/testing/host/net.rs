//! `net`: the kit has no network, so there are no listeners and no connections.

use crate::bindings::networks::weft::fabric::net::{ConnectOptions, Connection, Error};

/// What every call fails with.
pub(crate) fn no_network() -> Error {
    Error::Failed("the test kit has no network: give what handles a connection two ends".to_owned())
}

pub(crate) fn connect(_address: &str, _options: &ConnectOptions) -> Result<Connection, Error> {
    Err(no_network())
}

pub(crate) mod listener {
    use super::no_network;
    use crate::bindings::networks::weft::fabric::net::{
        Connection, Error, ListenOptions, Listener,
    };

    pub(crate) fn listen(_address: &str, _options: &ListenOptions) -> Result<Listener, Error> {
        Err(no_network())
    }

    pub(crate) fn address(_this: &Listener) -> String {
        String::new()
    }

    pub(crate) fn accept(_this: &Listener) -> Result<Connection, Error> {
        Err(no_network())
    }

    pub(crate) fn try_accept(_this: &Listener) -> Result<Connection, Error> {
        Err(no_network())
    }
}
