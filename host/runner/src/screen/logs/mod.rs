//! The logs of processes on stderr: of those that the command starts and of all that these start.
//!
//! ```text
//! printer  which entries are shown, and in which of the formats
//! pretty   an entry for people: aligned, in colour on a terminal
//! json     an entry of the command's own, as the objects on log channels
//! ```
//!
//! They go to stderr in both formats, since stdout is for results: what a command component prints, and
//! what an entry point returns.
//!
//! Invariants:
//! - No entry is shown that a guest could have dressed up as another, or as a line of `weft`.
//! - With `json`, all that `weft` says is one object a line too, so that a program can read it.
//! - Only what stands nowhere else is told as lost: not lines of a stream that is connected.
//! - A process never waits for the screen: what comes too fast is lost and counted. Whoever follows a log that cannot be shown holds one
//!   entry of it.

pub(crate) mod json;
mod pretty;
mod printer;

pub(crate) use printer::Printer;

use super::progress::Progress;
use super::{output, say};
use crate::cli::{LogArgs, LogFormat};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use weft_host::{
    CORE_DUMP, CORE_DUMP_MISSING, DROPPED, DROPPED_COPIES, ExitStatus, Host, LogEntry, LogLevels,
    LogPiece, LogStream, Process, Severity, StartObserver,
};

/// Which levels there are to be in logs that are shown with these levels. What is less than info is made only where somebody
/// wants to see it. Info and above always is, as others read logs too: guests with `log-reader`, `weft logs`, an exporter.
pub(crate) fn kept(shown: &LogLevels) -> LogLevels {
    shown.clone().with_at_least(Severity::Info)
}

/// The scope of entries that the host itself writes.
pub(super) const HOST: &str = "weft";
/// Entries and bytes that are taken at once, so that a flood is written with few writes and the lines of
/// others come in between.
const ENTRIES: u32 = 64;
const BYTES: u64 = 64 << 10;
/// The attribute by which those about panics and traps are told apart, and its value for the latter.
const EXCEPTION: &str = "exception.type";
const TRAP: &str = "trap";

/// Which entries of a process are shown that people may see elsewhere too. Lines of a stream that is
/// connected to the command's own are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Streams {
    /// Lines of stdout.
    pub(crate) stdout: bool,
    /// Lines of stderr.
    pub(crate) stderr: bool,
    /// How it trapped.
    pub(crate) trap: bool,
}

impl Streams {
    /// Those of a process whose streams are connected to nothing.
    pub(crate) const SHOWN: Self = Self {
        stdout: true,
        stderr: true,
        trap: true,
    };

    /// Those of a process with stdin, stdout and, unless it would get between entries for programs, stderr.
    pub(crate) fn connected(format: LogFormat) -> Self {
        Self {
            stdout: false,
            stderr: format == LogFormat::Json,
            trap: true,
        }
    }

    /// Whether any lines stand elsewhere.
    fn are_connected(self) -> bool {
        !(self.stdout && self.stderr)
    }

    /// Whether an entry is a line that stands elsewhere.
    fn show_elsewhere(self, entry: &LogEntry) -> bool {
        match entry.instrumentation_scope.name.as_str() {
            "stdout" => !self.stdout,
            "stderr" => !self.stderr,
            _ => false,
        }
    }

    /// An entry as it is shown, if it is. Of what was dropped before it, copies of lines that stand elsewhere are no loss.
    fn shown(self, mut entry: LogEntry) -> Option<LogEntry> {
        if !self.show(&entry) {
            return None;
        }
        let count = |name| entry.attributes.get(name)?.parse::<u64>().ok();
        if self.are_connected()
            && let (Some(dropped), Some(copies)) = (count(DROPPED), count(DROPPED_COPIES))
        {
            entry.attributes.remove(DROPPED_COPIES);
            match dropped.saturating_sub(copies) {
                0 if entry.event_name.as_deref() == Some(DROPPED) => return None,
                0 => entry.attributes.remove(DROPPED),
                lost => entry
                    .attributes
                    .insert(DROPPED.to_owned(), lost.to_string()),
            };
        }
        Some(entry)
    }

    fn show(self, entry: &LogEntry) -> bool {
        if self.show_elsewhere(entry) {
            return false;
        }
        match entry.instrumentation_scope.name.as_str() {
            HOST if entry
                .attributes
                .get(EXCEPTION)
                .is_some_and(|kind| kind == TRAP) =>
            {
                self.trap
            }
            _ => true,
        }
    }
}

/// Shows logs. A clone shows the same ones.
#[derive(Clone)]
pub(crate) struct Logs {
    shared: Arc<Shared>,
}

