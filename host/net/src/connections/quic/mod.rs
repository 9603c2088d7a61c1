//! QUIC: connections with any number of streams, and datagrams. What QUIC is, quinn does.
//!
//! `endpoint` is a socket that others connect to, `session` a connection, `stream` the two halves of a stream as the pump takes them, `datagrams` those of a
//! connection, `settings` the bounds of all of it.
//!
//! Invariants:
//! - A session is paid for until its last stream is done, wherever the ends of its streams are.
//! - A socket counts until quinn has closed it.

mod datagrams;
mod endpoint;
mod session;
mod settings;
mod stream;

pub use endpoint::Endpoint;
pub use session::Session;

use super::Error;
use crate::sockets::Place;
use quinn::{ConnectError, ConnectionError};
use std::net::SocketAddr;

/// TLS's alerts are errors of QUIC's from here on.
const ALERTS: std::ops::Range<u64> = 0x100..0x200;

/// A socket of quinn's, with its place.
struct Socket {
    endpoint: quinn::Endpoint,
    place: Option<Place>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        let (endpoint, place) = (self.endpoint.clone(), self.place.take());
        // Without a runtime there are no sockets either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                endpoint.wait_idle().await;
                drop(endpoint);
                drop(place);
            });
        }
    }
}

/// Why there is no connection.
fn failed(error: &ConnectionError, address: SocketAddr) -> Error {
    let tls = |code: u64| ALERTS.contains(&code);
    match error {
        ConnectionError::TimedOut => Error::Timeout,
        ConnectionError::TransportError(wrong) if tls(wrong.code.into()) => {
            Error::Tls(wrong.to_string())
        }
        ConnectionError::ConnectionClosed(close) if tls(close.error_code.into()) => {
            Error::Tls(close.to_string())
        }
        ConnectionError::ConnectionClosed(_) | ConnectionError::ApplicationClosed(_) => {
            Error::Refused(format!("{address}: {error}"))
        }
        ConnectionError::LocallyClosed => Error::Closed,
        _ => Error::Failed(format!("{address}: {error}")),
    }
}

/// Why none was begun.
fn not_begun(error: &ConnectError, address: SocketAddr) -> Error {
    Error::Failed(format!("{address}: {error}"))
}
