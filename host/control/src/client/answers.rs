//! The answers to a request: one, or many as they come.
//!
//! Invariant: an answer has a timeout, unless it waits for something that may never happen.

use super::Client;
use crate::error::ClientError;
use crate::protocol::{Event, FrameRow, Reply};
use tokio::io::{BufReader, Lines};
use tokio::net::UnixStream;
use weft_host::log::LogResource;

/// The answers to one request.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) lines: Lines<BufReader<UnixStream>>,
    /// The client that asked.
    pub(super) client: Client,
}

/// The log of one process, or of several in turn, as it arrives.
#[derive(Debug)]
pub struct Log {
    pub(super) answers: Answers,
    /// Whether the next answer has no timeout, because it waits for the process to write.
    pub(super) waits: bool,
    pub(super) follow: bool,
}

/// The frames of a channel, as they come.
#[derive(Debug)]
pub struct Frames {
    pub(super) answers: Answers,
    /// Whether an answer has no timeout, because it waits for somebody to write.
    pub(super) follow: bool,
}

/// One piece of what a channel shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeekPiece {
    /// A frame.
    Frame(FrameRow),
    /// This many frames were gone before they could be sent.
    Lost(u64),
}

/// The events of a runner, as they happen.
#[derive(Debug)]
pub struct Events {
    pub(super) answers: Answers,
}

/// One piece of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogPiece {
    /// The pieces that follow belong to this process.
    Of(LogResource),
    /// One frame of its log channel, as text on one line.
    Entry(String),
    /// This many entries were lost before they could be sent.
    Lost(u64),
}

impl Answers {
    /// The next answer.
    ///
    /// # Errors
    /// When the runner ends before the answer, refuses the request, or sends something that is no answer.
    pub(super) async fn next(&mut self) -> Result<Reply, ClientError> {
        let line = self.lines.next_line().await.ok().flatten();
        let Some(line) = line else {
            return Err(self.why_ended().await);
        };
        match serde_json::from_str(&line)? {
            Reply::Error(text) => Err(ClientError::Refused(text)),
            reply => Ok(reply),
        }
    }

    /// The next answer, within the time for answers unless it waits for something that may never happen.
    pub(super) async fn next_of(&mut self, waits: bool) -> Result<Reply, ClientError> {
        if waits {
            return self.next().await;
        }
        let time = self.client.answer_time;
        let reply = tokio::time::timeout(time, self.next()).await;
        reply.map_err(ClientError::NoAnswer)?
    }

    /// Why the answers stopped before the last one.
    async fn why_ended(&self) -> ClientError {
        match self.client.is_answered().await {
            true => ClientError::HungUp,
            false => ClientError::Ended,
        }
    }
}

impl Events {
    /// The next event; none when the runner ends. Cancel safe: a dropped call loses no event.
    ///
    /// # Errors
    /// [`ClientError`] when the runner goes away.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        match self.answers.next().await? {
            Reply::Event(event) => Ok(Some(event)),
            Reply::Done => Ok(None),
            _ => Err(ClientError::Unknown(None)),
        }
    }
}

impl Log {
    /// The next piece; none at the end of the log.
    ///
    /// # Errors
    /// [`ClientError`] when the runner refuses the request, goes away, or does not answer although it need not wait for
    /// the process.
    pub async fn next(&mut self) -> Result<Option<LogPiece>, ClientError> {
        let reply = self.answers.next_of(self.waits).await?;
        self.waits = self.follow;
        Ok(Some(match reply {
            Reply::Of { process, id } => LogPiece::Of(LogResource {
                service_name: process,
                process_id: id,
            }),
            Reply::Entry(text) => LogPiece::Entry(text),
            Reply::Lost(lost) => LogPiece::Lost(lost),
            Reply::Done => return Ok(None),
            _ => return Err(ClientError::Unknown(None)),
        }))
    }
}

impl Frames {
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// [`ClientError`] when the runner goes away, or does not answer although it need not wait.
    pub async fn next(&mut self) -> Result<Option<PeekPiece>, ClientError> {
        match self.answers.next_of(self.follow).await? {
            Reply::Frame(frame) => Ok(Some(PeekPiece::Frame(frame))),
            Reply::Lost(lost) => Ok(Some(PeekPiece::Lost(lost))),
            Reply::Done => Ok(None),
            _ => Err(ClientError::Unknown(None)),
        }
    }
}
