//! The program that listens: connections, with their bounds, from the first to the last.
//!
//! Invariants:
//! - A connection without a place is answered and closed at once.
//! - Those who look on have places of their own, so they leave some to those who bring frames.
//! - A request to stop ends what goes on, and lets what was begun come to its end.

use super::answer::{Answer, Body, NO_PLACE, other_methods};
use super::events::{self, Watched};
use super::handler;
use super::intake::Intake;
use super::route::{Found, Route, Target, find};
use crate::serve::Requests;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use weft_channel::{Channel, Writer};
use weft_host::log::Severity;
use weft_host::process::{Context, Counter, Program, Running};

/// What clients may make the host keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Connections open at once. Default: 256, each with a descriptor and some kilobytes.
    pub connections: usize,
    /// Bytes of a request's body. Default: 1 MiB; as many are kept for each connection at most, and for guests a piece at a time.
    pub body_bytes: usize,
    /// Bytes of a request's head. Default: 16 KiB, twice what browsers send.
    pub head_bytes: usize,
    /// Time for a head, and for which a connection may be idle before. Default: 30 s.
    pub head_time: Duration,
    /// Time for a body, and for guests the longest pause between two pieces of it. Default: 30 s.
    pub body_time: Duration,
    /// Time that a request waits for room in its channel. Default: 30 s, as long as many clients wait.
    pub room_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            body_bytes: 1 << 20,
            head_bytes: 16 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            room_time: Duration::from_secs(30),
        }
    }
}

/// Bytes of a head at least: hyper takes no smaller bound.
const LEAST_HEAD_BYTES: usize = 8 << 10;

/// Time in which the answer to a connection without a place is written.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Connections that are refused at the same time. Beyond it they wait to be accepted.
const REFUSALS: usize = 64;

/// The pause after a failed accept, such as when no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time that requests under way have once the process is asked to stop. The process may be killed before.
const LAST_TIME: Duration = Duration::from_secs(3);

/// Listens, and connects requests to channels.
///
/// Its arguments are named as its routes are written: for each that brings frames a writer, for each that reads a channel.
#[derive(Debug)]
pub struct Http {
    address: String,
    routes: Vec<(Route, Target)>,
    bounds: Bounds,
    /// What tells ids of this program from those of others before it.
    epoch: u64,
}

impl Http {
    /// Listens on this address, `HOST:PORT`; port 0 for any that is free.
    pub fn new(address: impl Into<String>, routes: Vec<(Route, Target)>) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            address: address.into(),
            routes,
            bounds: Bounds::default(),
            // A u64 of nanoseconds is enough for 500 years.
            epoch: since.unwrap_or_default().as_nanos() as u64,
        }
    }

    /// The same with these bounds.
    #[must_use]
    pub fn bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    async fn serve(&self, mut context: Context) -> Result<String, String> {
        let routes = self.routes.iter();
        let routes: Vec<(Route, End)> = routes
            .map(|(route, target)| Ok((route.clone(), End::of(route, target, &mut context)?)))
            .collect::<Result<_, String>>()?;
        let listener = TcpListener::bind(&self.address).await;
        let listener =
            listener.map_err(|error| format!("cannot listen on {}: {error}", self.address))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        context.log(Severity::Info, format!("listens on http://{address}"), []);
        let (ending, is_ending) = watch::channel(false);
        let served = Arc::new(Served {
            routes,
            bounds: self.bounds,
            epoch: self.epoch,
            watching: Arc::new(Semaphore::new(self.bounds.connections.div_ceil(2))),
            ending: is_ending,
            counts: Counts::new(&context),
        });
        // Dropped with this future, which ends every connection.
        let mut connections = JoinSet::new();
        tokio::select! {
            () = context.stop_request() => {}
            never = accept(&listener, &served, &mut connections, &context) => match never {},
        }
        drop(listener);
        ending.send_replace(true);
        let last = async { while connections.join_next().await.is_some() {} };
        // Those that are not done by then are dropped.
        let _ = timeout(LAST_TIME, last).await;
        Ok(format!("{} requests", served.counts.total()))
    }
}

impl Program for Http {
    fn kind(&self) -> &str {
        "http"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.serve(context).await })
    }
}

/// The end of a route.
enum End {
    Intake(Intake, Arc<Writer>),
    Events(Channel),
    Handler(Requests),
}

