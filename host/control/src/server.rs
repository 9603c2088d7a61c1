//! The side of the runner: listens, and answers one request a connection.
//!
//! Each connection is a task of its own, which waits for its client alone. They run on the thread of the
//! [service](Service), which no guest can hold.
//!
//! Invariants:
//! - Those who have not asked yet, those whose answer is quick, those who read a log, and those who wait for something have places
//!   apart, so none of them keeps the others out. Each has [`REQUEST_TIME`] to ask, in at most [`REQUEST_BYTES`].
//! - Only the user who runs the runner is answered, whatever the modes of folder and socket have become.

use crate::answer::{self, Client};
use crate::place::{self, Opened, SocketFile};
use crate::protocol::{Ask, Reply, Request, VERSION, other_version};
use crate::roster::Roster;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use weft_host::Supervisor;
use weft_service::{Places, Service};

/// Connections that have not asked for anything yet: each takes a descriptor. The oldest goes when there are more.
const SILENT: usize = 64;

/// Clients served at once whose answer takes milliseconds: people and their scripts, not a fleet. The oldest, which does
/// not read its answer, goes when there are more.
const QUICK: usize = 16;

/// Clients served at once that read what there is of a log, page by page perhaps. The oldest goes when there are more.
const READING: usize = 16;

/// Clients served at once that follow a log, which may take days. More are told so.
const FOLLOWING: usize = 32;

/// Clients served at once that watch what happens, for as long as the runner runs. More are told so.
const WATCHING: usize = 32;

/// Clients served at once that wait for a process to stop. More are told so.
const STOPPING: usize = 32;

/// Bytes of a request: names and numbers.
const REQUEST_BYTES: u64 = 16 << 10;

/// Time for a whole request to come. Whoever connects has it ready.
const REQUEST_TIME: Duration = Duration::from_secs(1);

/// The pause after a connection that could not be taken, as when there are no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time that clients have to take the last answers when the runner ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What the server acts on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    /// What there is.
    pub roster: Arc<Roster>,
    /// Who keeps the children of the roster, if it has any.
    pub supervisor: Option<Supervisor>,
    /// Time a process has to stop, unless the request says otherwise.
    pub grace: Duration,
}

/// Serves until it is dropped or [finished](Server::finish); then the socket is gone.
#[derive(Debug)]
pub struct Server {
    file: Option<SocketFile>,
    end: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Serves on this socket, which the service has opened.
    pub fn start(opened: Opened, runner: Runner, service: &Service) -> Self {
        let (end, ended) = oneshot::channel();
        Self {
            file: Some(opened.file),
            end: Some(end),
            task: service.spawn(serve(opened.listener, runner, ended)),
        }
    }

    /// Takes no more clients, and gives those there are a moment to hear how it ended.
    pub async fn finish(mut self) {
        drop(self.file.take());
        drop(self.end.take());
        let _ = tokio::time::timeout(LAST_ANSWERS, &mut self.task).await;
    }
}

/// The places for clients. Cheap to clone.
#[derive(Clone)]
struct AllPlaces {
    silent: Places,
    quick: Places,
    reading: Places,
    following: Arc<Semaphore>,
    watching: Arc<Semaphore>,
    stopping: Arc<Semaphore>,
}

impl AllPlaces {
    fn new() -> Self {
        Self {
            silent: Places::new(SILENT),
            quick: Places::new(QUICK),
            reading: Places::new(READING),
            following: Arc::new(Semaphore::new(FOLLOWING)),
            watching: Arc::new(Semaphore::new(WATCHING)),
            stopping: Arc::new(Semaphore::new(STOPPING)),
        }
    }

    /// The place of one who waits, if there is one.
    fn waiting(&self, request: &Request) -> Result<OwnedSemaphorePermit, String> {
        let (places, most, what) = match request {
            Request::Stop { .. } => (&self.stopping, STOPPING, "stop processes"),
            Request::Watch => (&self.watching, WATCHING, "watch what happens"),
            _ => (&self.following, FOLLOWING, "follow logs"),
        };
        places.clone().try_acquire_owned().map_err(|_| {
            format!(
                "the runner has {most} clients that {what} already; end one, or try again later"
            )
        })
    }
}

