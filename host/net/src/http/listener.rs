//! The program that listens: connections, with their bounds, from the first to the last.
//!
//! Invariants:
//! - A connection without a place is answered and closed at once.
//! - Those who look on have places of their own, so they leave some to those who bring frames.
//! - A request to stop ends what goes on, and lets what was begun come to its end.

use super::answer::{Answer, Body, NO_PLACE, other_methods, out_of_reach};
use super::bind::bind;
use super::bounds::Bounds;
use super::connection::{self, LAST_TIME};
use super::counts::Counts;
use super::events;
use super::handler;
use super::intake::Intake;
use super::looking::{Looking, Watched};
use super::origin::{Origins, asked_about};
use super::route::{Found, Route, Target, find};
use super::secure::Tls;
use super::websocket::{self, Becoming};
use crate::serve::Requests;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use weft_channel::{Channel, Unavailable, Writer};
use weft_host::log::Severity;
use weft_host::process::{Context, Program, Running};

/// Time in which the answer to a connection without a place is written.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// Connections that are refused at the same time. Beyond it they wait to be accepted.
const REFUSALS: usize = 64;

/// The pause after a failed accept, such as when no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens, and connects requests to channels.
///
/// Its arguments are named as its routes are written: for each that brings frames a writer, for each that reads a channel.
#[derive(Debug)]
pub struct Http {
    address: String,
    routes: Vec<(Route, Target)>,
    bounds: Bounds,
    tls: Option<Tls>,
    origins: Origins,
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
            tls: None,
            origins: Origins::default(),
            // A u64 of nanoseconds is enough for 500 years.
            epoch: since.unwrap_or_default().as_nanos() as u64,
        }
    }

    /// The same with these bounds.
    #[must_use]
    pub fn bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// The same with this TLS, or without any.
    #[must_use]
    pub fn tls(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// The same for pages of these origins too.
    #[must_use]
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    async fn serve(&self, mut context: Context) -> Result<String, String> {
        let routes = self.routes.iter();
        let routes: Vec<(Route, End)> = routes
            .map(|(route, target)| Ok((route.clone(), End::of(route, target, &mut context)?)))
            .collect::<Result<_, String>>()?;
        let listener = bind(&self.address).await;
        let listener =
            listener.map_err(|error| format!("cannot listen on {}: {error}", self.address))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let scheme = self.tls.as_ref().map_or("http", |_| "https");
        let text = format!("listens on {scheme}://{address}");
        context.log(Severity::Info, text, []);
        let context = Arc::new(context);
        let (ending, is_ending) = watch::channel(false);
        let served = Arc::new(Served {
            routes,
            bounds: self.bounds,
            tls: self.tls.clone(),
            origins: self.origins.clone(),
            epoch: self.epoch,
            watching: Arc::new(Semaphore::new(self.bounds.connections.div_ceil(2))),
            bodies: Semaphore::new(self.bounds.connections),
            ending: is_ending,
            counts: Counts::new(&context),
            context: context.clone(),
        });
        // Dropped with this future, which ends every connection.
        let mut connections = JoinSet::new();
        tokio::select! {
            () = context.stop_request() => {}
            never = accept(&listener, &served, &mut connections) => match never {},
            never = renewals(&served) => match never {},
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
pub(super) struct Served {
    routes: Vec<(Route, End)>,
    pub(super) bounds: Bounds,
    pub(super) tls: Option<Tls>,
    origins: Origins,
    epoch: u64,
    /// Places of those who look on.
    watching: Arc<Semaphore>,
    /// Places of bodies that are read. A connection of HTTP/2 may have many.
    bodies: Semaphore,
    pub(super) ending: watch::Receiver<bool>,
    pub(super) counts: Counts,
    context: Arc<Context>,
}

/// Accepts connections.
async fn accept(
    listener: &TcpListener,
    served: &Arc<Served>,
    connections: &mut JoinSet<()>,
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
                connection::serve(stream, &served).await;
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
            served.context.log(Severity::Warn, text, []);
        }
        // Without TLS nothing can be told to a client that waits for it.
        if served.tls.is_some() {
            continue;
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

/// Logs what becomes of certificates that are renewed.
async fn renewals(served: &Served) -> Infallible {
    match &served.tls {
        Some(tls) => tls.log_renewals(&served.context).await,
        None => std::future::pending().await,
    }
}

/// Resolves when the process is asked to stop.
pub(super) async fn over(ending: &mut watch::Receiver<bool>) {
    // If the sender is gone, so is the program.
    let _ = ending.wait_for(|ending| *ending).await;
}

impl Served {
    /// Counts a connection on which TLS was not agreed on. The first is told with its reason: scanners leave many.
    pub(super) fn disagreed(&self, reason: &str) {
        if self.counts.disagreed() {
            let text = format!(
                "a connection ended before TLS was agreed on: {reason}; others are only counted"
            );
            self.context.log(Severity::Warn, text, []);
        }
    }

    /// The answer to a request. `becoming` has what its connection becomes after it.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        becoming: &Becoming,
    ) -> Response<Body> {
        let path = request.uri().path();
        let caller = self.origins.caller(&request);
        let asked_about = asked_about(&request);
        let method = asked_about.as_ref().unwrap_or(request.method());
        let end = match find(&self.routes, method, path) {
            Found::Route((_, end)) => end,
            Found::Methods(methods) => return other_methods(&methods),
            Found::Nothing => {
                let text = format!("there is nothing at {path}");
                return Answer::refused(StatusCode::NOT_FOUND, text).response();
            }
        };
        // A guest decides by itself whose pages may use it.
        if matches!(end, End::Handler(_)) {
            return self.from(end, request, becoming).await;
        }
        let mut response = match (asked_about, caller.refused()) {
            (Some(method), _) => caller.permit(&method),
            (None, Some(refused)) => refused,
            (None, None) => self.from(end, request, becoming).await,
        };
        self.origins.mark(&caller, &mut response);
        response
    }

    /// The answer from the end of a route.
    async fn from(
        &self,
        end: &End,
        request: Request<Incoming>,
        becoming: &Becoming,
    ) -> Response<Body> {
        match end {
            End::Handler(requests) => {
                handler::answer(request, requests, &self.bounds, self.tls.is_some()).await
            }
            End::Intake(intake, writer) => {
                let Ok(_place) = self.bodies.try_acquire() else {
                    let text = "too many bodies are read here";
                    return Answer::refused(StatusCode::SERVICE_UNAVAILABLE, text).response();
                };
                let answer = intake.take(request, writer, &self.bounds).await;
                self.counts.frames.add(answer.accepted.unwrap_or_default());
                answer.response()
            }
            End::Events(channel) => {
                let Ok(place) = self.watching.clone().try_acquire_owned() else {
                    let text = "too many clients look on here";
                    return Answer::refused(StatusCode::SERVICE_UNAVAILABLE, text).response();
                };
                let watched = Watched {
                    channel,
                    epoch: self.epoch,
                    ending: self.ending.clone(),
                    place,
                    lost: self.counts.lost.clone(),
                };
                match websocket::is_asked_for(&request) {
                    true => {
                        let from = events::after(request.headers(), self.epoch);
                        match Looking::new(watched, from).await {
                            Ok(looking) => websocket::answer(request, looking, becoming),
                            Err(Unavailable) => out_of_reach(),
                        }
                    }
                    false => events::answer(&request, watched).await,
                }
            }
        }
    }
}
