//! Reports the starts and ends of processes: on the screen, and as an exit code.

use crate::outcome;
use crate::screen::logs::Logs;
use crate::screen::output::ReaderGone;
use crate::screen::progress::Progress;
use humantime::format_duration;
use std::sync::Arc;
use weft_host::supervise::{Cause, ChildEnd, Event, Next, Outcome, Supervision};

/// Prints the events of a supervisor.
pub(super) struct Report {
    shared: Arc<ReportState>,
}

struct ReportState {
    progress: Progress,
    /// In the order of the manifest.
    names: Vec<String>,
    settings: Supervision,
    /// Once nobody reads stdout any more nothing is told, as of a program that ends by SIGPIPE.
    gone: Arc<ReaderGone>,
}

impl Report {
    pub(super) fn new(
        names: &[String],
        settings: &Supervision,
        gone: &Arc<ReaderGone>,
        progress: &Progress,
    ) -> Self {
        Self {
            shared: Arc::new(ReportState {
                progress: progress.clone(),
                names: names.to_owned(),
                settings: settings.clone(),
                gone: gone.clone(),
            }),
        }
    }

    /// The observer to pass to the supervisor.
    pub(super) fn observer(&self, logs: &Logs) -> impl FnMut(Event<'_>) + Send + 'static {
        let (shared, logs) = (self.shared.clone(), logs.clone());
        move |event| {
            if let Event::Ended { child, end, next } = event
                && !shared.gone.is_set()
            {
                let (end, next) = (logs.how(child, end.to_string()), shared.words(next));
                shared.progress.say(&format!("{child} {end}{next}"));
            }
        }
    }

    /// Prints the ends of processes that failed for good.
    pub(super) fn failures(&self, outcome: &Outcome, logs: &Logs) {
        if let Cause::GaveUp { child, end } = &outcome.cause
            && let ChildEnd::Exited(status) = end
            && status.is_success()
        {
            let Supervision {
                max_restarts,
                within,
                ..
            } = self.shared.settings;
            let within = format_duration(within);
            let how = format!(
                "{status} but must keep running; gave up after {max_restarts} restarts within {within}"
            );
            self.shared.progress.failed(child, &how);
        }
        for name in &self.shared.names {
            let ended = outcome.children.iter().find(|(child, _)| child == name);
            match ended {
                Some((_, ChildEnd::Exited(status))) if !status.is_success() => {
                    logs.ended(name, status);
                }
                Some((_, end @ ChildEnd::NotStarted(_))) => {
                    self.shared.progress.failed(name, &end.to_string());
                }
                _ => {}
            }
        }
    }
}

impl ReportState {
    /// What follows an end, as text to append to its line.
    fn words(&self, next: Next) -> String {
        let Supervision {
            max_restarts: most,
            within,
            ..
        } = self.settings;
        match next {
            Next::Nothing => String::new(),
            Next::Restart { after, count } => {
                let after = format_duration(after);
                format!("; restarting in {after} ({count} of {most})")
            }
            Next::RestartWithSibling => "; restarting with the others".to_owned(),
            Next::Reload => "; reloading".to_owned(),
            Next::Mend => "; starting it again when its component changes".to_owned(),
            Next::GiveUp => {
                let within = format_duration(within);
                format!("; giving up after {most} restarts within {within}")
            }
        }
    }
}

/// The exit code of the process on which the supervisor gave up, else of the first process that failed for good.
pub(super) fn code(outcome: &Outcome) -> u8 {
    let of = |end: &ChildEnd| match end {
        ChildEnd::Exited(status) => outcome::code(status),
        ChildEnd::NotStarted(_) => outcome::FAILED,
    };
    match &outcome.cause {
        // A failure code even if the process returned each time: it was supposed to keep running.
        Cause::GaveUp { end, .. } => of(end).max(outcome::FAILED),
        Cause::Interrupted => outcome::FAILED,
        Cause::Done | Cause::Stopped => {
            let mut codes = outcome.children.iter().map(|(_, end)| of(end));
            codes.find(|code| *code != 0).unwrap_or(0)
        }
    }
}
