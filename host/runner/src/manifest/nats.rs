//! How a manifest says where a NATS server is: an address beside the keys `credentials` and `tls`, which channels, sources and sinks share.

use serde::Deserialize;
use std::path::PathBuf;

#[cfg(feature = "nats")]
mod server;
#[cfg(feature = "nats")]
pub(crate) use server::{server, without_login};

/// One address, or those of a cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Addresses {
    /// One.
    One(String),
    /// Those of a cluster.
    All(Vec<String>),
}

/// TLS to a server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsEntry {
    /// The file of the authorities that are believed beside the system's.
    #[serde(default)]
    pub(crate) authorities: Option<PathBuf>,
    /// The file of the certificate that is shown.
    #[serde(default)]
    pub(crate) certificate: Option<PathBuf>,
    /// The file of its key.
    #[serde(default)]
    pub(crate) key: Option<PathBuf>,
}
