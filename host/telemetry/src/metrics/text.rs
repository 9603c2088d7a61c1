//! The snapshot as text: in Prometheus' own format, or as OpenMetrics if the client asks for it.

use crate::catalogue::{Kind, Metric};
use crate::source::{Family, Source, Value};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};
use std::fmt::{self, Error};
use std::sync::Arc;

/// The media type of OpenMetrics in `Accept` and `Content-Type`.
const OPEN_METRICS: &str = "application/openmetrics-text";

/// The text and its content type, for a client with this `Accept` header.
pub(super) fn render(source: &Arc<Source>, accept: &str) -> Result<(String, String), Error> {
    let mut registry = Registry::default();
    let open_metrics = accept.contains(OPEN_METRICS);
    registry.register_collector(Box::new(Snapshot {
        source: source.clone(),
        open_metrics,
    }));
    let mut out = String::new();
    if open_metrics {
        text::encode(&mut out, &registry)?;
        return Ok((out, format!("{OPEN_METRICS}; version=1.0.0; charset=utf-8")));
    }
    prometheus_text::encode(&mut out, &registry)?;
    Ok((out, prometheus_text::CONTENT_TYPE.to_owned()))
}

struct Snapshot {
    source: Arc<Source>,
    open_metrics: bool,
}

impl Snapshot {
    /// The help of a metric. The encoder escapes it for Prometheus text, and not for OpenMetrics. It is one line.
    fn help(&self, metric: &Metric) -> String {
        let help = format!("{}.", metric.help);
        match self.open_metrics && help.contains(['\\', '"']) {
            true => help.replace('\\', "\\\\").replace('"', "\\\""),
            false => help,
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        for family in self.source.read() {
            let Family { metric, points } = family;
            let unit = metric.unit.as_deref();
            let unit = unit.map(|unit| Unit::Other(unit.to_owned()));
            let kind = match metric.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram => MetricType::Histogram,
            };
            let help = self.help(&metric);
            let mut family = encoder.encode_descriptor(&metric.name, &help, unit.as_ref(), kind)?;
            for point in points {
                if point.labels.is_empty() {
                    encode(&mut family, metric.kind, &point.value)?;
                } else {
                    let mut labelled = family.encode_family(&point.labels)?;
                    encode(&mut labelled, metric.kind, &point.value)?;
                }
            }
        }
        Ok(())
    }
}

fn encode(to: &mut MetricEncoder<'_>, kind: Kind, value: &Value) -> Result<(), Error> {
    const NONE: Option<&Exemplar<NoLabelSet, f64>> = None;
    match (kind, value) {
        (Kind::Counter, Value::Count(count)) => to.encode_counter(count, NONE),
        (Kind::Counter, Value::Number(number)) => to.encode_counter(number, NONE),
        (_, Value::Count(count)) => to.encode_gauge(count),
        (_, Value::Number(number)) => to.encode_gauge(number),
        (_, Value::Buckets(it)) => {
            to.encode_histogram::<NoLabelSet>(it.sum, it.count(), &it.buckets, None)
        }
    }
}
