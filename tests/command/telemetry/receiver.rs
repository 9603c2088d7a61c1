//! A collector that keeps what it gets: a gRPC server of this process, with the services of OTLP.

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use tokio::runtime::Runtime;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// Whose something is: `service.name`, and `weft.process.id`, which the runner itself has not.
pub type Of = (String, Option<i64>);

/// All that came, in order.
#[derive(Default)]
pub struct Received {
    pub logs: Vec<(Of, LogRecord)>,
    pub spans: Vec<(Of, Span)>,
    /// One of each snapshot's.
    pub metrics: Vec<(Of, Metric)>,
}

/// What it does with logs.
#[derive(Clone, Default)]
struct Services {
    received: Arc<Mutex<Received>>,
    /// Each is the answer to one request, before any is taken.
    refusals: Arc<Mutex<Vec<Status>>>,
    /// Bytes of a message it takes, if not as many as usual.
    most_bytes: Option<usize>,
    /// Records of each message that it says it has thrown away.
    rejects: i64,
}

/// Serves until it is dropped.
pub struct Receiver {
    pub url: String,
    services: Services,
    _runtime: Runtime,
}

impl Receiver {
    pub fn start() -> Self {
        Self::with(Services::default())
    }

    /// One that says these to the first requests with logs, the last of them first.
    pub fn refusing(refusals: Vec<Status>) -> Self {
        Self::with(Services {
            refusals: Arc::new(Mutex::new(refusals)),
            ..Services::default()
        })
    }

    /// One that takes messages with logs of so many bytes at most.
    pub fn narrow(most_bytes: usize) -> Self {
        Self::with(Services {
            most_bytes: Some(most_bytes),
            ..Services::default()
        })
    }

    /// One that takes messages with logs and says that it has thrown so many of their records away.
    pub fn rejecting(rejects: i64) -> Self {
        Self::with(Services {
            rejects,
            ..Services::default()
        })
    }

    fn with(services: Services) -> Self {
        let runtime = Runtime::new().unwrap();
        let entered = runtime.enter();
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", incoming.local_addr().unwrap());
        let serving = Server::builder().serve_with_incoming(services.clone(), incoming);
        runtime.spawn(async move { serving.await.unwrap() });
        drop(entered);
        Self {
            url,
            services,
            _runtime: runtime,
        }
    }

    pub fn received(&self) -> MutexGuard<'_, Received> {
        self.services.received.lock().unwrap()
    }
}

/// By the path, which begins with the name of a service.
impl Service<http::Request<Body>> for Services {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let (_, service) = path.rsplit_once("collector.").unwrap();
        let services = self.clone();
        match service {
            "logs.v1.LogsService/Export" => {
                let mut server = LogsServiceServer::new(services);
                if let Some(most) = self.most_bytes {
                    server = server.max_decoding_message_size(most);
                }
                server.call(request)
            }
            "trace.v1.TraceService/Export" => TraceServiceServer::new(services).call(request),
            "metrics.v1.MetricsService/Export" => MetricsServiceServer::new(services).call(request),
            other => panic!("no such service: {other}"),
        }
    }
}

#[tonic::async_trait]
impl LogsService for Services {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop() {
            return Err(refusal);
        }
        let mut received = self.received.lock().unwrap();
        for of in request.into_inner().resource_logs {
            let who = who(of.resource);
            let records = of.scope_logs.into_iter().flat_map(|it| it.log_records);
            received
                .logs
                .extend(records.map(|record| (who.clone(), record)));
        }
        Ok(Response::new(ExportLogsServiceResponse {
            partial_success: (self.rejects > 0).then(|| ExportLogsPartialSuccess {
                rejected_log_records: self.rejects,
                error_message: "no room".to_owned(),
            }),
        }))
    }
}

#[tonic::async_trait]
impl TraceService for Services {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut received = self.received.lock().unwrap();
        for of in request.into_inner().resource_spans {
            let who = who(of.resource);
            let spans = of.scope_spans.into_iter().flat_map(|it| it.spans);
            received.spans.extend(spans.map(|span| (who.clone(), span)));
        }
        Ok(Response::new(Default::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Services {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let mut received = self.received.lock().unwrap();
        for of in request.into_inner().resource_metrics {
            let who = who(of.resource);
            let metrics = of.scope_metrics.into_iter().flat_map(|it| it.metrics);
            received
                .metrics
                .extend(metrics.map(|metric| (who.clone(), metric)));
        }
        Ok(Response::new(Default::default()))
    }
}

/// Attributes by key, those that are text or a number.
pub fn attributes(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |it: &KeyValue| match it.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    };
    attributes
        .iter()
        .filter_map(|it| Some((it.key.as_str(), text(it)?)))
        .collect()
}

fn who(resource: Option<Resource>) -> Of {
    let resource = resource.unwrap();
    let attributes = attributes(&resource.attributes);
    let id = attributes.get("weft.process.id");
    let instance = &attributes["service.instance.id"];
    match id {
        Some(id) => assert!(instance.ends_with(&format!("/{id}")), "{instance}"),
        None => assert!(!instance.contains('/'), "{instance}"),
    }
    (
        attributes["service.name"].clone(),
        id.map(|id| id.parse().unwrap()),
    )
}
