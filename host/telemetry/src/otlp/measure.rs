//! The snapshot of metrics as OTLP, sent periodically and once at the end.
//!
//! A snapshot that fails is not sent again: the next one supersedes it.

use super::convert::{self, attribute};
use super::health::Health;
use crate::catalogue::Kind;
use crate::source::{Family, Labels, Point, Source, Value};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum,
};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;
use tonic::transport::Channel;

/// The interval: as often as people look at a graph.
const EVERY: Duration = Duration::from_secs(10);

/// Sends until `stop`, and then once more.
pub(super) async fn send(
    channel: Channel,
    source: Arc<Source>,
    health: Arc<Health>,
    stop: oneshot::Receiver<()>,
) {
    let client = MetricsServiceClient::new(channel);
    let began = SystemTime::now();
    let now_and_then = async {
        loop {
            tokio::time::sleep(EVERY).await;
            send_one(client.clone(), &source, &health, began).await;
        }
    };
    // The end cancels a snapshot that is being sent, because the last one supersedes it.
    tokio::select! {
        () = now_and_then => {}
        _ = stop => {}
    }
    send_one(client, &source, &health, began).await;
}

async fn send_one(
    mut client: MetricsServiceClient<Channel>,
    source: &Source,
    health: &Health,
    began: SystemTime,
) {
    let resource_metrics = vec![snapshot(source, began)];
    let sent = client
        .export(ExportMetricsServiceRequest { resource_metrics })
        .await;
    match sent {
        Ok(_) => health.got_through(),
        Err(status) => health.failed(&status),
    }
}

fn snapshot(source: &Source, began: SystemTime) -> ResourceMetrics {
    let span = [began, SystemTime::now()].map(convert::nanoseconds);
    let families = source.read().into_iter();
    let metrics = families.filter(|family| !family.points.is_empty());
    ResourceMetrics {
        resource: Some(convert::resource(convert::runner(), source.host_name())),
        scope_metrics: vec![ScopeMetrics {
            scope: Some(convert::scope("weft".to_owned())),
            metrics: metrics.map(|family| metric(family, span)).collect(),
            ..ScopeMetrics::default()
        }],
        ..ResourceMetrics::default()
    }
}

fn metric(family: Family, span: [u64; 2]) -> Metric {
    let Family { metric, points } = family;
    let points = points.into_iter();
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match metric.kind {
        Kind::Counter => Data::Sum(Sum {
            data_points: points.map(|point| number(point, span)).collect(),
            aggregation_temporality: cumulative,
            is_monotonic: true,
        }),
        Kind::Gauge => Data::Gauge(Gauge {
            data_points: points.map(|point| number(point, span)).collect(),
        }),
        Kind::Histogram => Data::Histogram(Histogram {
            data_points: points.map(|point| histogram(point, span)).collect(),
            aggregation_temporality: cumulative,
        }),
    };
    // OTLP has the symbols of UCUM for units.
    let (name, unit) = match metric.unit.as_deref() {
        None => (metric.name.into_owned(), "1"),
        Some(unit) => {
            let symbol = match unit {
                "seconds" => "s",
                "bytes" => "By",
                other => other,
            };
            (format!("{}_{unit}", metric.name), symbol)
        }
    };
    let unit = unit.to_owned();
    Metric {
        name,
        description: metric.help.into_owned(),
        unit,
        data: Some(data),
        ..Metric::default()
    }
}

fn number(point: Point, [began, now]: [u64; 2]) -> NumberDataPoint {
    let value = match point.value {
        Value::Count(count) => Number::AsInt(i64::try_from(count).unwrap_or(i64::MAX)),
        Value::Number(number) => Number::AsDouble(number),
        Value::Buckets(it) => Number::AsDouble(it.sum),
    };
    NumberDataPoint {
        attributes: labels(point.labels),
        start_time_unix_nano: began,
        time_unix_nano: now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn histogram(point: Point, [began, now]: [u64; 2]) -> HistogramDataPoint {
    let it = match point.value {
        Value::Buckets(it) => it,
        Value::Count(_) | Value::Number(_) => Default::default(),
    };
    let bounds = it.buckets.iter().map(|(bound, _)| *bound);
    HistogramDataPoint {
        attributes: labels(point.labels),
        start_time_unix_nano: began,
        time_unix_nano: now,
        count: it.count(),
        sum: Some(it.sum),
        bucket_counts: it.buckets.iter().map(|(_, count)| *count).collect(),
        // The last bucket has no bound.
        explicit_bounds: bounds.filter(|bound| bound.is_finite()).collect(),
        ..HistogramDataPoint::default()
    }
}

fn labels(labels: Labels) -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    let labels = labels.into_iter();
    labels.map(|(key, value)| attribute(&key, value)).collect()
}
