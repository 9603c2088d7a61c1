//! The side of `weft up`: answers one request a connection.
//!
//! Each connection is a task of its own, which waits for its client alone.
//!
//! Invariants:
//! - At most [`CLIENTS`] are served at once, each gets [`REQUEST_TIME`] to ask in at most [`REQUEST_BYTES`], and one that
//!   does not take its answer is left after [`WRITE_TIME`].
//! - Only the user who runs the runner is answered, whatever the modes of folder and socket have become.

use super::place::{self, Opened};
use super::protocol::{Ask, Reply, Request, VERSION};
use super::roster::Roster;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use weft_channel::{Channel, ReadError, Reader};
use weft_host::{LogEntry, Process, Supervisor};

/// Clients served at once: people and their scripts, not a fleet.
const CLIENTS: usize = 32;
/// Bytes of a request: names and numbers.
const REQUEST_BYTES: u64 = 16 << 10;
/// Time for a request to come, so that connections left open do not add up.
const REQUEST_TIME: Duration = Duration::from_secs(10);
/// Time that a client may leave an answer unread.
const WRITE_TIME: Duration = Duration::from_secs(30);
/// Time to be rid of what the system hands out and then takes back, such as when it has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the server acts on.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) roster: Arc<Roster>,
    pub(crate) supervisor: Supervisor,
    /// Time a process has to stop, unless the request says otherwise.
    pub(crate) grace: Duration,
}

/// Serves until it is dropped; then the socket is gone.
pub(crate) struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Serves on this socket.
    pub(crate) fn start(opened: Opened, runner: Runner) -> Self {
        Self(tokio::spawn(serve(opened, runner)))
    }
}

async fn serve(opened: Opened, runner: Runner) {
    let places = Arc::new(Semaphore::new(CLIENTS));
    let Ok(user) = place::user() else { return };
    // Ends the clients with the server.
    let mut clients = tokio::task::JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let stream = match opened.listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("control socket: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if !stream.peer_cred().is_ok_and(|peer| peer.uid() == user) {
            continue;
        }
        let runner = runner.clone();
        clients.spawn(async move {
            if let Err(error) = answer(stream, &runner).await {
                tracing::debug!("control socket: {error:#}");
            }
            drop(place);
        });
        while clients.try_join_next().is_some() {}
    }
}

async fn answer(stream: UnixStream, runner: &Runner) -> anyhow::Result<()> {
    let (read, write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(REQUEST_BYTES));
    tokio::time::timeout(REQUEST_TIME, read.read_line(&mut line)).await??;
    let mut client = Client(write);
    if !line.ends_with('\n') {
        let text = format!("a request is one line of at most {REQUEST_BYTES} bytes");
        return client.send(&Reply::Error(text)).await;
    }
    let request = match serde_json::from_str::<Ask>(&line) {
        Ok(Ask { version, request }) if version == VERSION => request,
        Ok(Ask { version, .. }) => {
            let text = format!(
                "this runner speaks version {VERSION} of the control protocol, the command version {version}; use the `weft` it was started with"
            );
            return client.send(&Reply::Error(text)).await;
        }
        Err(error) => {
            let text = format!("this is no request: {error}");
            return client.send(&Reply::Error(text)).await;
        }
    };
    let served = async {
        match request {
            Request::Snapshot => client.send(&Reply::Snapshot(runner.roster.snapshot())).await,
            Request::Logs {
                process,
                follow,
                since,
            } => client.logs(runner, &process, follow, since).await,
            Request::Stop { process, grace_ms } => {
                let grace = grace_ms.map_or(runner.grace, Duration::from_millis);
                client.stop(runner, &process, grace).await
            }
        }
    };
    // A client that has gone away waits for nothing any more.
    let mut rest = [0; 1];
    let gone = async {
        while let Ok(1..) = read.get_mut().get_mut().read(&mut rest).await {}
    };
    tokio::select! {
        served = served => served,
        () = gone => Ok(()),
    }
}

/// The writing side of a connection.
struct Client(OwnedWriteHalf);

impl Client {
    async fn send(&mut self, reply: &Reply) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        tokio::time::timeout(WRITE_TIME, self.0.write_all(&line)).await??;
        Ok(())
    }

    async fn stop(&mut self, runner: &Runner, wanted: &str, grace: Duration) -> anyhow::Result<()> {
        let Some(process) = runner.roster.find(wanted).pop() else {
            return self.send(&unknown(runner, wanted)).await;
        };
        let name = process.name().to_owned();
        let end = if process.starter().is_none() && runner.roster.is_child(&name) {
            runner.supervisor.stop_child(&name, grace).await.map(|end| end.to_string())
        } else {
            Some(process.stop(grace).await.to_string())
        };
        // A runner that is ending has stopped it, too.
        let end = end.unwrap_or_else(|| "stopped with its runner".to_owned());
        self.send(&Reply::Stopped { process: name, end }).await
    }

    async fn logs(
        &mut self,
        runner: &Runner,
        wanted: &str,
        follow: bool,
        since: Option<u64>,
    ) -> anyhow::Result<()> {
        let mut seen = runner.roster.changes();
        let mut found = runner.roster.find(wanted);
        if found.is_empty() {
            return self.send(&unknown(runner, wanted)).await;
        }
        let mut last = 0;
        loop {
            for process in found {
                last = process.id();
                self.log(&process, follow, since).await?;
            }
            if !follow {
                break;
            }
            // Whoever comes in its place.
            loop {
                found = runner.roster.find(wanted);
                found.retain(|process| process.id() > last);
                if !found.is_empty() {
                    break;
                }
                if !runner.roster.may_start(wanted) {
                    return self.send(&Reply::Done).await;
                }
                seen = runner.roster.changed(seen).await;
            }
        }
        self.send(&Reply::Done).await
    }

    /// Sends the log of one process, to its end if it is to be followed.
    async fn log(&mut self, process: &Process, follow: bool, since: Option<u64>) -> anyhow::Result<()> {
        let mut channel = process.log_channel();
        let mut reader = channel.weak_reader();
        loop {
            let read = match follow {
                true => reader.read().await,
                false => reader.try_read(),
            };
            match read {
                Ok(Some(frame)) => {
                    let text = String::from_utf8_lossy(&frame.payload);
                    if since.is_none_or(|since| is_since(&text, since)) {
                        self.send(&Reply::Entry(text.into_owned())).await?;
                    }
                }
                Err(ReadError::Lagged(lost)) => self.send(&Reply::Lost(lost)).await?,
                Ok(None) | Err(ReadError::WouldBlock | ReadError::Terminated) => {
                    match replaced(process, &channel) {
                        Some((now, from)) => (channel, reader) = (now, from),
                        None => return Ok(()),
                    }
                }
            }
        }
    }
}

/// The channel that the process has put in the place of this one, if it has.
fn replaced(process: &Process, before: &Channel) -> Option<(Channel, Reader)> {
    let now = process.log_channel();
    let reader = now.weak_reader();
    (!now.same_channel(before)).then_some((now, reader))
}

fn is_since(text: &str, since: u64) -> bool {
    let entry = serde_json::from_str::<LogEntry>(text);
    // What is no entry has no time; it is shown.
    entry.map_or(true, |entry| {
        entry.timestamp.parse().map_or(true, |time: u64| time >= since)
    })
}

fn unknown(runner: &Runner, wanted: &str) -> Reply {
    let names = runner.roster.names().join(", ");
    Reply::Error(format!("there is no process `{wanted}`; there are: {names}"))
}
