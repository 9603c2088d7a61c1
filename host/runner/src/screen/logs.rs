//! The logs of processes, as lines on stderr.

use super::paint;
use super::progress::Progress;
use console::style;
use std::fmt::Write;
use tokio::task::JoinHandle;
use weft_channel::ReadError;
use weft_host::{LogEntry, Process};

/// Width that process names are padded to.
const NAME_WIDTH: usize = 10;

/// The scope of entries that the host itself writes, and the attribute by which it
/// names a capability that was missing.
const HOST_SCOPE: &str = "weft";
const CAPABILITY: &str = "weft.capability";

/// What happens to entries that are lines of stdout and stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streams {
    /// They are shown.
    Show,
    /// They are not: the streams themselves are on the terminal.
    Skip,
}

/// Shows the log of a process until it ends.
pub(crate) fn follow(process: &Process, progress: &Progress, streams: Streams) -> JoinHandle<()> {
    let mut channel = process.log_channel();
    let mut reader = channel.weak_reader();
    let process = process.clone();
    let (id, name) = (process.id(), process.name().to_owned());
    let progress = progress.clone();
    tokio::spawn(async move {
        loop {
            match reader.read().await {
                Ok(Some(frame)) => {
                    let Ok(entry) = serde_json::from_slice::<LogEntry>(&frame.payload) else {
                        continue;
                    };
                    let scope = entry.instrumentation_scope.name.as_str();
                    if streams == Streams::Skip && matches!(scope, "stdout" | "stderr") {
                        continue;
                    }
                    progress.line(&line(id, &name, &entry));
                }
                Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => {
                    // The process may have put a channel of its own in its place.
                    let now = process.log_channel();
                    if now.same_channel(&channel) {
                        return;
                    }
                    channel = now;
                    reader = channel.weak_reader();
                }
                Err(ReadError::Lagged(lost)) => {
                    progress.line(&format!(
                        "{name}: {lost} log entries lost, it writes too fast"
                    ));
                }
            }
        }
    })
}

/// An entry in the log of this process, as it is shown.
pub(crate) fn line(id: u64, name: &str, entry: &LogEntry) -> String {
    let level = style(format!("{:5}", entry.severity_text)).for_stderr();
    let level = match entry.severity_number {
        17.. => level.red(),
        13.. => level.yellow(),
        9.. => level.green(),
        _ => level.dim(),
    };
    let name = super::one_line(name);
    // A second line of a message must not look like an entry of its own.
    let indent = format!("\n{:NAME_WIDTH$}     | ", "");
    let body = super::plain(&entry.body).replace('\n', &indent);
    let name = paint::of_process(id).apply_to(format!("{name:NAME_WIDTH$}"));
    let mut line = format!("{name} {level} {body}");
    for (key, value) in &entry.attributes {
        let attribute = super::one_line(&format!("{key}={value}"));
        let _ = write!(line, " {}", style(attribute).dim().for_stderr());
    }
    if let Some(name) = entry.attributes.get(CAPABILITY)
        && entry.instrumentation_scope.name == HOST_SCOPE
    {
        // Names are granted by prefix.
        let prefix = if name.starts_with("registry-") {
            "=PREFIX"
        } else {
            ""
        };
        let _ = write!(
            line,
            " (weft run: --grant {name}{prefix}; a manifest: capabilities)"
        );
    }
    line
}
