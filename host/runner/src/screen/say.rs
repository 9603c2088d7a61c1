//! The command's own messages on stderr, beside the logs of processes: status, warnings and errors.
//!
//! `logs` shows the entries of logs, and `output` writes the lines.
//!
//! Invariants:
//! - Every message goes through here, so it has the chosen format: with `json` each line is one object.
//! - Status messages can be silenced: by `--log-format off`, and by a level above info for the target `weft`. Warnings
//!   can be silenced by a level. Answers to what the user asked for, and errors, are always written.

use super::logs::{HOST, json};
use super::{one_line, output, plain};
use crate::cli::{LogArgs, LogFormat, ShowProgress};
use console::style;
use std::sync::OnceLock;
use weft_host::log::{LogEntry, LogLevels, Severity};

/// How messages are written.
#[derive(Debug, Default)]
struct Manner {
    format: LogFormat,
    levels: LogLevels,
    progress: ShowProgress,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Sets the format and the levels. Call it once, before the first message.
pub(crate) fn begin(args: &LogArgs) {
    let _ = MANNER.set(Manner {
        format: args.log_format,
        levels: args.log_level.clone(),
        progress: args.progress,
    });
}

/// Sets the format to JSON, when the command line could not be parsed.
pub(crate) fn begin_json() {
    let _ = MANNER.set(Manner {
        format: LogFormat::Json,
        ..Manner::default()
    });
}

fn manner() -> &'static Manner {
    MANNER.get_or_init(Manner::default)
}

/// The chosen format.
pub(crate) fn format() -> LogFormat {
    manner().format
}

/// Whether status messages are written.
pub(crate) fn tells_status() -> bool {
    let shown = format() != LogFormat::Off && manner().progress != ShowProgress::Off;
    shown && wants(Severity::Info)
}

/// Whether progress is drawn on a terminal, where stderr is one.
pub(crate) fn draws() -> bool {
    // A status line cannot be a JSON object.
    format() != LogFormat::Json && manner().progress == ShowProgress::Auto
}

fn wants(severity: Severity) -> bool {
    manner().levels.enabled(HOST, HOST, severity)
}

/// Writes a status message.
pub(crate) fn status(text: &str) {
    if tells_status() {
        told(text);
    }
}

/// Writes a message that the user asked for.
pub(crate) fn told(text: &str) {
    if format() == LogFormat::Json {
        return object(Severity::Info, text);
    }
    let line = style(one_line(text)).dim().for_stderr();
    output::note(&line.to_string());
}

/// Writes a warning.
pub(crate) fn warning(text: &str) {
    if wants(Severity::Warn) {
        output::note(&line(Severity::Warn, text));
    }
}

/// Writes why the command, or a part of it, fails.
pub(crate) fn error(text: &str) {
    if format() == LogFormat::Json {
        return object(Severity::Error, text);
    }
    output::note(&format!(
        "{} {}",
        style("error:").red().bold().for_stderr(),
        plain(text)
    ));
}

/// Writes a trace event. It is not filtered here: the user asked for it.
pub(crate) fn traced(severity: Severity, text: &str) {
    match format() {
        LogFormat::Json => object(severity, text),
        LogFormat::Pretty | LogFormat::Off => output::note(text),
    }
}

/// Writes an entry of the command's own as JSON.
pub(crate) fn entry(entry: &LogEntry) {
    output::note(&entry.to_line());
}

/// The line that reports missing lines at their place.
pub(crate) fn missing(lines: u64) -> String {
    let (plural, verb) = if lines == 1 { ("", "is") } else { ("s", "are") };
    let text = format!("{lines} line{plural} {verb} missing here, as nobody took them in time");
    line(Severity::Warn, &text)
}

/// A message as one line of text. Its first word is the severity.
fn line(severity: Severity, text: &str) -> String {
    if format() == LogFormat::Json {
        return json::own(severity, text).to_line();
    }
    let word = match severity {
        Severity::Error => "error",
        _ => "warning",
    };
    format!("{word}: {}", plain(text))
}

fn object(severity: Severity, text: &str) {
    entry(&json::own(severity, text));
}
