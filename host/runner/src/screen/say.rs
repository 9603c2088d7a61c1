//! What the command says of itself on stderr, beside the logs of processes: how far it is, what is odd, what failed.
//!
//! Not the entries of logs, which are `logs`, and not where lines are written, which is `output`.
//!
//! Invariants:
//! - Everything said goes through here, so it is in the format that was chosen: with `json` each line is one object.
//! - How far the command is can be silenced: by `--log-format off`, and by a level above info for the target `weft`. Warnings can
//!   be by a level. What was asked for, and why the command fails, is always said.

use super::logs::{HOST, json};
use super::{one_line, output, plain};
use crate::cli::{LogArgs, LogFormat};
use console::style;
use std::sync::OnceLock;
use weft_host::{LogEntry, LogLevels, Severity};

/// How things are said.
#[derive(Debug, Default)]
struct Manner {
    format: LogFormat,
    levels: LogLevels,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Says everything as these options want it, from now on. Called once, before anything is said.
pub(crate) fn begin(args: &LogArgs) {
    let _ = MANNER.set(Manner {
        format: args.log_format,
        levels: args.log_level.clone(),
    });
}

/// Says everything as JSON. For what was typed so that it could not be read to the end.
pub(crate) fn begin_json() {
    let _ = MANNER.set(Manner {
        format: LogFormat::Json,
        ..Manner::default()
    });
}

fn manner() -> &'static Manner {
    MANNER.get_or_init(Manner::default)
}

/// The format that was chosen.
pub(crate) fn format() -> LogFormat {
    manner().format
}

/// Whether people are told how far the command is.
pub(crate) fn tells_status() -> bool {
    format() != LogFormat::Off && wants(Severity::Info)
}

fn wants(severity: Severity) -> bool {
    manner().levels.enabled(HOST, HOST, severity)
}

/// Says how far the command is.
pub(crate) fn status(text: &str) {
    if tells_status() {
        told(text);
    }
}

/// Says what somebody has asked for.
pub(crate) fn told(text: &str) {
    if format() == LogFormat::Json {
        return object(Severity::Info, text);
    }
    let line = style(one_line(text)).dim().for_stderr();
    output::note(&line.to_string());
}

/// Says what is odd.
pub(crate) fn warning(text: &str) {
    if wants(Severity::Warn) {
        output::note(&line(Severity::Warn, text));
    }
}

/// Says why the command, or a part of it, fails.
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

/// Says what a library has traced, if anything: it has been asked for.
pub(crate) fn traced(severity: Severity, text: &str) {
    match format() {
        LogFormat::Json => object(severity, text),
        LogFormat::Pretty | LogFormat::Off => output::note(text),
    }
}

/// Says an entry of the command's own. For programs.
pub(crate) fn entry(entry: &LogEntry) {
    output::note(&entry.to_line());
}

/// Lines that are missing, in the place where they would be.
pub(crate) fn missing(lines: u64) -> String {
    let (plural, verb) = if lines == 1 { ("", "is") } else { ("s", "are") };
    let text = format!("{lines} line{plural} {verb} missing here, as nobody took them in time");
    line(Severity::Warn, &text)
}

/// A line as it is written, of a severity that people see in its first word.
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
