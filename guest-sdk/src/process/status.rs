//! How a process ended.

use crate::bindings::weft::fabric::process as raw;
use std::fmt;

/// What a trap left behind.
///
/// ```no_run
/// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
/// if let weft_guest::ExitStatus::Trapped(trap) = child.wait().await {
///     println!("{}\n{}", trap.message, trap.backtrace);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The panic's message, or the reason wasm gives.
    pub message: String,
    /// Whether the guest panicked; otherwise it broke a rule of wasm.
    pub panicked: bool,
    /// The functions on the guest's stack, innermost first, one a line.
    pub backtrace: String,
}

/// How a process ended.
///
/// ```no_run
/// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
/// use weft_guest::ExitStatus;
/// match child.wait().await {
///     ExitStatus::Returned(value) => println!("{value}"),
///     ExitStatus::Limit(name) => println!("it needs more {name}"),
///     other => println!("{other}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// The entry point returned this value, in WAVE; empty when it returns
    /// nothing.
    Returned(String),
    /// The entry point returned an error, in this text.
    Failed(String),
    /// It called exit with this code, which is not zero.
    Exited(u8),
    /// It trapped.
    Trapped(Trap),
    /// It was asked to stop and did so in time.
    Stopped,
    /// It was ended from outside.
    Killed,
    /// It reached the limit named here.
    Limit(String),
    /// A linked process ended without success: which one, and how.
    Linked(String),
}

impl ExitStatus {
    /// Whether the process finished its work, or stopped when asked.
    ///
    /// ```
    /// use weft_guest::ExitStatus;
    /// assert!(ExitStatus::Stopped.is_success());
    /// assert!(!ExitStatus::Killed.is_success());
    /// ```
    pub fn is_success(&self) -> bool {
        matches!(self, ExitStatus::Returned(_) | ExitStatus::Stopped)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitStatus::Returned(value) if value.is_empty() => write!(f, "returned"),
            ExitStatus::Returned(value) => write!(f, "returned {value}"),
            ExitStatus::Failed(error) => write!(f, "failed: {error}"),
            ExitStatus::Exited(code) => write!(f, "exited with code {code}"),
            ExitStatus::Trapped(trap) if trap.panicked => write!(f, "panicked: {}", trap.message),
            ExitStatus::Trapped(trap) => write!(f, "trapped: {}", trap.message),
            ExitStatus::Stopped => write!(f, "stopped"),
            ExitStatus::Killed => write!(f, "killed"),
            ExitStatus::Limit(limit) => write!(f, "reached its limit `{limit}`"),
            ExitStatus::Linked(reason) => write!(f, "ended with a linked process: {reason}"),
        }
    }
}

impl From<raw::ExitStatus> for ExitStatus {
    fn from(status: raw::ExitStatus) -> Self {
        match status {
            raw::ExitStatus::Returned(value) => ExitStatus::Returned(value),
            raw::ExitStatus::Failed(error) => ExitStatus::Failed(error),
            raw::ExitStatus::Exited(code) => ExitStatus::Exited(code),
            raw::ExitStatus::Trapped(trap) => ExitStatus::Trapped(Trap {
                message: trap.message,
                panicked: trap.panicked,
                backtrace: trap.backtrace,
            }),
            raw::ExitStatus::Stopped => ExitStatus::Stopped,
            raw::ExitStatus::Killed => ExitStatus::Killed,
            raw::ExitStatus::Limit(limit) => ExitStatus::Limit(limit),
            raw::ExitStatus::Linked(reason) => ExitStatus::Linked(reason),
        }
    }
}
