//! What a supervisor reports: each start and each end of an incarnation, and its own end.

use crate::process::{ExitStatus, Process, StartError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A change of a child.
#[derive(Debug)]
pub enum Event<'a> {
    /// A process of the child passed every check and is about to run: its log can be followed from the first
    /// entry on.
    Started {
        /// The child's name.
        child: &'a str,
        /// The process.
        process: &'a Process,
    },
    /// The child's process has ended, or could not be restarted.
    Ended {
        /// The child's name.
        child: &'a str,
        /// How it ended.
        end: &'a ChildEnd,
        /// What the supervisor does about it.
        next: Next,
    },
}

/// What the supervisor does about the end of a child's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the child has ended for good.
    Nothing,
    /// The child is restarted, and its siblings as the strategy says, unless everything is stopped before that.
    Restart {
        /// The time until it starts again.
        after: Duration,
        /// The restart's number in the window, from 1.
        count: u32,
    },
    /// The child was stopped for a sibling, and is restarted together with it.
    RestartWithSibling,
    /// A process of a newer component replaces it.
    Reload,
    /// The child has failed for good. The supervisor waits for a [reload](super::Supervisor::reload), which can
    /// start it again by its [`ChildSpec::anew`](super::ChildSpec::anew).
    Mend,
    /// The restart limit is reached: the supervisor gives up and stops the others.
    GiveUp,
}

/// How a process of a child ended.
#[derive(Clone, Debug)]
pub enum ChildEnd {
    /// It ran, and ended with this status.
    Exited(ExitStatus),
    /// It could not be restarted.
    NotStarted(Arc<StartError>),
}

/// How a supervisor ended, and the ends of its children.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why.
    pub cause: Cause,
    /// The last end of each child, in the order in which they ended for good.
    pub children: Vec<(String, ChildEnd)>,
}

/// Why a supervisor ended.
#[derive(Clone, Debug)]
pub enum Cause {
    /// Every child has ended for good.
    Done,
    /// It was told to stop, or its host was shut down.
    Stopped,
    /// The restart limit was reached.
    GaveUp {
        /// The child's name.
        child: String,
        /// Its last end.
        end: ChildEnd,
    },
    /// The task was ended from outside: the runtime was shut down, or the observer panicked. The children were
    /// killed.
    Interrupted,
}

impl ChildEnd {
    /// Whether the child finished its work, or stopped when asked.
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
