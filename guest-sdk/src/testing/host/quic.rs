//! `quic`: see `net`.

pub(crate) mod session {
    use crate::bindings::networks::weft::fabric::net::{ConnectOptions, Connection, Error};
    use crate::bindings::networks::weft::fabric::quic::{Reader, Session, Writer};
    use crate::testing::host::net::no_network;

    pub(crate) fn connect(_address: &str, _options: &ConnectOptions) -> Result<Session, Error> {
        Err(no_network())
    }

    pub(crate) fn remote(_this: &Session) -> String {
        String::new()
    }

    pub(crate) fn names(_this: &Session) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn protocol(_this: &Session) -> Option<String> {
        None
    }

    pub(crate) fn open(_this: &Session) -> Result<Connection, Error> {
        Err(no_network())
    }

    pub(crate) fn accept(_this: &Session) -> Result<Connection, Error> {
        Err(no_network())
    }

    pub(crate) fn try_accept(_this: &Session) -> Result<Connection, Error> {
        Err(no_network())
    }

    pub(crate) fn datagrams(_this: &Session) -> Result<(Reader, Writer), Error> {
        Err(no_network())
    }

    pub(crate) fn close(_this: &Session, _code: u32, _reason: &str) {}
}

pub(crate) mod endpoint {
    use crate::bindings::networks::weft::fabric::net::{Error, ListenOptions};
    use crate::bindings::networks::weft::fabric::quic::{Endpoint, Session};
    use crate::testing::host::net::no_network;

    pub(crate) fn listen(_address: &str, _options: &ListenOptions) -> Result<Endpoint, Error> {
        Err(no_network())
    }

    pub(crate) fn address(_this: &Endpoint) -> String {
        String::new()
    }

    pub(crate) fn accept(_this: &Endpoint) -> Result<Session, Error> {
        Err(no_network())
    }

    pub(crate) fn try_accept(_this: &Endpoint) -> Result<Session, Error> {
        Err(no_network())
    }
}
