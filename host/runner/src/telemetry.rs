//! Starts what `--metrics` and `--otlp` ask for.
//!
//! Invariant: an error that can be found early, such as an address in use, is reported before anything starts.

use crate::cli::TelemetryArgs;
use crate::durable::Servers;
use crate::screen::say;
use anyhow::{Context, Result};
use std::sync::Arc;
use weft_host::Host;
use weft_service::Service;
use weft_telemetry::{Listener, Server, Source};

#[cfg(feature = "otlp")]
use weft_telemetry::{Collector, Exporter};

/// The options, checked.
pub(crate) struct Telemetry {
    listener: Option<Listener>,
    #[cfg(feature = "otlp")]
    collector: Option<Collector>,
}

/// What runs until the command ends.
pub(crate) struct Running {
    _server: Option<Server>,
    #[cfg(feature = "otlp")]
    exporter: Option<Exporter>,
}

impl Telemetry {
    /// Binds the address and checks the URL.
    ///
    /// # Errors
    /// When the address cannot be bound, or the URL is not a collector's.
    pub(crate) async fn prepare(args: &TelemetryArgs, service: &Service) -> Result<Self> {
        let listener = match &args.metrics {
            Some(address) => {
                let opened = Listener::open(address, service).await;
                Some(opened.with_context(|| format!("--metrics {address}"))?)
            }
            None => None,
        };
        #[cfg(feature = "otlp")]
        let collector = match &args.otlp {
            Some(url) => Some(Collector::parse(url).with_context(|| option(url))?),
            None => None,
        };
        #[cfg(not(feature = "otlp"))]
        if let Some(url) = &args.otlp {
            return Err(crate::command::built_without("otlp")).context(option(url));
        }
        Ok(Self {
            listener,
            #[cfg(feature = "otlp")]
            collector,
        })
    }

    /// Whether telemetry is on, so that host calls must be timed.
    pub(crate) fn is_wanted(&self) -> bool {
        #[cfg(feature = "otlp")]
        if self.collector.is_some() {
            return true;
        }
        self.listener.is_some()
    }

    /// Starts telemetry before the first process runs, and prints the address of the metrics.
    pub(crate) fn start(self, host: &Host, servers: Servers, service: &Service) -> Running {
        let source = Arc::new(Source::new(host).servers(servers.readings()));
        let address = self.listener.as_ref().and_then(Listener::address);
        if let Some(address) = address {
            say::told(&format!("metrics at http://{address}/metrics"));
        }
        Running {
            _server: self
                .listener
                .map(|listener| listener.serve(source.clone(), service)),
            #[cfg(feature = "otlp")]
            exporter: self
                .collector
                .map(|collector| Exporter::start(collector, host, &source, Arc::new(say::warning))),
        }
    }
}

/// The option for messages, without the user and password in the URL: other people may see messages.
fn option(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => format!("--otlp …@{rest}"),
        None => format!("--otlp {url}"),
    }
}

impl Running {
    /// Sends the rest, after all processes have ended.
    pub(crate) async fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(exporter) = self.exporter {
            exporter.finish().await;
        }
    }
}
