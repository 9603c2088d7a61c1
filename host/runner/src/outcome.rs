//! Exit codes.

use weft_host::ExitStatus;

/// Bad input; nothing was started.
pub(crate) const BAD_INPUT: u8 = 2;

/// Added to the number of a signal that ended a run, as shells do.
pub(crate) const SIGNAL_BASE: u8 = 128;

/// A process failed, or its result could not be printed.
pub(crate) const FAILED: u8 = 1;
/// The same code as `timeout` uses.
const LIMIT: u8 = 124;
/// As if ended by SIGABRT, which is how wasmtime reports a trap.
const TRAPPED: u8 = SIGNAL_BASE + 6;
/// As if ended by SIGPIPE: nobody reads stdout any more.
pub(crate) const UNREAD: u8 = SIGNAL_BASE + 13;
/// As if ended by SIGKILL.
const KILLED: u8 = SIGNAL_BASE + 9;

/// The exit code for a process that ended like this.
pub(crate) fn code(status: &ExitStatus) -> u8 {
    match status {
        ExitStatus::Returned(_) | ExitStatus::Stopped => 0,
        ExitStatus::Failed(_) => FAILED,
        ExitStatus::Exited(code) => *code,
        ExitStatus::Trapped(_) => TRAPPED,
        ExitStatus::Killed | ExitStatus::Linked(_) => KILLED,
        ExitStatus::Limit(_) => LIMIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::EXIT_CODES;
    use weft_host::process::{ExitKind, Trap};

    fn ended(kind: ExitKind) -> ExitStatus {
        let text = String::new();
        match kind {
            ExitKind::Returned => ExitStatus::Returned(text),
            ExitKind::Failed => ExitStatus::Failed(text),
            ExitKind::Exited => ExitStatus::Exited(FAILED),
            ExitKind::Trapped => ExitStatus::Trapped(Trap {
                message: text,
                panicked: false,
                backtrace: Vec::new(),
            }),
            ExitKind::Stopped => ExitStatus::Stopped,
            ExitKind::Killed => ExitStatus::Killed,
            ExitKind::Limit => ExitStatus::Limit(text),
            ExitKind::Linked => ExitStatus::Linked(text),
        }
    }

    #[test]
    fn the_help_tells_the_code_of_every_end() {
        for kind in ExitKind::ALL {
            let code = code(&ended(kind));
            let line = format!("\n  {code} ");
            assert!(EXIT_CODES.contains(&line), "{kind} is {code}");
        }
    }
}
