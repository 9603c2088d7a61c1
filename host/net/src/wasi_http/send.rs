//! A request of a guest: whether it may be sent, and its times.
//!
//! Invariants:
//! - What is sent was allowed by a pattern with the request's scheme, host, port and path.
//! - While a request is under way the process pays for what the host may hold of it.

use super::dial::{Connector, Host};
use super::{ANSWER_TIME, CHUNK_BYTES, PAUSE_TIME, wrong};
use crate::paced::Paced;
use crate::pattern::Scheme;
use crate::sockets::{CONNECT, OfProcess};
use http_body_util::BodyExt;
use hyper::rt::Executor;
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::TokioTimer;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};
use weft_host::extension::OnBehalf;

/// Bytes that a connection reads ahead at most, and so the most of an answer's head.
const READ_AHEAD: usize = 64 << 10;

/// Bytes that the host may hold of one request: a piece of its body and of the answer's, and the answer's head.
const REQUEST_BYTES: u64 = (2 * CHUNK_BYTES + READ_AHEAD) as u64;

/// How long a connection is kept for another request: less than most servers keep theirs.
const IDLE_TIME: Duration = Duration::from_secs(30);

/// Connections to one host that are kept without a request.
const IDLE_CONNECTIONS: usize = 8;

/// Sends the requests of one process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sender {
    /// None for a process without a right.
    with: Option<(OfProcess, Client<Connector, WasiBody>)>,
    on_behalf: OnBehalf,
}

impl Sender {
    pub(super) fn new(of: Option<OfProcess>, on_behalf: OnBehalf) -> Self {
        let with = of.map(|of| {
            let client = client(&of, &on_behalf);
            (of, client)
        });
        Self { with, on_behalf }
    }

    /// Sends a request, and gives the answer once its head is there.
    pub(super) async fn send(
        self,
        mut request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<Response<WasiBody>, Error> {
        let asked = Asked::of(request.method(), request.uri())?;
        let Some((of, client)) = &self.with else {
            self.on_behalf.deny(CONNECT, Some(&asked.pattern()));
            return Err(Error::HttpRequestDenied);
        };
        let allowed = of.guard.may_ask(&asked.target());
        allowed.map_err(|_| Error::HttpRequestDenied)?;
        let paid = self.on_behalf.pay_host_bytes(REQUEST_BYTES);
        let paid = paid.map_err(|text| {
            self.on_behalf.note_limit("host-bytes", &text);
            Error::ConnectionLimitReached
        })?;
        let mut taken = capture_connection(&mut request);
        let mut answer = pin!(client.request(request));
        let connect_time = options.connect_timeout.unwrap_or(of.config.connect_time);
        let connected = async {
            let connected = timeout(connect_time, taken.wait_for_connection_metadata());
            connected.await.map(drop)
        };
        let answer = tokio::select! {
            biased;
            answer = answer.as_mut() => answer,
            connected = connected => {
                connected.map_err(|_| Error::ConnectionTimeout)?;
                let time = options.first_byte_timeout.unwrap_or(ANSWER_TIME);
                let answer = timeout(time, answer.as_mut()).await;
                answer.map_err(|_| Error::ConnectionReadTimeout)?
            }
        };
        let answer = answer.map_err(|error| wrong::of_client(&error))?;
        let pause = options.between_bytes_timeout.unwrap_or(PAUSE_TIME);
        Ok(answer.map(|body| {
            let body = body.map_err(move |error| {
                let _ = &paid;
                wrong::of_hyper(&error)
            });
            Paced::each(body, pause).boxed_unsync()
        }))
    }
}

/// Runs the connections of a process. What they cost counts as its CPU time.
#[derive(Clone)]
struct Measured(OnBehalf);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Measured {
    fn execute(&self, connection: F) {
        tokio::spawn(self.0.measured(connection));
    }
}

fn client(of: &OfProcess, on_behalf: &OnBehalf) -> Client<Connector, WasiBody> {
    let connector = Connector::new(of.clone(), on_behalf.clone());
    // Windows of HTTP/2 are what one request may make the host hold.
    let window = CHUNK_BYTES as u32;
    Client::builder(Measured(on_behalf.clone()))
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIME)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .http1_max_buf_size(READ_AHEAD)
        .http2_max_header_list_size(READ_AHEAD as u32)
        .http2_initial_stream_window_size(window)
        .http2_initial_connection_window_size(2 * window)
        .http2_max_send_buf_size(CHUNK_BYTES)
        .build(connector)
}

/// Where a request goes.
struct Asked<'a> {
    scheme: Scheme,
    host: Host,
    port: u16,
    path: &'a str,
}

impl<'a> Asked<'a> {
    fn of(method: &Method, uri: &'a Uri) -> Result<Self, Error> {
        // It would make a tunnel, through which anything goes.
        if method == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let (scheme, host, port) = super::dial::parts(uri).ok_or(Error::HttpRequestUriInvalid)?;
        Ok(Self {
            scheme,
            host,
            port,
            path: uri.path(),
        })
    }

    fn target(&self) -> crate::pattern::Target<'_> {
        crate::pattern::Target {
            scheme: self.scheme,
            host: self.host.target(),
            port: self.port,
            path: self.path,
        }
    }

    /// The pattern that would allow it.
    fn pattern(&self) -> String {
        crate::sockets::pattern_of(&self.target())
    }
}
