//! Logs, traces and metrics to a collector, by OTLP over gRPC.
//!
//! ```text
//! otlp/collector  the URL, and the connection to it
//! otlp/queue      items waiting to be sent: bounded, in batches, with retries
//! otlp/convert    log entries as records and spans
//! otlp/life       processes and loads of components as spans
//! otlp/follow     one task for each process: reads its log, and sends the spans of its life
//! otlp/health     warns when nothing gets through
//! otlp/measure    the snapshot of metrics, sent periodically
//! ```
//!
//! Invariants:
//! - A guest never waits: a weak reader reads its log, and an item that finds no room in a queue is counted as dropped.
//! - An exporter that ends waits for the collector at most [`FLUSH_TIME`], and then reports what was not delivered.
//! - A process's log is read from its first entry on, since the reader exists before the process runs.

mod collector;
mod convert;
mod follow;
mod health;
mod life;
mod measure;
mod queue;

pub use collector::{Collector, CollectorError};

use crate::FLUSH_TIME;
use crate::source::Source;
use follow::Follow;
use health::Health;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use queue::Queue;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use weft_host::{Host, process::StartObserver};

/// Called with a sentence when nothing gets through, when sending works again, and when something was not delivered. It
/// may be called on any thread, so it must not block.
pub type Warn = Arc<dyn Fn(&str) + Send + Sync>;

/// Sends until it is finished.
pub struct Exporter {
    health: Arc<Health>,
    source: Arc<Source>,
    observer: StartObserver,
    stop_measuring: oneshot::Sender<()>,
    senders: [JoinHandle<()>; 3],
}

impl Exporter {
    /// Starts sending. It covers every process that starts from now on, and every component that is loaded.
    pub fn start(collector: Collector, host: &Host, source: &Arc<Source>, warn: Warn) -> Self {
        let Collector { url, channel } = collector;
        let health = Arc::new(Health::new(url, warn));
        let client = LogsServiceClient::new(channel.clone());
        let name = host.name().clone();
        let export = move |batch| {
            let mut client = client.clone();
            let resource_logs = convert::logs(batch, &name);
            let request = ExportLogsServiceRequest { resource_logs };
            async move {
                let partial = client.export(request).await?.into_inner().partial_success;
                Ok(rejected(partial.map(|it| it.rejected_log_records)))
            }
        };
        let (logs, log_sender) = Queue::start(source, &health, |it| &it.logs_dropped, export);
        let client = TraceServiceClient::new(channel.clone());
        let name = host.name().clone();
        let export = move |batch| {
            let mut client = client.clone();
            let resource_spans = convert::spans(batch, &name);
            let request = ExportTraceServiceRequest { resource_spans };
            async move {
                let partial = client.export(request).await?.into_inner().partial_success;
                Ok(rejected(partial.map(|it| it.rejected_spans)))
            }
        };
        let (spans, span_sender) = Queue::start(source, &health, |it| &it.spans_dropped, export);
        let (stop_measuring, stopped) = oneshot::channel();
        let measuring = tokio::spawn(measure::send(
            channel,
            source.clone(),
            health.clone(),
            stopped,
        ));
        let components = host.components();
        for component in components
            .names()
            .iter()
            .filter_map(|name| components.get(name))
        {
            life::of_load(&component)
                .into_iter()
                .for_each(|span| spans.push(span));
        }
        let follow = Follow::new(logs, spans);
        let observer = host.observe_starts(move |process| follow.begin(process));
        Self {
            health,
            source: source.clone(),
            observer,
            stop_measuring,
            senders: [log_sender, span_sender, measuring],
        }
    }

    /// Sends the rest, after all processes have ended.
    pub async fn finish(self) {
        // This drops the last senders into the queues, apart from those of the tasks that read logs to their end.
        drop(self.observer);
        let _ = self.stop_measuring.send(());
        let [mut logs, mut spans, mut metrics] = self.senders;
        let all = async { tokio::join!(&mut logs, &mut spans, &mut metrics) };
        let in_time = tokio::time::timeout(FLUSH_TIME, all).await.is_ok();
        if !in_time {
            for task in [logs, spans, metrics]
                .into_iter()
                .filter(|task| !task.is_finished())
            {
                task.abort();
                // Wait for it: the task counts its unsent items when it is dropped.
                let _ = task.await;
            }
        }
        let lost = [&self.source.logs_dropped, &self.source.spans_dropped];
        let [logs, spans] = lost.map(|count| count.load(Ordering::Relaxed));
        if logs + spans > 0 {
            let url = self.health.url();
            let cause = self.health.cause();
            let cause = cause.unwrap_or_else(|| match in_time {
                true => "they came faster than they could be sent".to_owned(),
                false => format!("it gave no answer within {FLUSH_TIME:?}"),
            });
            self.health.warn(&format!(
                "{logs} log entries and {spans} spans were not delivered to {url}: {cause}"
            ));
        }
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter")
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

/// The number of rejected items in a batch that was taken in part.
fn rejected(items: Option<i64>) -> u64 {
    u64::try_from(items.unwrap_or_default()).unwrap_or_default()
}
