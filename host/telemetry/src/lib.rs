//! What leaves a [`Host`](weft_host::Host) for those who watch many: metrics to be scraped, and logs, traces and metrics sent to a collector.
//!
//! ```text
//! source     one snapshot of the host, for both
//! catalogue  every metric there is: its name, kind and meaning
//! metrics/   the snapshot as Prometheus text, over HTTP
//! otlp/      logs, traces and metrics, by OTLP over gRPC; the feature `otlp`
//! ```
//!
//! Not what people see at once, which is the program's to show.
//!
//! Invariants:
//! - What cannot work, such as an address in use, is said before anything starts.
//! - No guest waits for a scraper or a collector, and the end of an exporter waits for them at most [`FLUSH_TIME`].
#![deny(missing_docs)]

mod catalogue;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod source;

pub use metrics::{ListenError, Listener, Server};
#[cfg(feature = "otlp")]
pub use otlp::{Collector, CollectorError, Exporter, Warn};
pub use source::Source;

use std::time::Duration;

/// Time that the end of an exporter waits for the collector to take the rest: as long as people look on patiently.
pub const FLUSH_TIME: Duration = Duration::from_secs(5);
