//! The results of supervision: how each child ended, or why the supervisor gave up.

use crate::error::Error;
use crate::process::ExitStatus;
use std::fmt;
use std::time::Duration;

/// A child that has ended for good.
///
/// ```no_run
/// # async fn f(supervisor: weft_guest::Supervisor) -> weft_guest::Result {
/// for ended in supervisor.run().await? {
///     println!("{} {}", ended.name, ended.end);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its name.
    pub name: String,
    /// How its last incarnation ended.
    pub end: ChildEnd,
}

/// How the last incarnation of a child ended.
///
/// ```
/// use weft_guest::ExitStatus;
/// use weft_guest::supervisor::ChildEnd;
/// assert_eq!(ChildEnd::Exit(ExitStatus::Killed).to_string(), "killed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChildEnd {
    /// As its process did.
    Exit(ExitStatus),
    /// It could not be started again, for this reason.
    NotStarted(String),
}

impl fmt::Display for ChildEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChildEnd::Exit(status) => write!(f, "{status}"),
            ChildEnd::NotStarted(why) => write!(f, "could not be started again: {why}"),
        }
    }
}

/// Why a supervisor stopped its children without being asked to.
///
/// ```no_run
/// # async fn f(supervisor: weft_guest::Supervisor) -> weft_guest::Result {
/// use weft_guest::supervisor::SupervisorError;
/// if let Err(SupervisorError::GaveUp { child, end, .. }) = supervisor.run().await {
///     println!("{child} {end} once too often");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// A child could not be started the first time.
    #[error("`{child}` cannot be started: {cause:#}")]
    Start {
        /// The child's name.
        child: String,
        /// Why.
        cause: Error,
    },
    /// More restarts were needed than there may be.
    #[error("gave up: `{child}` {end}, after {max_restarts} restart(s) within {within:?}")]
    GaveUp {
        /// The child that ended once too often.
        child: String,
        /// How.
        end: ChildEnd,
        /// The most restarts in a window.
        max_restarts: u32,
        /// The window.
        within: Duration,
    },
}
