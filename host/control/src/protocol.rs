//! What is asked and answered: one JSON object a line, a request and then its replies.
//!
//! What is so in every version: a request is an object with the member `version`, and a runner that does not speak that version
//! answers with [`Reply::Error`] and hangs up. All else may change with [`VERSION`].

use serde::{Deserialize, Serialize};

/// The version of these types, raised with every change of them. A runner answers only its own.
pub const VERSION: u32 = 2;

/// What a runner says to who speaks another version than its own.
pub fn other_version(runner: u32, client: u32) -> String {
    format!(
        "the runner speaks version {runner} of the control protocol, the command version {client}; use the `weft` that it was started with"
    )
}

/// A request, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    /// [`VERSION`] of who asks.
    pub version: u32,
    /// What is asked.
    pub request: Request,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Everything there is now. Answered with [`Reply::Snapshot`].
    Snapshot,
    /// The same, and what happens from then on. Answered with [`Reply::Snapshot`], a [`Reply::Event`] for each thing that happens, and
    /// [`Reply::Done`] when the runner ends.
    Watch,
    /// The log of the processes of this name, or of the one with this id. Answered with
    /// [`Reply::Of`] and the entries of each, oldest first, and [`Reply::Done`] at the end.
    Logs {
        /// The name or the id.
        process: String,
        /// Whether to wait for more, until the process has ended for good.
        follow: bool,
        /// Nanoseconds since 1970: nothing older.
        since: Option<u64>,
    },
    /// Stops a process for good. Answered with [`Reply::Stopped`].
    Stop {
        /// The name or the id.
        process: String,
        /// Milliseconds until it is killed; the runner's own grace unless said.
        grace_ms: Option<u64>,
    },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// Everything there is.
    Snapshot(Snapshot),
    /// Something has happened.
    Event(Event),
    /// The entries that follow are of this process.
    Of {
        /// Its name.
        process: String,
        /// Its id.
        id: u64,
    },
    /// One frame of the log channel, as text on one line: a log entry, unless the process has put something else there. Whose it is
    /// is always true.
    Entry(String),
    /// So many entries of the log were lost before they could be sent.
    Lost(u64),
    /// There is no more.
    Done,
    /// How the process ended.
    Stopped(Stopped),
    /// The request cannot be met.
    Error(String),
}

/// What happens to processes and channels. [`Snapshot::apply`] brings a snapshot up to date with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A process has started. It may have ended too by now.
    Started(ProcessRow),
    /// A process has started in the place of another.
    Restarted {
        /// The id of the other.
        before: u64,
        /// The one there is now.
        process: ProcessRow,
    },
    /// What a process does is another thing: it has ended, waits to be started again, or was asked to stop.
    State {
        /// Its id.
        id: u64,
        /// What it does now.
        state: State,
    },
    /// A process that had ended is known no longer.
    Forgotten {
        /// Its id.
        id: u64,
    },
    /// A channel was made.
    Made(ChannelRow),
    /// Nobody holds a part of a channel any more.
    Gone {
        /// Its name.
        name: String,
        /// Its maker.
        maker: Option<String>,
    },
}

/// How a process ended that was to be stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// Its name.
    pub process: String,
    /// Its id.
    pub id: u64,
    /// How, in words.
    pub end: String,
    /// Whether it had ended before it was asked.
    pub before: bool,
}

/// Everything there is, all of about one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The runner's name.
    pub runner: String,
    /// Its process id on this machine.
    pub pid: u32,
    /// Nanoseconds since 1970, when this was taken.
    pub taken: u64,
    /// Nanoseconds since 1970, when the runner began.
    pub started: u64,
    /// Nanoseconds since then, by a clock that nobody sets.
    pub age: u64,
    /// The processes, those of the manifest first and in its order.
    pub processes: Vec<ProcessRow>,
    /// The channels, those of the manifest first and in its order.
    pub channels: Vec<ChannelRow>,
    /// Processes and channels beyond what one answer takes.
    pub left_out: u64,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessRow {
    /// Its id: of the newest process where one was restarted.
    pub id: u64,
    /// Its friendly name.
    pub name: String,
    /// Its component.
    pub component: String,
    /// Whether it runs, and if not, how it ended.
    pub state: State,
    /// Nanoseconds since 1970, when it was started.
    pub started: u64,
    /// Nanoseconds since then, by a clock that nobody sets.
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
    /// The id of the process that started it; none for those of the manifest.
    pub starter: Option<u64>,
}

/// What a process is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It runs.
    Running,
    /// It runs and was asked to stop.
    Stopping,
    /// It waits to be started again; how it ended before, in words.
    Waiting(String),
    /// It has ended for good; how, in words.
    Ended(String),
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// Its name in the manifest; `#` and a number for one that a process made.
    pub name: String,
    /// The process that made it, `name (id)`; none for those of the manifest.
    pub maker: Option<String>,
    /// Bytes it retains at most.
    pub capacity: u64,
    /// Frames accepted so far.
    pub frames_written: u64,
    /// Bytes accepted so far.
    pub bytes_written: u64,
    /// Frames retained now: its depth.
    pub frames_held: u64,
    /// Bytes retained now.
    pub bytes_held: u64,
    /// Frames dropped so far.
    pub dropped: u64,
    /// Frames that its slowest reader has not read.
    pub lag: u64,
    /// Readers open now.
    pub readers: u32,
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
                process: "parse".into(),
                follow: true,
                since: None,
            },
        };
        let line = serde_json::to_string(&ask).unwrap();
        assert_eq!(
            line,
            r#"{"version":2,"request":{"logs":{"process":"parse","follow":true,"since":null}}}"#
        );
        assert_eq!(
            serde_json::from_str::<Ask>(&line).unwrap().request,
            ask.request
        );
    }
}
