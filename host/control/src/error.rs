//! What can go wrong with sockets and with runners that are asked.
//!
//! An error says what is wrong. By which option or variable of a program somebody helps themselves is that program's to add.

use crate::protocol::VERSION;
use std::io;
use std::path::PathBuf;
use tokio::time::error::Elapsed;

/// Why there is no socket, or no runner at one.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The folder for sockets is not there and cannot be made.
    #[error("cannot make the folder `{}` for control sockets", path.display())]
    MakeFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else than a folder of this user's has its name.
    #[error("`{}` is there and not a folder of yours; remove it", path.display())]
    NotYours {
        /// What is there.
        path: PathBuf,
        /// What the system says, if it says anything.
        source: Option<io::Error>,
    },
    /// Others have rights to the folder.
    #[error("others can get into `{}`; chmod 700 it", path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that somebody named cannot be opened.
    #[error("cannot open the folder `{}`", path.display())]
    OpenFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system locks no folder there.
    #[error("cannot lock the folder `{}`", path.display())]
    Lock {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else keeps the folder locked.
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
    /// A socket's path would be longer than systems take.
    #[error("the name of `{}` has {given} bytes, and that of a socket has at most {most} there", path.display())]
    NameTooLong {
        /// The socket.
        path: PathBuf,
        /// Bytes of the name.
        given: usize,
        /// Bytes that it may have.
        most: usize,
    },
    /// Something else has the socket's name.
    #[error("`{}` is there and no socket", path.display())]
    NoSocket {
        /// What is there.
        path: PathBuf,
    },
    /// Somebody answers at the socket already.
    #[error("`{}` belongs to a runner that is alive", path.display())]
    Taken {
        /// The socket.
        path: PathBuf,
    },
    /// A socket that nobody answers cannot be removed.
    #[error("cannot remove the stale `{}`", path.display())]
    Stale {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system makes no socket there.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody answers at a socket.
    #[error("no runner answers at `{}`", path.display())]
    Nobody {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The runner at a socket is another user's.
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
        /// The socket of one in another folder of this user's.
        elsewhere: Option<PathBuf>,
    },
    /// There are runners, and none is called that.
    #[error("no runner is called `{on}`; running: {}", running.join(", "))]
    NotCalled {
        /// What was asked for.
        on: String,
        /// Those there are, as `NAME.PID`.
        running: Vec<String>,
    },
    /// There are several runners that could be meant.
    #[error("several runners could be meant: {}", runners.join(", "))]
    Several {
        /// They, as `NAME.PID`.
        runners: Vec<String>,
    },
}

/// Why a client has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No runner was reached.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The runner cannot meet the request, or speaks another version of the protocol. It says why.
    #[error("{0}")]
    Refused(String),
    /// No answer came in the time there is.
    #[error("the runner does not answer")]
    NoAnswer(#[source] Elapsed),
    /// The runner hung up.
    #[error(
        "the runner hung up and goes on: it had newer clients to answer, and this one was slow to read"
    )]
    HungUp,
    /// The runner is gone.
    #[error("the runner ended before its answer did")]
    Ended,
    /// The answer is none of this version of the protocol.
    #[error("what answers is no runner that speaks version {VERSION} of the control protocol, as the command does; use the `weft` that it was started with{}", .0.as_ref().map(|error| format!(" ({error})")).unwrap_or_default())]
    Unknown(Option<serde_json::Error>),
}

impl From<serde_json::Error> for ClientError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unknown(Some(error))
    }
}
