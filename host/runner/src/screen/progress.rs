//! The progress of long work: compiling, and the frames of each channel.
//!
//! On a terminal it is a few status lines. Elsewhere it is plain lines, at the start and the end of each piece of work
//! and every few seconds. If [`say`] writes no status messages, it shows nothing.

use super::logs::json;
use super::output::{self, Line};
use super::{paint, say};
use crate::cli::LogFormat;
use crate::setting::size_text;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use weft_channel::Stats;
use weft_host::{
    ExitStatus, Host,
    channel::NamedChannel,
    component::LoadedComponent,
    log::{LogEntry, Severity},
};
use weft_service::Service;

/// The interval of plain lines about channels.
const PLAIN: Duration = Duration::from_secs(5);

/// The attribute with the stack, as OpenTelemetry names it.
const BACKTRACE: &str = "exception.stacktrace";

/// A faster load is not worth a plain line.
const WORTH_A_LINE: Duration = Duration::from_millis(100);

/// The progress display. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Progress {
    terminal: bool,
    watching: Arc<Mutex<Vec<Watching>>>,
    started: Instant,
}

/// Shows one channel, or all of them, until this is dropped.
enum Watching {
    Moving { _shown: output::Shown },
    Plain(JoinHandle<()>),
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Self::Plain(task) = self {
            task.abort();
        }
    }
}

/// A load in progress. Dropping this ends its status line.
pub(crate) struct Shown {
    _line: Option<output::Shown>,
    name: String,
    since: Instant,
}

impl Progress {
    /// Starts the display on stderr.
    pub(crate) fn start() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal() && say::draws(),
            watching: Arc::default(),
            started: Instant::now(),
        }
    }

    /// Shows that a component is being compiled or taken from the cache. Which of the two is known only at the end.
    pub(crate) fn compiling(&self, name: &str) -> Shown {
        let text = format!("compiling {}", super::one_line(name));
        let line = Line {
            name: None,
            text: Box::new(move || text.clone()),
        };
        Shown {
            _line: (self.terminal && say::tells_status()).then(|| output::show(line)),
            name: name.to_owned(),
            since: Instant::now(),
        }
    }

    /// Shows the rates of the host's named channels from now on.
    pub(crate) fn watch(&self, host: &Host, service: &Service) {
        if !say::tells_status() {
            return;
        }
        let channels = host.named_channels();
        let any = !channels.is_empty();
        let rows = channels.into_iter().map(|channel| Row {
            channel,
            rate: Rate::new(Instant::now()),
        });
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        if self.terminal {
            watching.extend(rows.map(Row::show));
        } else if any {
            let telling = tell(self.clone(), rows.collect());
            watching.push(Watching::Plain(service.spawn(telling)));
        }
    }

    /// Prints the totals of the channels.
    /// `unread` tells how many frames of a channel nobody could read.
    pub(crate) fn summary(&self, host: &Host, unread: &HashMap<String, u64>) {
        let seconds = self.started.elapsed().as_secs_f64();
        for channel in host.named_channels() {
            let (name, stats) = (&channel.name, stats(&channel));
            let dropped = match stats.frames_dropped {
                0 => String::new(),
                dropped => format!(", {dropped} dropped"),
            };
            let written = stats.frames_written;
            let unread = match unread.get(name) {
                None | Some(0) => String::new(),
                Some(frames) => format!(", {frames} that nobody could read"),
            };
            self.say(&format!(
                "channel {name}: {written} frames{dropped}{unread}"
            ));
        }
        self.say(&format!("done in {seconds:.2} s"));
    }

    /// A line about the run.
    pub(crate) fn say(&self, text: &str) {
        say::status(text);
    }

    /// Reports how a failed process ended, with the backtrace of a trap.
    pub(crate) fn ended(&self, name: &str, how: &str, status: &ExitStatus) {
        match say::format() {
            LogFormat::Json => {
                let mut entry = failure(name, &status.to_string());
                if let ExitStatus::Trapped(trap) = status {
                    let backtrace = trap.backtrace.join("\n");
                    entry.attributes.insert(BACKTRACE.to_owned(), backtrace);
                }
                say::entry(&entry);
            }
            LogFormat::Pretty | LogFormat::Off => paint::ended(name, how, status),
        }
    }

    /// Reports how a process failed.
    pub(crate) fn failed(&self, name: &str, how: &str) {
        match say::format() {
            LogFormat::Json => say::entry(&failure(name, how)),
            LogFormat::Pretty | LogFormat::Off => paint::failed(name, how),
        }
    }

    /// Removes all status lines.
    pub(crate) fn finish(&self) {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        watching.clear();
    }
}

