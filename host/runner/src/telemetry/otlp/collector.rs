//! The collector: its URL, and the connection to it.

use anyhow::{Context, Result, bail};
use std::time::Duration;
use tonic::transport::{Channel, Endpoint, Uri};

/// Time for a connection: a collector is near.
const CONNECT_TIME: Duration = Duration::from_secs(3);
/// Time for a batch to be taken; then it is tried again.
const CALL_TIME: Duration = Duration::from_secs(10);

/// A collector that nothing has been sent to yet.
pub(in crate::telemetry) struct Collector {
    pub(super) url: String,
    /// Connects when it is first used, and again when the collector has gone away.
    pub(super) channel: Channel,
}

impl Collector {
    /// Reads `http://HOST:PORT`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub(in crate::telemetry) fn parse(url: &str) -> Result<Self> {
        const RIGHT: &str = "write http://HOST:PORT, where a collector takes OTLP over gRPC, such as http://127.0.0.1:4317";
        let uri: Uri = url.parse().context(RIGHT)?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => bail!(
                "weft speaks no TLS; run a collector on this machine that passes on what it gets, and give its \
                 address, such as http://127.0.0.1:4317"
            ),
            _ => bail!(RIGHT),
        }
        if uri.port().is_none() {
            bail!("there is no port; {RIGHT}");
        }
        if uri.path_and_query().is_some_and(|rest| rest != "/") {
            bail!("OTLP over gRPC has no path; {RIGHT}");
        }
        let endpoint = Endpoint::from(uri);
        let endpoint = endpoint.connect_timeout(CONNECT_TIME).timeout(CALL_TIME);
        Ok(Self {
            url: url.to_owned(),
            channel: endpoint.connect_lazy(),
        })
    }
}
