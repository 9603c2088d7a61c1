//! The collector: its URL, and the connection to it.

use std::time::Duration;
use tonic::codegen::http::uri::InvalidUri;
use tonic::transport::{Channel, Endpoint, Uri};

/// The help text: the right form of a URL.
const RIGHT: &str =
    "write http://HOST:PORT, where a collector takes OTLP over gRPC, such as http://127.0.0.1:4317";

/// Why a URL cannot be a collector's.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// It is not a URL.
    #[error("{RIGHT}")]
    NoUrl(#[source] InvalidUri),
    /// It is not a URL with `http`.
    #[error("{RIGHT}")]
    NoHttp,
    /// It asks for TLS.
    #[error(
        "weft speaks no TLS; run a collector on this machine that passes on what it gets, and give its address, such as http://127.0.0.1:4317"
    )]
    Tls,
    /// It has no host.
    #[error("there is no host; {RIGHT}")]
    NoHost,
    /// It has no port.
    #[error("there is no port; {RIGHT}")]
    NoPort,
    /// Its port is 0, at which nothing listens.
    #[error("nothing listens at port 0; {RIGHT}")]
    PortZero,
    /// It has a fragment.
    #[error("`#{0}` belongs to no collector; {RIGHT}")]
    Fragment(String),
    /// It has a user's name or password.
    #[error(
        "weft sends no user or password; leave out what stands before the `@`, and where a collector asks for it, run one on this machine that passes on what it gets"
    )]
    User,
    /// It has a path.
    #[error("OTLP over gRPC has no path; {RIGHT}")]
    Path,
}

/// Timeout for connecting: a collector is near.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// Timeout for sending a batch. After it the batch is sent again.
const CALL_TIME: Duration = Duration::from_secs(10);

/// A collector that nothing was sent to yet.
#[derive(Debug)]
pub struct Collector {
    pub(super) url: String,
    /// Connects at the first use, and again after the collector has gone away.
    pub(super) channel: Channel,
}

impl Collector {
    /// Reads `http://HOST:PORT`.
    ///
    /// # Errors
    /// The error says what is wrong with the URL, and what would be right.
    pub fn parse(url: &str) -> Result<Self, CollectorError> {
        let uri: Uri = url.parse().map_err(CollectorError::NoUrl)?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(CollectorError::Tls),
            _ => return Err(CollectorError::NoHttp),
        }
        let authority = uri.authority().map(|it| it.as_str());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(CollectorError::User);
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(CollectorError::NoHost);
        }
        match uri.port_u16() {
            None => return Err(CollectorError::NoPort),
            Some(0) => return Err(CollectorError::PortZero),
            Some(_) => {}
        }
        if uri.path_and_query().is_some_and(|rest| rest != "/") {
            return Err(CollectorError::Path);
        }
        // The parser drops it.
        if let Some((_, fragment)) = url.split_once('#') {
            return Err(CollectorError::Fragment(fragment.to_owned()));
        }
        let endpoint = Endpoint::from(uri);
        let endpoint = endpoint.connect_timeout(CONNECT_TIME).timeout(CALL_TIME);
        Ok(Self {
            url: url.to_owned(),
            channel: endpoint.connect_lazy(),
        })
    }
}