impl End {
    fn of(route: &Route, target: &Target, context: &mut Context) -> Result<Self, String> {
        let name = route.to_string();
        let none = |kind: &str| format!("there is no {kind} called `{name}` among its arguments");
        Ok(match target {
            Target::Handler(requests) => Self::Handler(requests.clone()),
            &Target::Intake { framing, capacity } => {
                let writer = context.writer(&name).ok_or_else(|| none("writer"))?;
                Self::Intake(Intake { framing, capacity }, writer)
            }
            Target::Events => {
                let channel = context.channel(&name);
                Self::Events(channel.ok_or_else(|| none("channel"))?)
            }
        })
    }
}

/// Shared by all connections.
struct Served {
    routes: Vec<(Route, End)>,
    bounds: Bounds,
    epoch: u64,
    /// Places of those who look on.
    watching: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
    counts: Counts,
}

/// What is counted.
struct Counts {
    requests: Counter,
    frames: Counter,
    refused: Counter,
    lost: Counter,
    /// Connections for which there was no place.
    turned_away: Counter,
    all: AtomicU64,
}

impl Counts {
    fn new(context: &Context) -> Self {
        let counter = |name, text| context.counter(name, "", text);
        Self {
            requests: counter("http_requests", "Requests answered."),
            frames: counter("http_frames", "Frames taken from requests."),
            refused: counter("http_refused", "Requests that were refused."),
            lost: counter(
                "http_overtaken",
                "Frames that were gone before a client saw them.",
            ),
            turned_away: counter(
                "http_turned_away",
                "Connections for which there was no place.",
            ),
            all: AtomicU64::new(0),
        }
    }

    fn answered(&self, status: StatusCode) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.requests.add(1);
        if !status.is_success() {
            self.refused.add(1);
        }
    }

    fn total(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }
}

/// Accepts connections.
async fn accept(
    listener: &TcpListener,
    served: &Arc<Served>,
    connections: &mut JoinSet<()>,
    context: &Context,
) -> Infallible {
    let places = Arc::new(Semaphore::new(served.bounds.connections));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    let mut is_told = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!("a connection failed: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Ok(place) = places.clone().try_acquire_owned() {
            let served = served.clone();
            connections.spawn(async move {
                connection(stream, &served).await;
                drop(place);
            });
            continue;
        }
        served.counts.turned_away.add(1);
        if !std::mem::replace(&mut is_told, true) {
            let text = format!(
                "more than {} connections at once: others are turned away",
                served.bounds.connections
            );
            context.log(Severity::Warn, text, []);
        }
        // The semaphore is never closed.
        let place = refusals.clone().acquire_owned().await;
        connections.spawn(async move {
            let _ = timeout(REFUSAL_TIME, refuse(stream)).await;
            drop(place);
        });
    }
}

async fn refuse(mut stream: TcpStream) {
    let _ = stream.write_all(NO_PLACE).await;
    let _ = stream.shutdown().await;
}

async fn connection(stream: TcpStream, served: &Arc<Served>) {
    // Answers are small, and clients wait for them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let served = served.clone();
        async move {
            let response = answer(request, &served).await;
            served.counts.answered(response.status());
            Ok::<_, Infallible>(response)
        }
    });
    let bounds = &served.bounds;
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .max_buf_size(bounds.head_bytes.max(LEAST_HEAD_BYTES))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut ending = served.ending.clone();
    let done = tokio::select! {
        done = connection.as_mut() => done,
        () = over(&mut ending) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = done {
        tracing::debug!("a connection failed: {error}");
    }
}

/// Resolves when the process is asked to stop.
pub(super) async fn over(ending: &mut watch::Receiver<bool>) {
    // If the sender is gone, so is the program.
    let _ = ending.wait_for(|ending| *ending).await;
}

async fn answer(request: Request<Incoming>, served: &Served) -> Response<Body> {
    let found = find(&served.routes, request.method(), request.uri().path());
    let end = match found {
        Found::Route((_, end)) => end,
        Found::Methods(methods) => return other_methods(&methods),
        Found::Nothing => {
            let text = format!("there is nothing at {}", request.uri().path());
            return Answer::refused(StatusCode::NOT_FOUND, text).response();
        }
    };
    match end {
        End::Intake(intake, writer) => {
            let answer = intake.take(request, writer, &served.bounds).await;
            served
                .counts
                .frames
                .add(answer.accepted.unwrap_or_default());
            answer.response()
        }
        End::Handler(requests) => handler::answer(request, requests, &served.bounds, false).await,
        End::Events(channel) => {
            let Ok(place) = served.watching.clone().try_acquire_owned() else {
                let text = "too many clients look on here";
                return Answer::refused(StatusCode::SERVICE_UNAVAILABLE, text).response();
            };
            let watched = Watched {
                channel,
                epoch: served.epoch,
                ending: served.ending.clone(),
                place,
                lost: served.counts.lost.clone(),
            };
            events::answer(&request, watched)
        }
    }
}