/// The statistics of a channel; zero once nobody holds a handle of it.
fn stats(channel: &NamedChannel) -> Stats {
    channel.observer.observe().unwrap_or_default().stats
}

fn failure(name: &str, how: &str) -> LogEntry {
    json::own(Severity::Error, &format!("process `{name}` {how}"))
}

/// Reports the channels in plain lines, periodically. A channel without new frames is left out.
async fn tell(progress: Progress, mut rows: Vec<Row>) {
    let mut clock = tokio::time::interval(PLAIN);
    // After a pause of the whole command, print one line and not one for each missed tick.
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock.tick().await;
    loop {
        clock.tick().await;
        for row in &mut rows {
            if row.has_changed() {
                let text = row.advance();
                progress.say(&format!("{}: {text}", row.channel.name));
            }
        }
    }
}

struct Row {
    channel: NamedChannel,
    rate: Rate,
}

/// The last observation of a channel.
struct Rate {
    seen: Stats,
    since: Instant,
}

impl Row {
    fn show(mut self) -> Watching {
        let name = Some(self.channel.name.clone());
        let text = Box::new(move || self.advance());
        Watching::Moving {
            _shown: output::show(Line { name, text }),
        }
    }

    /// None once nobody holds a handle of the channel.
    fn now(&self) -> Option<Stats> {
        self.channel.observer.observe().map(|seen| seen.stats)
    }

    fn has_changed(&self) -> bool {
        let now = self.now();
        now.is_some_and(|now| now.frames_written != self.rate.seen.frames_written)
    }

    fn advance(&mut self) -> String {
        self.rate.advance(self.now(), Instant::now())
    }
}

impl Rate {
    fn new(since: Instant) -> Self {
        Self {
            seen: Stats::default(),
            since,
        }
    }

    /// The channel's current state, with its rate since the last call. A channel that is gone keeps its last state.
    fn advance(&mut self, stats: Option<Stats>, now: Instant) -> String {
        let stats = stats.unwrap_or(Stats {
            bytes_held: 0,
            ..self.seen
        });
        let frames = stats
            .frames_written
            .saturating_sub(self.seen.frames_written);
        let rate = match now.saturating_duration_since(self.since).as_secs_f64() {
            0.0 => 0.0,
            seconds => frames as f64 / seconds,
        };
        (self.seen, self.since) = (stats, now);
        format!(
            "{:>10} frames {rate:>10.0}/s {:>10} held",
            stats.frames_written,
            size_text(stats.bytes_held)
        )
    }
}

impl Shown {
    /// Reports how long the load took, if that was long, and whether the component was compiled or cached.
    pub(crate) fn done(self, component: &LoadedComponent) {
        let Self { _line, name, since } = self;
        drop(_line);
        let took = since.elapsed();
        if took < WORTH_A_LINE {
            return;
        }
        let took = took.as_secs_f64();
        say::status(&match component.is_from_cache() {
            true => format!("{name} came from the cache in {took:.1} s"),
            false => format!("compiled {name} in {took:.1} s"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_is_gone_stays_as_it_was_and_moves_no_more() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        let seen = Stats {
            frames_written: 10,
            bytes_held: 5,
            ..Stats::default()
        };
        let after = |seconds| start + Duration::from_secs(seconds);
        let text = rate.advance(Some(seen), after(2));
        assert!(
            text.contains("10 frames") && text.contains(" 5/s"),
            "{text}"
        );
        let text = rate.advance(None, after(4));
        assert!(
            text.contains("10 frames") && text.contains(" 0/s"),
            "{text}"
        );
    }
}
