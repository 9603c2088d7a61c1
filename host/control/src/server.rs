//! The runner's side of the control socket: listens, and answers one request for each connection.
//!
//! Each connection is a task of its own that waits only for its client. The tasks run on the thread of the
//! [service](Service), which no guest can block.
//!
//! Invariants:
//! - Clients that have not asked yet, quick requests, log readers and waiting clients have separate slots, so that no
//!   kind can lock out another. Each client has [`REQUEST_TIME`] to send at most [`REQUEST_BYTES`].
//! - Only the user who runs the runner is answered, even if the modes of the folder and socket have changed.

use crate::answer::{self, Client};
use crate::protocol::{Ask, Reply, Request, VERSION, other_version};
use crate::roster::Roster;
use crate::socket::{self, Opened, SocketFile};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use weft_host::supervise::Supervisor;
use weft_service::{Service, Slots};

/// Connections that have not asked for anything yet. Each takes a descriptor. When there are more, the oldest is
/// closed.
const SILENT: usize = 64;

/// Clients served at once whose answer takes milliseconds: people and their scripts, not a fleet. When there are more,
/// the oldest is closed: it does not read its answer.
const QUICK: usize = 16;

/// Clients served at once that read the current content of a log or channel, perhaps page by page. When there are more, the oldest
/// is closed.
const READING: usize = 16;

/// Clients served at once that follow a log, perhaps for days. Further ones get an error.
const FOLLOWING: usize = 32;

/// Clients served at once that watch events, for as long as the runner runs. Further ones get an error.
const WATCHING: usize = 32;

/// Clients served at once that wait for frames of a channel. Each looks many times a second. Further ones get an error.
const PEEKING: usize = 16;

/// Clients served at once that wait for a process to stop, or to be started again. Further ones get an error.
const STOPPING: usize = 32;

/// Maximum size of a request in bytes: it holds only names and numbers.
const REQUEST_BYTES: u64 = 16 << 10;

/// Timeout for a whole request. A client has it ready when it connects.
const REQUEST_TIME: Duration = Duration::from_secs(1);

/// The pause after a failed accept, for example when no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time that clients have to read the last answers when the runner ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What the server acts on. Cheap to clone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Runner {
    /// The processes.
    pub roster: Arc<Roster>,
    /// The supervisor of the roster's children, if there are any.
    pub supervisor: Option<Supervisor>,
    /// The grace period of a stop, unless the request gives one.
    pub grace: Duration,
}

impl Runner {
    /// What has these processes, none of them supervised. A stop that does not say otherwise has this grace period.
    #[must_use]
    pub fn new(roster: Arc<Roster>, grace: Duration) -> Self {
        Self {
            roster,
            supervisor: None,
            grace,
        }
    }

    /// Sets the supervisor of the roster's children.
    #[must_use]
    pub fn supervisor(mut self, supervisor: Supervisor) -> Self {
        self.supervisor = Some(supervisor);
        self
    }
}

/// Serves until it is dropped or [finished](Server::finish). Then the socket is removed.
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
    /// Serves this socket, which was opened on the service.
    pub fn start(opened: Opened, runner: Runner, service: &Service) -> Self {
        let (end, ended) = oneshot::channel();
        Self {
            file: Some(opened.file),
            end: Some(end),
            task: service.spawn(serve(opened.listener, runner, ended)),
        }
    }

    /// Accepts no more clients, and gives the current ones a moment to read their last answers.
    pub async fn finish(mut self) {
        drop(self.file.take());
        drop(self.end.take());
        let _ = tokio::time::timeout(LAST_ANSWERS, &mut self.task).await;
    }
}

/// The slots for clients. Cheap to clone.
#[derive(Clone)]
struct AllSlots {
    silent: Slots,
    quick: Slots,
    reading: Slots,
    following: Arc<Semaphore>,
    watching: Arc<Semaphore>,
    peeking: Arc<Semaphore>,
    stopping: Arc<Semaphore>,
}

impl AllSlots {
    fn new() -> Self {
        Self {
            silent: Slots::new(SILENT),
            quick: Slots::new(QUICK),
            reading: Slots::new(READING),
            following: Arc::new(Semaphore::new(FOLLOWING)),
            watching: Arc::new(Semaphore::new(WATCHING)),
            peeking: Arc::new(Semaphore::new(PEEKING)),
            stopping: Arc::new(Semaphore::new(STOPPING)),
        }
    }

    /// The permit for a request that waits, if one is free.
    fn waiting(&self, request: &Request) -> Result<OwnedSemaphorePermit, String> {
        let (slots, most, what) = match request {
            Request::Stop { .. } | Request::Restart { .. } => {
                (&self.stopping, STOPPING, "stop processes")
            }
            Request::Watch { .. } => (&self.watching, WATCHING, "watch what happens"),
            Request::Peek { .. } => (&self.peeking, PEEKING, "wait for frames of channels"),
            _ => (&self.following, FOLLOWING, "follow logs"),
        };
        slots.clone().try_acquire_owned().map_err(|_| {
            format!(
                "the runner has {most} clients that {what} already; end one, or try again later"
            )
        })
    }
}

/// Signals that the runner ends. A clone gets the same signal.
#[derive(Clone)]
pub(crate) struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Resolves when the runner ends.
    pub(crate) async fn wait(&mut self) {
        // An error means that the server is gone, which is the end too.
        let _ = self.0.wait_for(|ends| *ends).await;
    }
}

async fn serve(listener: UnixListener, runner: Runner, mut ended: oneshot::Receiver<()>) {
    let slots = AllSlots::new();
    let (end, ending) = watch::channel(false);
    let ending = Ending(ending);
    let user = socket::user();
    // Dropping the set ends the clients together with the server.
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
        let (runner, slots, ending) = (runner.clone(), slots.clone(), ending.clone());
        clients.spawn(async move {
            // A client that is gone or does not read does not concern the runner.
            if let Err(error) = converse(stream, &runner, &slots, ending).await {
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
    slots: &AllSlots,
    mut ending: Ending,
) -> io::Result<()> {
    let mut silent = slots.silent.take();
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
        Request::Logs { follow, .. } | Request::Peek { follow, .. } => *follow,
        Request::Stop { .. } | Request::Restart { .. } | Request::Watch { .. } => true,
    };
    if !waits {
        let mut slot = match &request {
            Request::Logs { .. } | Request::Peek { .. } => slots.reading.take(),
            _ => slots.quick.take(),
        };
        return tokio::select! {
            served = answer::answer(&mut client, runner, request, &mut ending) => served,
            () = slot.lost() => Ok(()),
        };
    }
    let _slot = match slots.waiting(&request) {
        Ok(slot) => slot,
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
    // Check the version first: another version may have other requests.
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

/// Resolves when a client has gone away or closed its sending side: such a client no longer waits. Anything it sends
/// after its request is ignored.
async fn gone(mut read: OwnedReadHalf) {
    let mut rest = [0; 4096];
    while let Ok(1..) = read.read(&mut rest).await {}
}
