//! Progress of long work: compiling, and the frames of each channel.
//!
//! On a terminal it is a few lines that move; elsewhere plain lines, at the start
//! and the end of each piece of work and every few seconds.

use super::logs::json;
use super::paint;
use crate::cli::LogFormat;
use crate::setting::size_text;
use console::Term;
use indexmap::IndexMap;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use weft_channel::Channel;
use weft_host::{ExitStatus, LogEntry, Severity};

/// How often the moving lines are drawn anew.
const REDRAW: Duration = Duration::from_millis(200);

/// How often plain lines tell of the channels.
const PLAIN: Duration = Duration::from_secs(5);

/// The attribute with the functions on the stack, as OpenTelemetry names it.
const BACKTRACE: &str = "exception.stacktrace";

/// A compilation faster than this came from the cache and is not worth a plain line.
const WORTH_A_LINE: Duration = Duration::from_millis(100);

/// The progress display. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Progress {
    bars: MultiProgress,
    terminal: bool,
    format: LogFormat,
    watcher: Arc<Mutex<Option<JoinHandle<()>>>>,
    started: Instant,
}

/// A piece of work that is shown until this is dropped.
pub(crate) struct Shown<'a> {
    progress: &'a Progress,
    bar: ProgressBar,
    name: String,
    since: Instant,
}

impl Progress {
    /// Starts the display on stderr. Where logs are for programs, what is said is too.
    pub(crate) fn start(format: LogFormat) -> Self {
        Self {
            bars: MultiProgress::new(),
            terminal: Term::stderr().is_term(),
            format,
            watcher: Arc::default(),
            started: Instant::now(),
        }
    }

    /// Shows that a component is being compiled.
    pub(crate) fn compiling(&self, name: &str) -> Shown<'_> {
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.set_message(format!("compiling {name}"));
        bar.enable_steady_tick(REDRAW);
        Shown {
            progress: self,
            bar,
            name: name.to_owned(),
            since: Instant::now(),
        }
    }

    /// Shows the rates of these channels from now on.
    pub(crate) fn watch(&self, channels: &IndexMap<String, Channel>) {
        if channels.is_empty() {
            return;
        }
        let mut rows: Vec<Row> = channels
            .iter()
            .map(|(name, channel)| {
                let bar = self.bars.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:12} {msg}") {
                    bar.set_style(style);
                }
                bar.set_prefix(super::one_line(name));
                Row {
                    name: name.clone(),
                    channel: channel.clone(),
                    bar,
                    written: 0,
                }
            })
            .collect();
        let (terminal, progress) = (self.terminal, self.clone());
        let period = if terminal { REDRAW } else { PLAIN };
        let task = tokio::spawn(async move {
            let mut clock = tokio::time::interval(period);
            clock.tick().await;
            loop {
                clock.tick().await;
                for row in &mut rows {
                    let text = row.advance(period);
                    if terminal {
                        row.bar.set_message(text);
                        row.bar.tick();
                    } else {
                        progress.say(&format!("{}: {text}", row.name));
                    }
                }
            }
        });
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// Says what became of the channels.
    pub(crate) fn summary(&self, channels: &IndexMap<String, Channel>) {
        let seconds = self.started.elapsed().as_secs_f64();
        for (name, channel) in channels {
            let stats = channel.stats();
            let dropped = match stats.frames_dropped {
                0 => String::new(),
                dropped => format!(", {dropped} dropped"),
            };
            self.say(&format!(
                "channel {name}: {} frames{dropped}",
                stats.frames_written
            ));
        }
        self.say(&format!("done in {seconds:.2} s"));
    }

    /// A line about the run.
    pub(crate) fn say(&self, text: &str) {
        if self.format == LogFormat::Json {
            return self.line(&json::text(&json::own(Severity::Info, text)));
        }
        self.line(
            &console::style(super::one_line(text))
                .dim()
                .for_stderr()
                .to_string(),
        );
    }

    /// Says how a process ended that failed, with the backtrace of a trap.
    pub(crate) fn ended(&self, name: &str, status: &ExitStatus) {
        match self.format {
            LogFormat::Json => {
                let mut entry = failure(name, &status.to_string());
                if let ExitStatus::Trapped(trap) = status {
                    let backtrace = trap.backtrace.join("\n");
                    entry.attributes.insert(BACKTRACE.to_owned(), backtrace);
                }
                self.line(&json::text(&entry));
            }
            LogFormat::Pretty | LogFormat::Off => paint::ended(name, status),
        }
    }

    /// Says what a process failed at.
    pub(crate) fn failed(&self, name: &str, how: &str) {
        match self.format {
            LogFormat::Json => self.line(&json::text(&failure(name, how))),
            LogFormat::Pretty | LogFormat::Off => paint::failed(name, how),
        }
    }

    /// A line on stderr, above what moves.
    pub(crate) fn line(&self, text: &str) {
        self.beside(|| super::note(text));
    }

    /// Writes something while nothing moves.
    pub(crate) fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bars.suspend(write)
    }

    /// Takes everything that moves away.
    pub(crate) fn finish(&self) {
        let task = self
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task {
            task.abort();
        }
        let _ = self.bars.clear();
    }
}

fn failure(name: &str, how: &str) -> LogEntry {
    json::own(Severity::Error, &format!("process `{name}` {how}"))
}

struct Row {
    name: String,
    channel: Channel,
    bar: ProgressBar,
    written: u64,
}

impl Row {
    fn advance(&mut self, period: Duration) -> String {
        let stats = self.channel.stats();
        let rate = (stats.frames_written - self.written) as f64 / period.as_secs_f64();
        self.written = stats.frames_written;
        format!(
            "{:>10} frames {rate:>10.0}/s {:>10} held",
            stats.frames_written,
            size_text(stats.bytes_held)
        )
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.progress.bars.remove(&self.bar);
        let took = self.since.elapsed();
        if took >= WORTH_A_LINE {
            let name = &self.name;
            self.progress
                .say(&format!("compiled {name} in {:.1} s", took.as_secs_f64()));
        }
    }
}
