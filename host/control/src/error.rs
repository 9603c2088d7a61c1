//! Errors of control sockets and of requests to runners.
//!
//! An error says what is wrong. A program adds which of its options or variables helps.

use crate::protocol::VERSION;
use std::io;
use std::path::PathBuf;
use tokio::time::error::Elapsed;

/// Why there is no socket, or no runner at one.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The folder for sockets does not exist and cannot be created.
    #[error("cannot make the folder `{}` for control sockets", path.display())]
    MakeFolder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The name is taken by something that is not a folder of this user.
    #[error("`{}` is there and not a folder of yours; remove it", path.display())]
    NotYours {
        /// The path.
        path: PathBuf,
        /// The system's error, if there is one.
        source: Option<io::Error>,
    },
    /// Other users have access to the folder.
    #[error("others can get into `{}`; chmod 700 it", path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that the user named cannot be opened.
    #[error("cannot open the folder `{}`", path.display())]
    OpenFolder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system cannot lock the folder.
    #[error("cannot lock the folder `{}`", path.display())]
    Lock {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another program keeps the folder locked.
    #[error("the folder `{}` stays locked by another program", path.display())]
    StaysLocked {
        /// The folder.
        path: PathBuf,
    },
    /// A path does not end in a name.
    #[error("`{}` is no name of a socket", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The path of the socket would be too long for the system.
    #[error("the name of `{}` has {given} bytes, and that of a socket has at most {most} there", path.display())]
    NameTooLong {
        /// The socket.
        path: PathBuf,
        /// Bytes of the name.
        given: usize,
        /// Bytes that it may have.
        most: usize,
    },
    /// The name of the socket is taken by something that is not a socket.
    #[error("`{}` is there and no socket", path.display())]
    NoSocket {
        /// The path.
        path: PathBuf,
    },
    /// A live runner answers at the socket already.
    #[error("`{}` belongs to a runner that is alive", path.display())]
    Taken {
        /// The socket.
        path: PathBuf,
    },
    /// A stale socket cannot be removed.
    #[error("cannot remove the stale `{}`", path.display())]
    Stale {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system cannot create the socket.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Nobody answers at the socket.
    #[error("no runner answers at `{}`", path.display())]
    Nobody {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The runner at the socket belongs to another user.
    #[error("`{}` belongs to another user", path.display())]
    OtherUser {
        /// The socket.
        path: PathBuf,
    },
    /// There is no runner in the usual folder.
    #[error("no runner is running: `{}` has no socket", folder.display())]
    NoRunner {
        /// The folder.
        folder: PathBuf,
        /// A socket in another folder of this user, if there is one.
        elsewhere: Option<PathBuf>,
    },
    /// Runners are running, but none has this name.
    #[error("no runner is called `{on}`; running: {}", running.join(", "))]
    NotCalled {
        /// The name that was asked for.
        on: String,
        /// The running ones, as `NAME.PID`.
        running: Vec<String>,
    },
    /// Several runners match.
    #[error("several runners could be meant: {}", runners.join(", "))]
    Several {
        /// The matching ones, as `NAME.PID`.
        runners: Vec<String>,
    },
}

/// Why a client got no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No runner could be reached.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The runner cannot meet the request, or speaks another version of the protocol. The text says why.
    #[error("{0}")]
    Refused(String),
    /// No answer came before the timeout.
    #[error("the runner does not answer")]
    NoAnswer(#[source] Elapsed),
    /// The runner hung up.
    #[error(
        "the runner hung up and goes on: it had newer clients to answer, and this one was slow to read"
    )]
    HungUp,
    /// The runner has ended.
    #[error("the runner ended before its answer did")]
    Ended,
    /// The answer does not belong to this version of the protocol.
    #[error("what answers is no runner that speaks version {VERSION} of the control protocol, as the command does; use the `weft` that it was started with{}", .0.as_ref().map(|error| format!(" ({error})")).unwrap_or_default())]
    Unknown(Option<serde_json::Error>),
}

impl From<serde_json::Error> for ClientError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unknown(Some(error))
    }
}
