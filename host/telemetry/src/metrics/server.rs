//! Serves `GET /metrics`.
//!
//! One request for each connection: scrapers come every few seconds, and an idle connection would only hold a place.
//!
//! Invariants:
//! - It runs on the thread of the [service](Service), which no guest can block.
//! - Clients that have not asked yet and clients that are answered have separate places. A slow client loses its place
//!   to a new one. Each has [`HEADER_TIME`] to ask and [`CONNECTION_TIME`] in all.
//! - Nothing that a client sends is kept, and no body is read.

use super::text;
use crate::source::Source;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use weft_service::{Service, ServiceError, Slots};

/// Connections that have not asked yet. Each takes a descriptor.
const SILENT: usize = 64;
/// Clients answered at once: some scrapers and a person or two.
const ANSWERED: usize = 16;
/// Timeout for a request. A scraper sends it as soon as it has connected.
const HEADER_TIME: Duration = Duration::from_secs(1);
/// Timeout for a request and its answer together.
const CONNECTION_TIME: Duration = Duration::from_secs(30);
/// Maximum size of a request's head in bytes: a few lines.
const HEADER_BYTES: usize = 16 << 10;
/// The pause after a failed accept, for example when no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// An address that is bound and not served yet.
#[derive(Debug)]
pub struct Listener(TcpListener);

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is not valid, or cannot be bound.
    #[error(
        "cannot serve metrics there; give HOST:PORT with a free port, such as 127.0.0.1:9100, or port 0 for any"
    )]
    Bind(#[source] io::Error),
    /// The thread that would serve them is missing.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Serves until it is dropped.
#[derive(Debug)]
pub struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    /// Binds the address.
    ///
    /// # Errors
    /// When the address is not valid, or cannot be bound.
    pub async fn open(address: &str, service: &Service) -> Result<Self, ListenError> {
        let address = address.to_owned();
        let bound = service.run(TcpListener::bind(address)).await?;
        bound.map(Self).map_err(ListenError::Bind)
    }

    /// The bound address; none when the system does not tell.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.local_addr().ok()
    }

    /// Serves on the thread of the service.
    pub fn serve(self, source: Arc<Source>, service: &Service) -> Server {
        Server(service.spawn(serve(self.0, source)))
    }
}

async fn serve(listener: TcpListener, source: Arc<Source>) {
    let (silent, answered) = (Slots::new(SILENT), Slots::new(ANSWERED));
    // Dropped with this task, which ends every connection.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection =
                    connection(stream, source.clone(), silent.clone(), answered.clone());
                connections.spawn(tokio::time::timeout(CONNECTION_TIME, connection));
            }
            Err(error) => {
                tracing::debug!("a scraper's connection failed: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, source: Arc<Source>, silent: Slots, answered: Slots) {
    let asked = Notify::new();
    let service = service_fn(|request| {
        asked.notify_one();
        let answer = answer(&request, &source);
        async { Ok::<_, Infallible>(answer) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .keep_alive(false)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    let mut place = silent.take();
    let mut done = tokio::select! {
        done = &mut served => Some(done),
        () = place.lost() => return,
        () = asked.notified() => None,
    };
    if done.is_none() {
        place = answered.take();
        done = tokio::select! {
            done = &mut served => Some(done),
            () = place.lost() => return,
        };
    }
    if let Some(Err(error)) = done {
        tracing::debug!("a scraper's connection failed: {error}");
    }
}

fn answer(request: &Request<Incoming>, source: &Arc<Source>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return plain(StatusCode::NOT_FOUND, "metrics are at /metrics\n");
    }
    if request.method() != Method::GET {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "GET is all there is\n");
        let allowed = HeaderValue::from_static("GET");
        refused.headers_mut().insert(ALLOW, allowed);
        return refused;
    }
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|it| it.to_str().ok());
    let Ok((body, kind)) = text::render(source, accept.unwrap_or_default()) else {
        return plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the metrics could not be written\n",
        );
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
