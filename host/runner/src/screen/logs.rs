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
    let reader = process.log();
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
                Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => return,
                Err(ReadError::Lagged(lost)) => {
                    progress.line(&format!(
                        "{name}: {lost} log entries lost, it writes too fast"
                    ));
                }
            }
        }
    })
}

fn line(id: u64, name: &str, entry: &LogEntry) -> String {
    let level = style(format!("{:5}", entry.severity_text)).for_stderr();
    let level = match entry.severity_number {
        17.. => level.red(),
        13.. => level.yellow(),
        9.. => level.green(),
        _ => level.dim(),
    };
    let name = paint::of_process(id).apply_to(format!("{name:NAME_WIDTH$}"));
    let mut line = format!("{name} {level} {}", entry.body);
    for (key, value) in &entry.attributes {
        let _ = write!(
            line,
            " {}",
            style(format!("{key}={value}")).dim().for_stderr()
        );
    }
    line
}
