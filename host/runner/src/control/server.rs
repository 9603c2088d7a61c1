//! The side of `weft up`: listens, and answers one request a connection.
//!
//! Each connection is a task of its own, which waits for its client alone.
//!
//! Invariants:
//! - At most [`CLIENTS`] are served at once; more are told so. Each gets [`REQUEST_TIME`] to ask in at most
//!   [`REQUEST_BYTES`].
//! - Only the user who runs the runner is answered, whatever the modes of folder and socket have become.

use super::answer::{self, Client};
use super::place::{self, Opened, SocketFile};
use super::protocol::{Ask, Reply, Request, VERSION};
use super::roster::Roster;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use weft_host::Supervisor;

/// Clients served at once: people and their scripts, not a fleet.
const CLIENTS: usize = 32;

/// Bytes of a request: names and numbers.
const REQUEST_BYTES: u64 = 16 << 10;

/// Time for a request to come, so that connections left open do not add up.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// The pause after a connection that could not be taken, as when there are no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time that clients have to take the last answers when the runner ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What the server acts on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) roster: Arc<Roster>,
    pub(crate) supervisor: Supervisor,
    /// Time a process has to stop, unless the request says otherwise.
    pub(crate) grace: Duration,
}

/// Serves until it is dropped or [finished](Server::finish); then the socket is gone.
pub(crate) struct Server {
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
    /// Serves on this socket.
    pub(crate) fn start(opened: Opened, runner: Runner) -> Self {
        let (end, ended) = oneshot::channel();
        Self {
            file: Some(opened.file),
            end: Some(end),
            task: tokio::spawn(serve(opened.listener, runner, ended)),
        }
    }

    /// Takes no more clients, and gives those there are a moment to hear how it ended.
    pub(crate) async fn finish(mut self) {
        drop(self.file.take());
        drop(self.end.take());
        let _ = tokio::time::timeout(LAST_ANSWERS, &mut self.task).await;
    }
}

async fn serve(listener: UnixListener, runner: Runner, mut ended: oneshot::Receiver<()>) {
    let places = Arc::new(Semaphore::new(CLIENTS));
    let user = match place::user() {
        Ok(user) => user,
        Err(error) => return tracing::warn!("control socket: {error:#}"),
    };
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
        let Ok(place) = places.clone().try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        let runner = runner.clone();
        clients.spawn(async move {
            // A client that went away or takes nothing is no trouble of the runner's.
            if let Err(error) = converse(stream, &runner).await {
                tracing::debug!("control socket: {error:#}");
            }
            drop(place);
        });
    }
    drop(listener);
    while clients.join_next().await.is_some() {}
}

/// Says that there are too many, without waiting for anything.
fn turn_away(stream: &UnixStream) {
    let text = format!("the runner has {CLIENTS} clients already; end one, or try again later");
    if let Ok(mut line) = serde_json::to_vec(&Reply::Error(text)) {
        line.push(b'\n');
        let _ = stream.try_write(&line);
    }
}

async fn converse(stream: UnixStream, runner: &Runner) -> anyhow::Result<()> {
    let (read, write) = stream.into_split();
    let mut client = Client::new(write);
    let mut read = BufReader::new(read.take(REQUEST_BYTES));
    let mut line = Vec::new();
    tokio::time::timeout(REQUEST_TIME, read.read_until(b'\n', &mut line)).await??;
    let request = match request(&line) {
        Ok(request) => request,
        Err(text) => return client.send(&Reply::Error(text)).await,
    };
    let waits = match &request {
        Request::Snapshot => false,
        Request::Logs { follow, .. } => *follow,
        Request::Stop { .. } => true,
    };
    let served = answer::answer(&mut client, runner, request);
    if !waits {
        return served.await;
    }
    tokio::select! {
        served = served => served,
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
        return Err(format!(
            "the runner speaks version {VERSION} of the control protocol, the command version {version}; use the `weft` that it was started with"
        ));
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