/// Whether the runner ends. A clone hears the same.
#[derive(Clone)]
pub(crate) struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Resolves when it does.
    pub(crate) async fn wait(&mut self) {
        // A server that is gone has ended too.
        let _ = self.0.wait_for(|ends| *ends).await;
    }
}

async fn serve(listener: UnixListener, runner: Runner, mut ended: oneshot::Receiver<()>) {
    let places = AllPlaces::new();
    let (end, ending) = watch::channel(false);
    let ending = Ending(ending);
    let user = place::user();
    // Ends the clients with the server.
    let mut clients = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut ended => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("control socket: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        while clients.try_join_next().is_some() {}
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == user) {
            continue;
        }
        let (runner, places, ending) = (runner.clone(), places.clone(), ending.clone());
        clients.spawn(async move {
            // A client that went away or takes nothing is no trouble of the runner's.
            if let Err(error) = converse(stream, &runner, &places, ending).await {
                tracing::debug!("control socket: {error}");
            }
        });
    }
    drop(listener);
    end.send_replace(true);
    while clients.join_next().await.is_some() {}
}

async fn converse(
    stream: UnixStream,
    runner: &Runner,
    places: &AllPlaces,
    mut ending: Ending,
) -> io::Result<()> {
    let mut silent = places.silent.take();
    let (read, write) = stream.into_split();
    let mut client = Client::new(write);
    let mut read = BufReader::new(read.take(REQUEST_BYTES));
    let mut line = Vec::new();
    let heard = tokio::select! {
        heard = tokio::time::timeout(REQUEST_TIME, read.read_until(b'\n', &mut line)) => heard,
        () = silent.lost() => {
            client.turn_away(format!("the runner has {SILENT} newer clients that have not asked for anything yet"));
            return Ok(());
        }
    };
    drop(silent);
    let Ok(heard) = heard else {
        client.turn_away(format!("no whole request came within {REQUEST_TIME:?}"));
        return Ok(());
    };
    heard?;
    let request = match request(&line) {
        Ok(request) => request,
        Err(text) => return client.send(&Reply::Error(text)).await,
    };
    let waits = match &request {
        Request::Snapshot => false,
        Request::Logs { follow, .. } => *follow,
        Request::Stop { .. } | Request::Watch => true,
    };
    if !waits {
        let mut place = match &request {
            Request::Logs { .. } => places.reading.take(),
            _ => places.quick.take(),
        };
        return tokio::select! {
            served = answer::answer(&mut client, runner, request, &mut ending) => served,
            () = place.lost() => Ok(()),
        };
    }
    let _place = match places.waiting(&request) {
        Ok(place) => place,
        Err(text) => return client.send(&Reply::Error(text)).await,
    };
    tokio::select! {
        served = answer::answer(&mut client, runner, request, &mut ending) => served,
        () = gone(read.into_inner().into_inner()) => Ok(()),
    }
}

/// Reads a request, or says what is wrong with it.
fn request(line: &[u8]) -> Result<Request, String> {
    if !line.ends_with(b"\n") {
        return Err(format!(
            "a request is one line of at most {REQUEST_BYTES} bytes"
        ));
    }
    // The version first: another may have other requests.
    #[derive(serde::Deserialize)]
    struct Version {
        version: u32,
    }
    let bad = |error| format!("this is no request: {error}");
    let Version { version } = serde_json::from_slice(line).map_err(bad)?;
    if version != VERSION {
        return Err(other_version(VERSION, version));
    }
    let ask: Ask = serde_json::from_slice(line).map_err(bad)?;
    Ok(ask.request)
}

/// Resolves when a client has gone away or says that it sends no more: it waits for nothing then. What it sends besides
/// its request is nothing to us.
async fn gone(mut read: OwnedReadHalf) {
    let mut rest = [0; 4096];
    while let Ok(1..) = read.read(&mut rest).await {}
}
