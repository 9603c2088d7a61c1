//! The client side of the control socket: one method for each request.
//!
//! How the answers are shown is up to the caller. `answers` reads them.

mod answers;

pub use answers::{Events, Frames, Log, LogPiece, PeekPiece};

use crate::error::{ClientError, SocketError};
use crate::protocol::{Ask, Reply, Request, Snapshot, Stopped, VERSION};
use crate::socket::Folders;
use answers::Answers;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// Timeout for an answer that takes a runner milliseconds. A runner that needs longer is suspended or stuck.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Asks one runner. Each request is a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    folders: Folders,
    on: Option<String>,
    /// The name of the runner that is meant without `on`, if one of this name runs.
    preferred: Option<String>,
    /// Timeout for an answer that takes a runner milliseconds.
    answer_time: Duration,
}

impl Client {
    /// A client of the runner that `on` names: by the path of its socket, its name, `NAME.PID` or its PID. Without
    /// `on`, the only runner that is running.
    pub fn new(folders: Folders, on: Option<String>) -> Self {
        Self {
            folders,
            on,
            preferred: None,
            answer_time: ANSWER_TIME,
        }
    }

    /// A client that, without `on`, asks the runner of this name if one runs.
    pub fn prefer(self, name: String) -> Self {
        Self {
            preferred: Some(name),
            ..self
        }
    }

    /// A snapshot of everything the runner has now.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner, or it does not answer.
    pub async fn snapshot(&self) -> Result<Snapshot, ClientError> {
        let (snapshot, _) = self.begin(Request::Snapshot).await?;
        Ok(snapshot)
    }

    /// A snapshot of everything the runner has now, and the events from then on. Each event, [applied](Snapshot::apply)
    /// to the snapshot, brings its lists up to date.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner, or it does not answer.
    pub async fn watch(&self) -> Result<(Snapshot, Events), ClientError> {
        self.watched(None).await
    }

    /// The same, and [`Event::Numbers`](crate::protocol::Event::Numbers) each time that `interval` has passed. The runner sends them 50 ms apart at least.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner, or it does not answer.
    pub async fn watch_numbers(
        &self,
        interval: Duration,
    ) -> Result<(Snapshot, Events), ClientError> {
        // An interval too long for the protocol is longer than any runner lives.
        let ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        self.watched(Some(ms)).await
    }

    async fn watched(&self, numbers_ms: Option<u64>) -> Result<(Snapshot, Events), ClientError> {
        let (snapshot, answers) = self.begin(Request::Watch { numbers_ms }).await?;
        Ok((snapshot, Events { answers }))
    }

    /// Sends a request whose answer begins with a snapshot.
    async fn begin(&self, request: Request) -> Result<(Snapshot, Answers), ClientError> {
        match self.first(request).await? {
            (Reply::Snapshot(snapshot), answers) => Ok((snapshot, answers)),
            _ => Err(ClientError::Unknown(None)),
        }
    }

    /// Sends a request whose first answer takes milliseconds, and waits for that.
    async fn first(&self, request: Request) -> Result<(Reply, Answers), ClientError> {
        let answer = async {
            let mut answers = self.ask(request).await?;
            Ok::<_, ClientError>((answers.next().await?, answers))
        };
        let answer = tokio::time::timeout(self.answer_time, answer).await;
        answer.map_err(ClientError::NoAnswer)?
    }

    /// The log of the processes of this name, or of the process with this id, or of all, without entries older than `since`,
    /// in nanoseconds since 1970. It ends with what there is now; with `follow`, it ends when the process has ended for
    /// good, or that of all when the runner ends.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner.
    pub async fn logs(
        &self,
        process: Option<String>,
        follow: bool,
        since: Option<u64>,
    ) -> Result<Log, ClientError> {
        let request = Request::Logs {
            process,
            follow,
            since,
        };
        let answers = self.ask(request).await?;
        Ok(Log {
            answers,
            waits: false,
            follow,
        })
    }

    /// The frames that a channel of the runner retains, oldest first: at most `frames` of them, and at most `bytes` of each.
    /// With `follow` also those that come, until the channel ends, or the runner. No reader misses a frame.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner or no such channel, or the runner does not answer.
    pub async fn peek(
        &self,
        channel: String,
        follow: bool,
        frames: Option<u64>,
        bytes: u64,
    ) -> Result<Frames, ClientError> {
        let request = Request::Peek {
            channel,
            follow,
            frames,
            bytes,
        };
        match self.first(request).await? {
            (Reply::Channel(_), answers) => Ok(Frames { answers, follow }),
            _ => Err(ClientError::Unknown(None)),
        }
    }

