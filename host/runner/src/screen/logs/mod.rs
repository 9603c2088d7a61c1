//! Shows the logs of processes on stderr: of those that the command starts, and of all processes that those start.
//!
//! ```text
//! printer  selects the entries and formats them
//! pretty   an entry for people: aligned, in colour on a terminal
//! json     the command's own entries, in the form of the objects on log channels
//! ```
//!
//! Logs go to stderr in both formats, since stdout is for results: the output of a command component, and the return
//! value of an entry point.
//!
//! Invariants:
//! - A guest cannot make its entry look like another entry, or like a line of `weft`.
//! - With `json`, everything that `weft` writes is one object a line too, so that a program can read it.
//! - A loss is reported only if the lines appear nowhere else: lines of a connected stream are not counted.
//! - A process never waits for the screen: entries that come too fast are lost and counted. A task that cannot show its
//!   log yet holds one entry of it.

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
    ExitStatus, Host, Process,
    log::{DROPPED, DROPPED_COPIES, LogEntry, LogLevels, LogPiece, LogStream, Severity},
    process::{CORE_DUMP, CORE_DUMP_MISSING, StartObserver},
};

/// The levels that processes log, if the screen shows these levels. Entries below info are made only if the screen
/// shows them. Info and above are always made, because others read logs too: guests with `log-reader`, `weft logs`, an
/// exporter.
pub(crate) fn kept(shown: &LogLevels) -> LogLevels {
    shown.clone().with_at_least(Severity::Info)
}

/// The scope of the host's own entries.
pub(super) const HOST: &str = "weft";
/// The most entries and bytes that are taken at once: enough that a flood of entries needs few writes, and few enough
/// that the lines of other logs come in between.
const ENTRIES: u32 = 64;
const BYTES: u64 = 64 << 10;
/// The attribute that tells entries about panics and traps apart, and its value for a trap.
const EXCEPTION: &str = "exception.type";
const TRAP: &str = "trap";
/// How the end by a panic begins in words, before its message, and what is said without that.
const PANICKED: &str = "panicked: ";
const PANIC: &str = "panicked";

/// Which entries of a process are shown. The lines of a connected stream already appear on the command's own stream, so
/// they are not shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Streams {
    /// Lines of stdout.
    pub(crate) stdout: bool,
    /// Lines of stderr.
    pub(crate) stderr: bool,
    /// The entry about a trap.
    pub(crate) trap: bool,
}

impl Streams {
    /// For a process without connected streams.
    pub(crate) const SHOWN: Self = Self {
        stdout: true,
        stderr: true,
        trap: true,
    };

    /// For a process with connected streams. With `json`, stderr is not connected, because it would mix with the
    /// objects.
    pub(crate) fn connected(format: LogFormat) -> Self {
        Self {
            stdout: false,
            stderr: format == LogFormat::Json,
            trap: true,
        }
    }

    /// Whether any stream is connected.
    fn are_connected(self) -> bool {
        !(self.stdout && self.stderr)
    }

    /// Whether an entry is a line of a connected stream.
    fn show_elsewhere(self, entry: &LogEntry) -> bool {
        match entry.instrumentation_scope.name.as_str() {
            "stdout" => !self.stdout,
            "stderr" => !self.stderr,
            _ => false,
        }
    }

    /// The entry to show, if any. Copies of lines of a connected stream are subtracted from its count of dropped
    /// entries: they are no loss.
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

/// Shows logs. Clones share the same display.
#[derive(Clone)]
pub(crate) struct Logs {
    shared: Arc<LogsState>,
}

struct LogsState {
    printer: Printer,
    progress: Progress,
    /// Given the name of a process that the command starts.
    streams: Box<dyn Fn(&str) -> Streams + Send + Sync>,
    runtime: Handle,
    /// One task for each log.
    followers: Mutex<JoinSet<()>>,
}

impl Logs {
    /// Shows logs as these options say. `streams` decides for each process that the command itself starts, by its name.
    /// Call it within a runtime.
    pub(crate) fn new(
        args: &LogArgs,
        progress: &Progress,
        streams: impl Fn(&str) -> Streams + Send + Sync + 'static,
    ) -> Self {
        let colour = console::colors_enabled_stderr();
        Self {
            shared: Arc::new(LogsState {
                printer: Printer::new(args.log_format, args.log_level.clone(), colour),
                progress: progress.clone(),
                streams: Box::new(streams),
                runtime: Handle::current(),
                followers: Mutex::default(),
            }),
        }
    }

    /// Shows the log of each process that starts in this host, until the returned observer is dropped.
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

    /// Waits until all entries have been shown. Call it when all processes have ended.
    pub(crate) async fn shown(&self) {
        let mut followers = std::mem::take(&mut *self.followers());
        while followers.join_next().await.is_some() {}
    }

    /// How a process ended, for people. The message of a panic is left out where its log shows it.
    pub(crate) fn how(&self, name: &str, status: String) -> String {
        let LogsState {
            printer, streams, ..
        } = &*self.shared;
        let is_shown = streams(name).trap && printer.wants(name, HOST, Severity::Error);
        match is_shown && say::format() == LogFormat::Pretty && status.starts_with(PANICKED) {
            true => PANIC.to_owned(),
            false => status,
        }
    }

    /// Reports the end of a failed process that the command started. The backtrace of a trap is included, unless the
    /// last entry of the log has shown it; the message of a panic, unless an entry of the log has.
    pub(crate) fn ended(&self, name: &str, status: &ExitStatus) {
        let LogsState {
            printer, progress, ..
        } = &*self.shared;
        let shows_traps = (self.shared.streams)(name).trap;
        if shows_traps && printer.wants(name, HOST, Severity::Error) {
            progress.failed(name, &self.how(name, status.to_string()));
            return;
        }
        let how = match status {
            ExitStatus::Trapped(trap) if trap.panicked && printer.has_told(name, &trap.message) => {
                PANIC.to_owned()
            }
            status => status.to_string(),
        };
        progress.ended(name, &how, status);
    }

    /// Reports the core dump of a process that trapped, if the log entry about the trap is not shown.
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
            // The last entry decides: that is the host's own.
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
async fn show(shared: Arc<LogsState>, mut log: LogStream, streams: Streams) {
    while let Some(first) = log.next().await {
        let first = shared.printer.piece(log.process(), &first, streams);
        let place = match (output::free_permit(), &first) {
            (Some(place), _) => place,
            // Wait for a place only if there is something to show.
            (None, None) => continue,
            (None, Some(_)) => output::permit().await,
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
