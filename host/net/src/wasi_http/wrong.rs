//! What went wrong with a request, as the error of the interface.

use crate::sockets::Unanswered;
use std::error::Error as _;
use std::io;
use wasmtime_wasi_http::Error;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("the request has no address that can be dialled")]
    NoAddress,
    #[error("the name has no address")]
    Name(Unanswered),
    /// The log says what to grant.
    #[error("no pattern allows the addresses of the name")]
    Prohibited,
    /// The log says which limit is reached.
    #[error("the process has no room for another connection")]
    NoPlace,
    #[error("the connection took too long")]
    TooLate,
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// The log says why.
    #[error("the authorities that are trusted cannot be read")]
    NoTrust,
    #[error("no TLS: {0}")]
    Tls(io::Error),
}

impl From<Unanswered> for Unreachable {
    fn from(why: Unanswered) -> Self {
        Unreachable::Name(why)
    }
}

impl Unreachable {
    fn of_interface(&self) -> Error {
        match self {
            Unreachable::NoAddress => Error::HttpRequestUriInvalid,
            Unreachable::Name(Unanswered::TooLate) => Error::DnsTimeout,
            Unreachable::Name(Unanswered::Denied) => Error::HttpRequestDenied,
            Unreachable::Name(Unanswered::NoName | Unanswered::Nothing) => Error::DnsError {
                rcode: Some("NXDOMAIN".to_owned()),
                info_code: None,
            },
            Unreachable::Prohibited => Error::DestinationIpProhibited,
            Unreachable::NoPlace => Error::ConnectionLimitReached,
            Unreachable::NoTrust => Error::TlsCertificateError,
            Unreachable::TooLate => Error::ConnectionTimeout,
            Unreachable::Connect(error) => of_dialling(error),
            Unreachable::Tls(error) => of_tls(error),
        }
    }
}

fn of_dialling(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Error::DestinationIpUnroutable
        }
        _ => Error::DestinationUnavailable,
    }
}

fn of_tls(error: &io::Error) -> Error {
    let inner = error.get_ref().and_then(|it| it.downcast_ref());
    tracing::debug!("no TLS: {error}");
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        Some(rustls::Error::AlertReceived(alert)) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        Some(_) => Error::TlsProtocolError,
        None => Error::ConnectionTerminated,
    }
}

/// The error of a request that got no answer.
pub(super) fn of_client(error: &hyper_util::client::legacy::Error) -> Error {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(unreachable) = error.downcast_ref::<Unreachable>() {
            return unreachable.of_interface();
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            return of_hyper(error);
        }
        cause = error.source();
    }
    tracing::debug!("a request failed: {error}");
    Error::ConnectionTerminated
}

/// The error of a connection that broke, or of a server that broke the rules.
pub(super) fn of_hyper(error: &hyper::Error) -> Error {
    // The guest's own body is what went wrong.
    let own = error.source().and_then(|it| it.downcast_ref::<Error>());
    match own {
        Some(Error::HttpRequestBodySize(size)) => Error::HttpRequestBodySize(*size),
        _ if error.is_timeout() => Error::HttpResponseTimeout,
        _ if error.is_parse_too_large() => Error::HttpResponseHeaderSectionSize(None),
        _ if error.is_parse() => Error::HttpProtocolError,
        _ if error.is_incomplete_message() => Error::HttpResponseIncomplete,
        _ => error
            .source()
            .and_then(|it| it.downcast_ref())
            .map_or(Error::ConnectionTerminated, of_reading),
    }
}

/// How a body is wrong, or the TLS around it. hyper says so by the error of reading alone.
fn of_reading(error: &io::Error) -> Error {
    let inner = error.get_ref();
    match error.kind() {
        _ if inner.is_some_and(|it| it.is::<rustls::Error>()) => of_tls(error),
        io::ErrorKind::UnexpectedEof => Error::HttpResponseIncomplete,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Error::HttpProtocolError,
        _ => Error::ConnectionTerminated,
    }
}
