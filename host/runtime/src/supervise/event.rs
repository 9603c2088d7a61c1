//! What a supervisor tells: each end of each incarnation, and its own.

use crate::process::{ExitStatus, Process, StartError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What has happened to a child.
#[derive(Debug)]
pub enum Event<'a> {
    /// A process of it passed every check and is about to run: its log can be followed
    /// from the first entry on.
    Started {
        /// The child's name.
        child: &'a str,
        /// The process.
        process: &'a Process,
    },
    /// Its process has ended, or could not be started again.
    Ended {
        /// The child's name.
        child: &'a str,
        /// How.
        end: &'a ChildEnd,
        /// What comes of it.
        next: Next,
    },
}

/// What comes of the end of a child's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the child has ended for good.
    Nothing,
    /// The child is restarted, and its siblings as the strategy says, unless everything is stopped
    /// before.
    Restart {
        /// The time until it starts again.
        after: Duration,
        /// The restart's number in the window, from 1.
        count: u32,
    },
    /// The child is restarted together with a sibling, for which it was stopped.
    RestartWithSibling,
    /// A newer component takes its place.
    Reload,
    /// The child has failed for good. A [reload](super::Supervisor::reload) starts it again, since its
    /// [`ChildSpec::anew`](super::ChildSpec::anew) says how; the supervisor waits for that.
    Mend,
    /// This would be one restart too many: the supervisor gives up and stops the others.
    GiveUp,
}

/// How a process of a child ended.
#[derive(Clone, Debug)]
pub enum ChildEnd {
    /// It ran, and ended with this status.
    Exited(ExitStatus),
    /// It could not be started again.
    NotStarted(Arc<StartError>),
}

/// How a supervisor ended, and with it all its children.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why.
    pub cause: Cause,
    /// The last end of every child, in the order in which they ended for good.
    pub children: Vec<(String, ChildEnd)>,
}

/// Why a supervisor ended.
#[derive(Clone, Debug)]
pub enum Cause {
    /// Every child has ended for good.
    Done,
    /// It was told to stop, or its host was shut down.
    Stopped,
    /// A child would have been restarted more often than the limit allows.
    GaveUp {
        /// The child's name.
        child: String,
        /// How it ended the last time.
        end: ChildEnd,
    },
    /// Its task was ended from outside: the runtime was shut down or the observer panicked. The
    /// children were killed.
    Interrupted,
}

impl ChildEnd {
    /// Whether the child did what it was started for, or stopped when asked.
    pub fn is_success(&self) -> bool {
        match self {
            ChildEnd::Exited(status) => status.is_success(),
            ChildEnd::NotStarted(_) => false,
        }
    }
}

impl fmt::Display for ChildEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChildEnd::Exited(status) => status.fmt(f),
            ChildEnd::NotStarted(error) => write!(f, "could not be started again: {error}"),
        }
    }
}
