//! What leaves the runner for those who watch many: metrics to be scraped, and logs, traces and metrics sent to a collector.
//!
//! ```text
//! telemetry/source     one snapshot of host and channels, for both
//! telemetry/catalogue  every metric there is: its name, kind and meaning
//! telemetry/metrics/   --metrics: the snapshot as Prometheus text, over HTTP
//! telemetry/otlp/      --otlp: logs, traces and metrics, by OTLP over gRPC
//! ```
//!
//! Not the screen: what people see at once is `screen/`.
//!
//! Invariants:
//! - What cannot work, such as an address in use, is said before anything starts.
//! - No guest waits for a scraper or a collector, and the command's end waits for them at most
//!   [`otlp::FLUSH_TIME`].

mod catalogue;
mod metrics;
mod otlp;
mod source;

use crate::cli::TelemetryArgs;
use anyhow::{Context, Result};
use source::Source;
use std::sync::Arc;
use weft_host::Host;
use weft_service::Service;

/// What was asked for, checked.
pub(crate) struct Telemetry {
    listener: Option<metrics::Listener>,
    collector: Option<otlp::Collector>,
}

/// What goes on until the command ends.
pub(crate) struct Running {
    _server: Option<metrics::Server>,
    exporter: Option<otlp::Exporter>,
}

impl Telemetry {
    /// Takes the address and checks the URL.
    ///
    /// # Errors
    /// An address that cannot be had, or a URL that is no collector's.
    pub(crate) async fn prepare(args: &TelemetryArgs, service: &Service) -> Result<Self> {
        let listener = match &args.metrics {
            Some(address) => {
                let opened = metrics::Listener::open(address, service).await;
                Some(opened.with_context(|| format!("--metrics {address}"))?)
            }
            None => None,
        };
        let collector = match &args.otlp {
            Some(url) => {
                Some(otlp::Collector::parse(url).with_context(|| format!("--otlp {url}"))?)
            }
            None => None,
        };
        Ok(Self {
            listener,
            collector,
        })
    }

    /// Whether anybody wants to know, so that host calls are to be timed.
    pub(crate) fn is_wanted(&self) -> bool {
        self.listener.is_some() || self.collector.is_some()
    }

    /// Begins, before the first process runs.
    pub(crate) fn start(self, host: &Host, service: &Service) -> Running {
        let source = Arc::new(Source::new(host));
        Running {
            _server: self
                .listener
                .map(|listener| listener.serve(source.clone(), service)),
            exporter: self
                .collector
                .map(|collector| otlp::Exporter::start(collector, host, &source)),
        }
    }
}

impl Running {
    /// Sends what has not been sent, once all processes have ended.
    pub(crate) async fn finish(self) {
        if let Some(exporter) = self.exporter {
            exporter.finish().await;
        }
    }
}
