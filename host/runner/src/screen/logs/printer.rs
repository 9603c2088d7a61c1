//! Selects the entries that are shown, and formats them.

use super::pretty::Pretty;
use super::{Streams, json};
use crate::cli::LogFormat;
use weft_host::{
    Process,
    log::{LogEntry, LogLevels, LogPiece, LogResource, SPAN_EVENT, Severity},
};

/// Turns the pieces of logs into lines.
pub(crate) struct Printer {
    format: LogFormat,
    levels: LogLevels,
    pretty: Pretty,
}

impl Printer {
    /// A printer for entries of these levels.
    pub(crate) fn new(format: LogFormat, levels: LogLevels, colour: bool) -> Self {
        Self {
            format,
            levels,
            pretty: Pretty::new(colour),
        }
    }

    /// Whether it prints nothing.
    pub(super) fn is_off(&self) -> bool {
        self.format == LogFormat::Off
    }

    /// Whether it prints an entry of this process, target and severity.
    pub(super) fn wants(&self, process: &str, target: &str, severity: Severity) -> bool {
        !self.is_off() && self.levels.enabled(process, target, severity)
    }

    /// Whether it has printed that a guest of this name told of this panic.
    pub(super) fn has_told(&self, name: &str, message: &str) -> bool {
        self.pretty.has_told(name, message)
    }

    /// Aligns later lines to a name of this length.
    pub(crate) fn make_room_for(&self, name: &str) {
        self.pretty.make_room_for(name);
    }

    /// The lines for a piece of a process's log, without a final newline; none if it is not shown.
    pub(super) fn piece(
        &self,
        process: &Process,
        piece: &LogPiece,
        streams: Streams,
    ) -> Option<String> {
        match piece {
            LogPiece::Entry(frame) => {
                let entry = LogEntry::read(&frame.payload, process.resource())?;
                let payload = std::str::from_utf8(&frame.payload).ok()?;
                let entry = streams.shown(entry)?;
                self.entry(&entry, payload)
            }
            LogPiece::Missed(lost) => self.lost(process.resource(), *lost),
        }
    }

    /// The lines of an entry. `text` is what the entry was [read](LogEntry::read) from.
    pub(crate) fn entry(&self, entry: &LogEntry, text: &str) -> Option<String> {
        let name = entry.resource.service_name.as_str();
        let target = entry.instrumentation_scope.name.as_str();
        let least = self.levels.least(name, target)?;
        if Severity::of_number(entry.severity_number) < least {
            return None;
        }
        match self.format {
            LogFormat::Off => None,
            LogFormat::Json => Some(LogEntry::line(text, &entry.resource)),
            LogFormat::Pretty if is_span(entry) && least > Severity::Debug => None,
            LogFormat::Pretty => Some(self.pretty.entry(entry)),
        }
    }

    /// A line that reports how many entries of this process were lost, if its warnings are shown.
    pub(crate) fn lost(&self, process: LogResource, lost: u64) -> Option<String> {
        if !self.wants(&process.service_name, super::HOST, Severity::Warn) {
            return None;
        }
        let plural = if lost == 1 { "entry" } else { "entries" };
        let text = format!("{lost} {plural} lost, they came faster than they could be shown");
        let mut entry = json::own(Severity::Warn, &text);
        entry.resource = process;
        let lost = ("weft.log.lost".to_owned(), lost.to_string());
        match self.format {
            LogFormat::Off => None,
            LogFormat::Pretty => Some(self.pretty.entry(&entry)),
            LogFormat::Json => {
                entry.attributes.extend([lost]);
                Some(entry.to_line())
            }
        }
    }
}

fn is_span(entry: &LogEntry) -> bool {
    entry.event_name.as_deref() == Some(SPAN_EVENT)
}
