//! The runner that a command asks, and advice when it cannot be asked.

use crate::manifest::Source;
use crate::setting;
use std::error::Error;
use std::fmt;
use weft_control::protocol::Snapshot;
use weft_control::{Client, ClientError, SocketError};

/// How to start a runner.
const START: &str = "start one with `weft up MANIFEST`";

/// A client of the runner that `--on` names, or else of the project that the working folder is in, or else of the only
/// one that runs.
pub(super) fn runner(on: Option<String>) -> Client {
    let client = Client::new(setting::control_folders(), on);
    match Source::of_project() {
        Some(project) => client.prefer(project.runner()),
        None => client,
    }
}

/// A snapshot of the runner that `--on` names.
pub(super) async fn snapshot(on: &Option<String>) -> anyhow::Result<Snapshot> {
    let snapshot = runner(on.clone()).snapshot().await;
    snapshot.map_err(advised)
}

/// The error, with the command's advice added.
pub(super) fn advised(error: ClientError) -> anyhow::Error {
    match error {
        ClientError::Socket(error) => Advised(error).into(),
        error => error.into(),
    }
}

/// A socket error, with the option or variable that helps.
#[derive(Debug)]
pub(super) struct Advised(pub(super) SocketError);

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = &self.0;
        match error {
            SocketError::NotYours { .. } => {
                write!(f, "{error}, or set XDG_RUNTIME_DIR to one that is")
            }
            SocketError::StaysLocked { .. } => write!(f, "{error}; choose another with --control"),
            SocketError::NameTooLong { .. } => {
                write!(f, "{error}; choose a shorter one with --control")
            }
            SocketError::NoSocket { .. } | SocketError::Taken { .. } => {
                write!(f, "{error}; choose another path with --control")
            }
            SocketError::Nobody { .. } => write!(f, "{error}; {START}"),
            SocketError::NoRunner { elsewhere, .. } => {
                write!(f, "{error}; {START}")?;
                elsewhere.iter().try_for_each(|path| {
                    let path = path.display();
                    write!(
                        f,
                        "; there is one that has another XDG_RUNTIME_DIR: --on {path}"
                    )
                })
            }
            SocketError::NotCalled { .. } => write!(
                f,
                "{error}; one that was started with --control is found by that path"
            ),
            SocketError::Several { runners } => write!(
                f,
                "several runners could be meant; say which with --on: {}",
                runners.join(", ")
            ),
            error => write!(f, "{error}"),
        }
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
