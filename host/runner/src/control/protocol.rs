//! What is asked and answered: one JSON object a line, a request and then its replies.

use serde::{Deserialize, Serialize};

/// The version of these types. A runner answers only its own.
pub(crate) const VERSION: u32 = 1;

/// A request, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// [`VERSION`] of who asks.
    pub(crate) version: u32,
    /// What is asked.
    pub(crate) request: Request,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// Everything there is now. Answered with [`Reply::Snapshot`].
    Snapshot,
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
pub(crate) enum Reply {
    /// Everything there is.
    Snapshot(Snapshot),
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

/// How a process ended that was to be stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stopped {
    /// Its name.
    pub(crate) process: String,
    /// Its id.
    pub(crate) id: u64,
    /// How, in words.
    pub(crate) end: String,
    /// Whether it had ended before it was asked.
    pub(crate) before: bool,
}

/// Everything there is, all of about one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The runner's name.
    pub(crate) runner: String,
    /// Its process id on this machine.
    pub(crate) pid: u32,
    /// Nanoseconds since 1970, when this was taken.
    pub(crate) taken: u64,
    /// Nanoseconds since 1970, when the runner began.
    pub(crate) started: u64,
    /// Nanoseconds since then, by a clock that nobody sets.
    pub(crate) age: u64,
    /// The processes, those of the manifest first and in its order.
    pub(crate) processes: Vec<ProcessRow>,
    /// The channels, those of the manifest first and in its order.
    pub(crate) channels: Vec<ChannelRow>,
    /// Processes and channels beyond what one answer takes.
    pub(crate) left_out: u64,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProcessRow {
    /// Its id: of the newest process where one was restarted.
    pub(crate) id: u64,
    /// Its friendly name.
    pub(crate) name: String,
    /// Its component.
    pub(crate) component: String,
    /// Whether it runs, and if not, how it ended.
    pub(crate) state: State,
    /// Nanoseconds since 1970, when it was started.
    pub(crate) started: u64,
    /// Nanoseconds since then, by a clock that nobody sets.
    pub(crate) age: u64,
    /// Nanoseconds it has held a processor.
    pub(crate) cpu_time: u64,
    /// Bytes of its memories.
    pub(crate) memory: u64,
    /// Handles it holds.
    pub(crate) handles: u64,
    /// Channels it has made.
    pub(crate) channels: u64,
    /// Live processes it has started.
    pub(crate) children: u64,
    /// How often it was started again.
    pub(crate) restarts: u64,
    /// The id of the process that started it; none for those of the manifest.
    pub(crate) starter: Option<u64>,
}

/// What a process is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
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
pub(crate) struct ChannelRow {
    /// Its name in the manifest; `#` and a number for one that a process made.
    pub(crate) name: String,
    /// The process that made it, `name (id)`; none for those of the manifest.
    pub(crate) maker: Option<String>,
    /// Bytes it retains at most.
    pub(crate) capacity: u64,
    /// Frames accepted so far.
    pub(crate) frames_written: u64,
    /// Bytes accepted so far.
    pub(crate) bytes_written: u64,
    /// Frames retained now: its depth.
    pub(crate) frames_held: u64,
    /// Bytes retained now.
    pub(crate) bytes_held: u64,
    /// Frames dropped so far.
    pub(crate) dropped: u64,
    /// Frames that its slowest reader has not read.
    pub(crate) lag: u64,
    /// Readers open now.
    pub(crate) readers: u32,
    /// Writers open now.
    pub(crate) writers: u32,
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
            r#"{"version":1,"request":{"logs":{"process":"parse","follow":true,"since":null}}}"#
        );
        assert_eq!(
            serde_json::from_str::<Ask>(&line).unwrap().request,
            ask.request
        );
    }
}