struct Shared {
    printer: Printer,
    progress: Progress,
    /// Of those that the command starts.
    streams: Box<dyn Fn(&str) -> Streams + Send + Sync>,
    runtime: Handle,
    /// A task for each log.
    followers: Mutex<JoinSet<()>>,
}

impl Logs {
    /// Shows logs as these options say. `streams` tells of the processes that the command itself starts, by
    /// their names. Called within a runtime.
    pub(crate) fn new(
        args: &LogArgs,
        progress: &Progress,
        streams: impl Fn(&str) -> Streams + Send + Sync + 'static,
    ) -> Self {
        let colour = console::colors_enabled_stderr();
        Self {
            shared: Arc::new(Shared {
                printer: Printer::new(args.log_format, args.log_level.clone(), colour),
                progress: progress.clone(),
                streams: Box::new(streams),
                runtime: Handle::current(),
                followers: Mutex::default(),
            }),
        }
    }

    /// Shows the log of each process that starts in this host for as long as what is returned is held.
    #[must_use]
    pub(crate) fn watch(&self, host: &Host) -> Option<StartObserver> {
        if self.shared.printer.is_off() {
            return None;
        }
        let logs = self.clone();
        Some(host.observe_starts(move |process| logs.follow(process)))
    }

    fn follow(&self, process: &Process) {
        let shared = self.shared.clone();
        shared.printer.make_room_for(process.name());
        let streams = match process.starter() {
            Some(_) => Streams::SHOWN,
            None => (shared.streams)(process.name()),
        };
        let mut log = process.log_stream();
        if streams.are_connected() {
            let resource = process.resource();
            log = log.with_copies(move |frame| {
                let entry = LogEntry::read(&frame.payload, resource.clone());
                entry.is_some_and(|entry| streams.show_elsewhere(&entry))
            });
        }
        let mut followers = self.followers();
        while followers.try_join_next().is_some() {}
        followers.spawn_on(show(shared.clone(), log, streams), &shared.runtime);
    }

    /// Waits until all that was logged has been shown. To be called when all processes have ended.
    pub(crate) async fn shown(&self) {
        let mut followers = std::mem::take(&mut *self.followers());
        while followers.join_next().await.is_some() {}
    }

    /// Says how a process that the command started ended when it failed: with the backtrace of a trap, unless
    /// the last entry in its log has shown that.
    pub(crate) fn ended(&self, name: &str, status: &ExitStatus) {
        let Shared {
            printer, progress, ..
        } = &*self.shared;
        let shows_traps = (self.shared.streams)(name).trap;
        if shows_traps && printer.wants(name, HOST, Severity::Error) {
            progress.failed(name, &status.to_string());
        } else {
            progress.ended(name, status);
        }
    }

    /// Says what became of the core dump of a process that trapped, where its last entry is not shown that tells it.
    pub(crate) async fn dumped(&self, process: &Process, folder: &Path) {
        if (self.shared.streams)(process.name()).trap {
            return;
        }
        let mut log = process.log_stream().now();
        let mut told = None;
        while let Some(piece) = log.next().await {
            let LogPiece::Entry(frame) = piece else {
                continue;
            };
            let entry = LogEntry::read(&frame.payload, process.resource());
            // Only the host's is the last.
            told = entry.as_ref().and_then(|entry| dump_text(entry, folder));
        }
        if let Some(told) = told {
            say::told(&told);
        }
    }

    fn followers(&self) -> MutexGuard<'_, JoinSet<()>> {
        let followers = &self.shared.followers;
        followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an entry says about a core dump in this folder, if anything.
fn dump_text(entry: &LogEntry, folder: &Path) -> Option<String> {
    let attribute = |name| entry.attributes.get(name);
    match (attribute(CORE_DUMP), attribute(CORE_DUMP_MISSING)) {
        (Some(file), _) => Some(format!("core dump: {}", folder.join(file).display())),
        (None, Some(reason)) => Some(format!("no core dump: {reason}")),
        (None, None) => None,
    }
}

/// Shows one log to its end.
async fn show(shared: Arc<Shared>, mut log: LogStream, streams: Streams) {
    while let Some(first) = log.next().await {
        let first = shared.printer.piece(log.process(), &first, streams);
        let place = match (output::free_place(), &first) {
            (Some(place), _) => place,
            // Only what is shown waits for its turn.
            (None, None) => continue,
            (None, Some(_)) => output::place().await,
        };
        let more = log.more(ENTRIES, BYTES);
        let more = more
            .iter()
            .filter_map(|piece| shared.printer.piece(log.process(), piece, streams));
        let lines: Vec<String> = first.into_iter().chain(more).collect();
        if !lines.is_empty() {
            output::entries(lines.join("\n"), place);
        }
    }
}
