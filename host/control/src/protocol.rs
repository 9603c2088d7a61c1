//! Requests and replies: one JSON object a line, a request and then its replies.
//!
//! The same in every version: a request is an object with the member `version`, and a runner that does not speak that
//! version answers with [`Reply::Error`] and hangs up. Everything else may change with [`VERSION`].

use serde::{Deserialize, Serialize};

/// The version of these types. Every change to them raises it. A runner answers only its own version.
pub const VERSION: u32 = 5;

/// The error text for a client that speaks another version.
pub fn other_version(runner: u32, client: u32) -> String {
    format!(
        "the runner speaks version {runner} of the control protocol, the command version {client}; use the `weft` that it was started with"
    )
}

/// A request, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    /// [`VERSION`] of the client.
    pub version: u32,
    /// The request.
    pub request: Request,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// A snapshot of everything the runner has now. Answered with [`Reply::Snapshot`].
    Snapshot,
    /// A snapshot, and then the events. Answered with [`Reply::Snapshot`], a [`Reply::Event`] for each event, and
    /// [`Reply::Done`] when the runner ends.
    Watch {
        /// Milliseconds from one [`Event::Numbers`] to the next; without a value there is none.
        numbers_ms: Option<u64>,
    },
    /// The log of the processes of this name, or of the process with this id, or of all processes. Answered with
    /// [`Reply::Of`] and the entries of each process, oldest first, and [`Reply::Done`] at the end. Of all processes, followed
    /// logs come as they are written.
    Logs {
        /// The name, `DEPLOYMENT/NAME`, the id, or `HOST/ID`. None: all processes.
        process: Option<String>,
        /// Whether to wait for more entries until the process has ended for good, or of all processes until the runner ends.
        follow: bool,
        /// Nanoseconds since 1970: older entries are left out.
        since: Option<u64>,
    },
    /// The frames of a channel of the runner. Answered with [`Reply::Channel`], a [`Reply::Frame`] for each, oldest first, [`Reply::Lost`] for
    /// those that were gone before they could be sent, and [`Reply::Done`] at the end. Nobody else misses a frame.
    Peek {
        /// Its name.
        channel: String,
        /// Whether to wait for more frames until the channel has ended, or the runner.
        follow: bool,
        /// Most frames; without a value, all.
        frames: Option<u64>,
        /// Most bytes of each frame, and no more than [`FRAME_BYTES`].
        bytes: u64,
    },
    /// Stops a process for good. Answered with [`Reply::Stopped`].
    Stop {
        /// The name, `DEPLOYMENT/NAME`, the id, or `HOST/ID`.
        process: String,
        /// Milliseconds until the process is killed; without a value, the runner's own grace period.
        grace_ms: Option<u64>,
    },
    /// Starts a child again: the old process is asked to stop, and the new one goes on with its handles. Answered with
    /// [`Reply::Restarted`].
    Restart {
        /// The name, `DEPLOYMENT/NAME`, the id, or `HOST/ID`.
        process: String,
    },
}

/// A reply.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// A snapshot.
    Snapshot(Snapshot),
    /// An event.
    Event(Event),
    /// The entries that follow belong to this process.
    Of {
        /// Its name.
        process: String,
        /// Its id.
        id: u64,
    },
    /// One frame of the log channel, as text on one line. It is a log entry, unless the process wrote something else
    /// there. The process it is attributed to is always the true one.
    Entry(String),
    /// This many entries of the log, or frames of the channel, were lost before they could be sent.
    Lost(u64),
    /// The channel whose frames follow.
    Channel(ChannelRow),
    /// A frame of a channel.
    Frame(FrameRow),
    /// The last reply: there is no more.
    Done,
    /// How the process ended.
    Stopped(Stopped),
    /// The process that was started in the place of the one to restart.
    Restarted {
        /// Its name.
        process: String,
        /// Its id.
        id: u64,
    },
    /// The request cannot be met.
    Error(String),
}

/// An event of a process or channel. [`Snapshot::apply`] brings a snapshot up to date with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A process has started. It may have ended again by now.
    Started(ProcessRow),
    /// A process has replaced another.
    Restarted {
        /// The id of the replaced process.
        before: u64,
        /// The new process.
        process: ProcessRow,
    },
    /// The state of a process has changed: it has ended, waits to be started again, or was asked to stop.
    State {
        /// Its id.
        id: u64,
        /// Its new state.
        state: State,
    },
    /// The runner no longer remembers a process that had ended.
    Forgotten {
        /// Its id.
        id: u64,
    },
    /// All rows with their numbers as they are now, for a client that asked for them. The events before it are in them.
    Numbers(Snapshot),
    /// A channel was made.
    Made(ChannelRow),
    /// A channel is gone: nobody holds a handle of it any more.
    Gone {
        /// Its name.
        name: String,
        /// Its maker.
        maker: Option<String>,
    },
}