    /// Stops a process for good and returns how it ended. The process is killed after `grace`, or after the runner's
    /// own grace period.
    ///
    /// # Errors
    /// [`ClientError`] when there is no such runner or no such process, or when the runner goes away or stops
    /// answering. In the last two cases the runner may still stop the process.
    pub async fn stop(
        &self,
        process: String,
        grace: Option<Duration>,
    ) -> Result<Stopped, ClientError> {
        let grace = grace.map(|grace| grace.as_millis());
        let request = Request::Stop {
            process,
            grace_ms: grace.map(|grace| u64::try_from(grace).unwrap_or(u64::MAX)),
        };
        match self.ask_patiently(request).await? {
            Reply::Stopped(stopped) => Ok(stopped),
            _ => Err(ClientError::Unknown(None)),
        }
    }

    /// Starts a process again that the runner keeps, and returns its name and its new id. The old process is killed
    /// after the runner's grace period.
    ///
    /// # Errors
    /// As for [`stop`](Self::stop), and when the process cannot be started again.
    pub async fn restart(&self, process: String) -> Result<(String, u64), ClientError> {
        match self.ask_patiently(Request::Restart { process }).await? {
            Reply::Restarted { process, id } => Ok((process, id)),
            _ => Err(ClientError::Unknown(None)),
        }
    }

    /// The answer to a request that takes as long as a process takes to stop.
    async fn ask_patiently(&self, request: Request) -> Result<Reply, ClientError> {
        let mut answers = self.ask(request).await?;
        loop {
            match tokio::time::timeout(self.answer_time, answers.next()).await {
                Ok(reply) => return reply,
                // A runner answers other clients during the grace period, however long it is.
                Err(_) if answers.client.is_answered().await => {}
                Err(late) => return Err(ClientError::NoAnswer(late)),
            }
        }
    }

    /// Whether the runner answers a request. A connection alone proves nothing: the system still accepts one for a
    /// runner that is being killed or is suspended.
    async fn is_answered(&self) -> bool {
        let answer = async {
            let mut answers = self.ask(Request::Snapshot).await.ok()?;
            answers.lines.next_line().await.ok().flatten()
        };
        let answer = tokio::time::timeout(self.answer_time, answer).await;
        matches!(answer, Ok(Some(_)))
    }

    async fn ask(&self, request: Request) -> Result<Answers, ClientError> {
        let (mut stream, path) = self.connect().await?;
        tracing::debug!(?request, "asking the runner");
        let ask = Ask {
            version: VERSION,
            request,
        };
        let mut line = serde_json::to_vec(&ask)?;
        line.push(b'\n');
        // A runner with too many clients sends an error and hangs up without reading the request.
        let _ = stream.write_all(&line).await;
        Ok(Answers {
            lines: BufReader::new(stream).lines(),
            client: self.clone().at(path),
        })
    }

    async fn connect(&self) -> Result<(UnixStream, PathBuf), SocketError> {
        if let (None, Some(name)) = (&self.on, &self.preferred) {
            match self.folders.connect(Some(name)).await {
                Err(SocketError::NotCalled { .. } | SocketError::NoRunner { .. }) => {}
                found => return found,
            }
        }
        self.folders.connect(self.on.as_deref()).await
    }

    /// A client of the runner at this socket: the one that was found, even if others come and go.
    fn at(self, socket: PathBuf) -> Self {
        Self {
            on: socket.to_str().map(str::to_owned).or(self.on),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::net::UnixListener;

    /// A runner that hangs: it accepts connections and never answers.
    fn hung(folder: &std::path::Path) -> (UnixListener, Client) {
        let socket = folder.join("it.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let folders = Folders {
            usual: folder.to_owned(),
            others: Vec::new(),
        };
        let client = Client {
            answer_time: Duration::from_millis(20),
            ..Client::new(folders, Some(socket.display().to_string()))
        };
        (listener, client)
    }

    #[tokio::test]
    async fn a_runner_that_hangs_is_given_up_whatever_it_was_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (_listener, client) = hung(folder.path());
        let process = || "p".to_owned();
        let no_answer = |error| matches!(error, ClientError::NoAnswer(_));
        assert!(no_answer(client.snapshot().await.unwrap_err()));
        assert!(no_answer(client.watch().await.unwrap_err()));
        for follow in [false, true] {
            let mut log = client.logs(Some(process()), follow, None).await.unwrap();
            assert!(no_answer(log.next().await.unwrap_err()));
            let frames = client.peek(process(), follow, None, 1).await;
            assert!(no_answer(frames.unwrap_err()));
        }
        for grace in [None, Some(Duration::from_secs(3600))] {
            let stopped = client.stop(process(), grace).await;
            assert!(no_answer(stopped.unwrap_err()));
        }
        let restarted = client.restart(process()).await;
        assert!(no_answer(restarted.unwrap_err()));
    }
}
