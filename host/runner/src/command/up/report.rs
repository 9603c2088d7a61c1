//! The starts and ends of processes on the screen, and as an exit code.

use crate::manifest::{Manifest, StdioEntry};
use crate::outcome;
use crate::screen::{logs, paint, progress::Progress};
use humantime::format_duration;
use indexmap::IndexMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use weft_host::{Cause, ChildEnd, Event, Next, Outcome, Process, Supervision};

/// Prints what a supervisor tells.
pub(super) struct Report {
    shared: Arc<Shared>,
}

struct Shared {
    progress: Progress,
    /// In the order of the manifest.
    streams: IndexMap<String, logs::Streams>,
    settings: Supervision,
    /// Those who show the logs of processes; ended ones are let go.
    followers: Mutex<Vec<JoinHandle<()>>>,
}

impl Report {
    pub(super) fn new(manifest: &Manifest, settings: &Supervision, progress: &Progress) -> Self {
        let streams = |stdio| match stdio {
            StdioEntry::Inherit => logs::Streams::Skip,
            StdioEntry::Log => logs::Streams::Show,
        };
        let processes = manifest.processes.iter();
        Self {
            shared: Arc::new(Shared {
                progress: progress.clone(),
                streams: processes
                    .map(|(name, process)| (name.clone(), streams(process.stdio)))
                    .collect(),
                settings: settings.clone(),
                followers: Mutex::default(),
            }),
        }
    }

    /// What the supervisor is to tell.
    pub(super) fn observer(&self) -> impl FnMut(Event<'_>) + Send + 'static {
        let shared = self.shared.clone();
        move |event| match event {
            Event::Started { process, .. } => shared.follow(process),
            Event::Ended { child, end, next } => {
                let next = shared.words(next);
                shared.progress.say(&format!("{child} {end}{next}"));
            }
        }
    }

    /// Waits until all logs have been shown.
    pub(super) async fn shown(&self) {
        let followers = std::mem::take(&mut *self.shared.followers());
        for follower in followers {
            let _ = follower.await;
        }
    }

    /// Prints how those ended that failed for good.
    pub(super) fn failures(&self, outcome: &Outcome) {
        for name in self.shared.streams.keys() {
            let ended = outcome.children.iter().find(|(child, _)| child == name);
            match ended {
                Some((_, ChildEnd::Exited(status))) if !status.is_success() => {
                    paint::ended(name, status);
                }
                Some((_, end @ ChildEnd::NotStarted(_))) => paint::failed(name, &end.to_string()),
                _ => {}
            }
        }
    }
}

impl Shared {
    fn follow(&self, process: &Process) {
        let streams = self.streams.get(process.name()).copied();
        let streams = streams.unwrap_or(logs::Streams::Show);
        let follower = logs::follow(process, &self.progress, streams);
        let mut followers = self.followers();
        followers.retain(|follower| !follower.is_finished());
        followers.push(follower);
    }

    fn followers(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes of an end, as it is said behind it.
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
            Next::GiveUp => {
                let within = format_duration(within);
                format!("; giving up after {most} restarts within {within}")
            }
        }
    }
}

/// The exit code: of the process that was given up on, else of the first that failed for good.
pub(super) fn code(outcome: &Outcome) -> u8 {
    let of = |end: &ChildEnd| match end {
        ChildEnd::Exited(status) => outcome::code(status),
        ChildEnd::NotStarted(_) => outcome::FAILED,
    };
    match &outcome.cause {
        // Of one that returned again and again too: that is not what it was to do.
        Cause::GaveUp { end, .. } => of(end).max(outcome::FAILED),
        Cause::Interrupted => outcome::FAILED,
        Cause::Done | Cause::Stopped => {
            let mut codes = outcome.children.iter().map(|(_, end)| of(end));
            codes.find(|code| *code != 0).unwrap_or(0)
        }
    }
}