/// Most bytes of a frame that are sent. An answer is one line, which both sides hold in memory.
pub const FRAME_BYTES: u64 = 1 << 20;

/// A frame of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRow {
    /// Its number: how many frames the channel accepted before it.
    pub number: u64,
    /// Bytes of the whole frame. What is sent may be less.
    pub size: u64,
    /// Its beginning, or all of it.
    #[serde(flatten)]
    pub payload: Payload,
}

/// Bytes of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// They are UTF-8.
    Text(String),
    /// They are not. In the alphabet of RFC 4648 with `+` and `/`, padded.
    Base64(String),
}

/// How a process ended after a stop request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Its name.
    pub process: String,
    /// Its id.
    pub id: u64,
    /// How it ended, in words.
    pub end: String,
    /// Whether it had ended before the request.
    pub before: bool,
}

/// Everything the runner has, as of about one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The runner's name, that of its deployment.
    pub runner: String,
    /// The name of its host. Together with it the id of a process is unique among all hosts: `HOST/ID`.
    pub host: String,
    /// Its process id on this machine.
    pub pid: u32,
    /// Nanoseconds since 1970, when this snapshot was taken.
    pub taken: u64,
    /// Nanoseconds since 1970, when the runner began.
    pub started: u64,
    /// Nanoseconds since then, by a monotonic clock.
    pub age: u64,
    /// The processes, the manifest's first and in its order.
    pub processes: Vec<ProcessRow>,
    /// The channels, the manifest's first and in its order.
    pub channels: Vec<ChannelRow>,
    /// Number of processes and channels that did not fit into the answer.
    pub left_out: u64,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessRow {
    /// Its id. After a restart, the id of the newest process.
    pub id: u64,
    /// Its friendly name.
    pub name: String,
    /// Its component.
    pub component: String,
    /// Whether it runs, and how it ended if not.
    pub state: State,
    /// Nanoseconds since 1970, when it was started.
    pub started: u64,
    /// Nanoseconds since then, by a monotonic clock.
    pub age: u64,
    /// Nanoseconds it has held a processor.
    pub cpu_time: u64,
    /// Bytes of its memories.
    pub memory: u64,
    /// Handles it holds.
    pub handles: u64,
    /// Channels it has made.
    pub channels: u64,
    /// Live processes it has started.
    pub children: u64,
    /// How often it was started again.
    pub restarts: u64,
    /// The id of the process that started it; none for processes of the manifest.
    pub starter: Option<u64>,
}

/// The state of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It runs.
    Running,
    /// It runs and was asked to stop.
    Stopping,
    /// It waits to be started again. The text says how it ended before.
    Waiting(String),
    /// It has ended for good. The text says how.
    Ended(String),
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// Its name in the manifest; `#` and a number for a channel that a process made.
    pub name: String,
    /// The process that made it, `name (id)`; none for channels of the manifest.
    pub maker: Option<String>,
    /// Bytes it may retain.
    pub capacity: u64,
    /// Frames accepted so far.
    pub frames_written: u64,
    /// Bytes accepted so far.
    pub bytes_written: u64,
    /// Frames retained now: the depth of the channel.
    pub frames_held: u64,
    /// Bytes retained now.
    pub bytes_held: u64,
    /// Frames dropped so far.
    pub dropped: u64,
    /// Frames that the slowest reader has not read.
    pub lag: u64,
    /// Readers open now.
    pub readers: u32,
    /// Clients that peek at it now. They are no readers: nobody waits for them.
    pub peeks: u32,
    /// Writers open now.
    pub writers: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_request_is_one_readable_line() {
        let ask = Ask {
            version: VERSION,
            request: Request::Logs {
                process: Some("parse".into()),
                follow: true,
                since: None,
            },
        };
        let line = serde_json::to_string(&ask).unwrap();
        assert_eq!(
            line,
            r#"{"version":5,"request":{"logs":{"process":"parse","follow":true,"since":null}}}"#
        );
        assert_eq!(
            serde_json::from_str::<Ask>(&line).unwrap().request,
            ask.request
        );
    }
}
