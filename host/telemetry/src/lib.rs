//! Telemetry of a [`Host`](weft_host::Host), for those who watch many hosts: metrics to be scraped, and logs, traces
//! and metrics sent to a collector.
//!
//! ```text
//! source     one snapshot of the host, for both
//! catalogue  every metric of the host: its name, kind and meaning
//! guests     the metrics that guests make themselves
//! metrics/   the snapshot as Prometheus text, over HTTP
//! otlp/      logs, traces and metrics, by OTLP over gRPC; the feature `otlp`
//! ```
//!
//! The program itself shows what a person sees on its screen.
//!
//! Invariants:
//! - An error that can be found early, such as an address in use, is reported before anything starts.
//! - No guest waits for a scraper or a collector, and an exporter that ends waits for them at most [`FLUSH_TIME`].
#![deny(missing_docs)]

mod catalogue;
mod guests;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod source;

pub use metrics::{ListenError, Listener, Server};
#[cfg(feature = "otlp")]
pub use otlp::{Collector, CollectorError, Exporter, Warn};
pub use source::{ServerReading, Source};

use std::time::Duration;

/// Time that an exporter, when it ends, waits for the collector to take the rest: as long as people are patient.
pub const FLUSH_TIME: Duration = Duration::from_secs(5);
